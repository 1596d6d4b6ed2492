/** Entry of a checking thread: parses and applies the rules, off the event loop of the program. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { openParser } from '../adapters/parser/index.ts';
import type { CheckResult, SourceFile } from '../domain/index.ts';
import { checkAtomInFile } from './atom-checks.ts';
import type {
  CheckOrder,
  CheckReply,
  CheckThreadData,
  TypeLink,
  TypeQuestion,
  TypeReply,
  VerdictNote,
  VerdictQuestion,
  VerdictReply,
} from './check-pool.ts';
import { checkComponent } from './component/component-checks.ts';
import type { StaticServices } from './language-checks.ts';
import { testProbesOf } from './mutants/test-probes.ts';
import { checkModuleWhole } from './module-checks.ts';
import type { TypeAnswer } from './python/type-service.ts';
import type { VerdictStore } from './verdict-store.ts';

if (parentPort === null) throw new Error('check-thread is started as a worker thread');
const port = parentPort;
const parser = await openParser();

const asked = new Map<number, (answer: TypeAnswer) => void>();
let lastQuestion = 0;
let types: MessagePort | null = null;

const sought = new Map<number, (text: string | null) => void>();
const verdicts: VerdictStore = {
  findVerdict: (key) =>
    new Promise((resolve) => {
      const verdict = ++lastQuestion;
      sought.set(verdict, resolve);
      port.postMessage({ verdict, key } satisfies VerdictQuestion);
    }),
  keepVerdict(key, text) {
    port.postMessage({ key, text } satisfies VerdictNote);
    return Promise.resolve();
  },
};
const { sharesVerdicts } = workerData as CheckThreadData;
const services: StaticServices = {
  ...(sharesVerdicts ? { verdicts } : {}),
  pythonTypes: (text) =>
    new Promise((resolve) => {
      if (types === null) {
        resolve({ unavailable: 'the type checker stopped' });
        return;
      }
      const question = ++lastQuestion;
      asked.set(question, resolve);
      types.postMessage({ question, text } satisfies TypeQuestion);
    }),
};

type Job = Extract<CheckOrder, { readonly id: number }>['job'];
let project: readonly SourceFile[] = [];

async function checksOf(job: Exclude<Job, { readonly kind: 'probes' }>): Promise<CheckResult[]> {
  if (job.kind === 'component') return checkComponent(parser, { ...job, files: project });
  return job.kind === 'atom'
    ? checkAtomInFile(parser, services, job.input)
    : checkModuleWhole(parser, services, job.file, job.contract ?? null);
}

async function serve(id: number, job: Job): Promise<void> {
  let reply: CheckReply;
  try {
    reply =
      job.kind === 'probes'
        ? { id, checks: [], probes: testProbesOf(parser, job.input) }
        : { id, checks: await checksOf(job) };
  } catch (error) {
    reply = { id, error: (error as Error).message };
  }
  port.postMessage(reply);
}

function linkTypes(link: MessagePort): void {
  types = link;
  link.on('message', ({ question, answer }: TypeReply) => {
    asked.get(question)?.(answer);
    asked.delete(question);
  });
  link.on('close', () => {
    if (types !== link) return;
    types = null;
    for (const resolve of asked.values()) resolve({ unavailable: 'the type checker stopped' });
    asked.clear();
  });
}

port.on('message', (message: CheckOrder | TypeLink | VerdictReply) => {
  if ('port' in message) linkTypes(message.port);
  else if ('project' in message) project = message.project;
  else if ('verdict' in message) {
    sought.get(message.verdict)?.(message.text);
    sought.delete(message.verdict);
  } else void serve(message.id, message.job);
});
