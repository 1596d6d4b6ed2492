/** Entry of the rendering thread: fills and formats a blueprint, off the event loop of the program. */
import { parentPort } from 'node:worker_threads';
import { planWeb } from './web-project/blueprint.ts';
import { planPythonCli } from './python-cli/blueprint.ts';
import { planTypescriptLibrary } from './typescript-library/blueprint.ts';
import type { BlueprintId } from './model.ts';
import type { Plan } from '../../domain/index.ts';
import type { Understanding } from './request/understand.ts';
import type { RenderJob, RenderReply } from './renderer.ts';

if (parentPort === null) throw new Error('render-thread is started as a worker thread');
const port = parentPort;

/** How each blueprint makes its plan. */
const PLANS: Readonly<Record<BlueprintId, (understanding: Understanding) => Promise<Plan>>> = {
  fastapi: planWeb,
  flask: planWeb,
  fastify: planWeb,
  'python-cli': planPythonCli,
  'typescript-library': planTypescriptLibrary,
};

async function render({ id, understanding }: RenderJob): Promise<RenderReply> {
  try {
    return { id, plan: await PLANS[understanding.project.stack.blueprint](understanding) };
  } catch (error) {
    return { id, error: error instanceof Error ? error.message : String(error) };
  }
}

port.on('message', (job: RenderJob) => void render(job).then((reply) => port.postMessage(reply)));
