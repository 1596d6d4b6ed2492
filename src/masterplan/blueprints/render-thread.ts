/** Entry of the rendering thread: fills and formats a blueprint, off the event loop of the program. */
import { parentPort } from 'node:worker_threads';
import { planFastapiReact } from './fastapi-react/blueprint.ts';
import type { RenderJob, RenderReply } from './renderer.ts';

if (parentPort === null) throw new Error('render-thread is started as a worker thread');
const port = parentPort;

async function render({ id, understanding }: RenderJob): Promise<RenderReply> {
  try {
    return { id, plan: await planFastapiReact(understanding) };
  } catch (error) {
    return { id, error: error instanceof Error ? error.message : String(error) };
  }
}

port.on('message', (job: RenderJob) => void render(job).then((reply) => port.postMessage(reply)));
