import type { GenerationRequest } from '../../src/adapters/llm/provider.ts';
import { COMPLETE_CONTEXT } from './factories.ts';

/** A question for one atom of Python with nothing special about it. */
export function generationRequest(more: Partial<GenerationRequest> = {}): GenerationRequest {
  return {
    atom: {
      name: 'x',
      description: 'The number one.',
      filePath: 'app/x.py',
      language: 'python',
      role: 'declaration',
      symbolPath: 'x',
      context: COMPLETE_CONTEXT,
      draft: new Uint8Array(),
    },
    attempt: 1,
    temperature: 0.7,
    seed: 1,
    before: '',
    after: '',
    dependencies: [],
    findings: [],
    feedback: null,
    ...more,
  };
}
