/** Entry of the thread that speaks with the type checker: its messages are read neither by the program nor by a checking thread. */
import { type MessagePort, parentPort } from 'node:worker_threads';
import type { TypeQuestion, TypeReply, TypeThreadOrder } from './check-pool.ts';
import { PythonTypeService } from './python/type-service.ts';

if (parentPort === null) throw new Error('type-thread is started as a worker thread');
const program = parentPort;
const service = new PythonTypeService();

function serve(port: MessagePort): void {
  port.on('message', ({ question, text }: TypeQuestion) => {
    void service.check(text).then((answer) => port.postMessage({ question, answer } satisfies TypeReply));
  });
}

program.on('message', (order: TypeThreadOrder) => {
  if ('port' in order) {
    serve(order.port);
    return;
  }
  service.close();
  program.postMessage('closed');
});
