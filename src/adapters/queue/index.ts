export { connectForCommands, withDeadline } from './connection.ts';
export {
  openQueues,
  type AtomBell,
  type QueueDepth,
  type QueueName,
  type Queues,
  type QueuesOptions,
  type StageTicket,
} from './queues.ts';
export { listenForAtoms, type Listener } from './listen-for-atoms.ts';
export { listenForStages } from './listen-for-stages.ts';
