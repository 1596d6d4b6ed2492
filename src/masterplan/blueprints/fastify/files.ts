/** How the files of the Fastify back end are listed. */
import type { GeneratedFile } from '../generated-file.ts';

type Milestone = GeneratedFile['milestone'];

/** Makes entries of one milestone; `path` is inside the back end. */
export function filesOf(milestone: Milestone) {
  return (path: string, content: string, purpose: string, taskType = 'code'): GeneratedFile => ({
    path: `backend/${path}`,
    content,
    purpose,
    milestone,
    taskType,
  });
}
