import type { TaskContract } from '../contract/task-contract.ts';
import { asPython, asScript, callsIn, doctestTexts, hasTuple } from './find-examples.ts';
import type { ProbeCall, TestRunRequest } from './test-run.ts';

/** A whole file to be tried, and what is known of its task. */
export interface Examined {
  readonly path: string;
  readonly language: string;
  readonly text: string;
  readonly contract: TaskContract | null;
  /** The part of the text that is judged; without it, all of it. */
  readonly focus?: string;
}

const RUNNABLE = new Set(['python', 'typescript', 'tsx', 'javascript']);

/** Languages whose functions can be called in the sandbox. */
export function isRunnable(language: string): boolean {
  return RUNNABLE.has(language);
}

const DEFINITIONS: Readonly<Record<string, RegExp>> = {
  python: /^(?:async )?def ([A-Za-z]\w*)/gm,
  script:
    /^(?:export\s+)?(?:default\s+)?(?:async\s+)?(?:function\s*\*?\s*([A-Za-z$]\w*)|(?:const|let|var)\s+([A-Za-z$]\w*)\s*(?::[^=\n]+)?=)/gm,
};
const MAX_FUNCTIONS = 12;

function functionsOf({ language, text, focus, contract }: Examined): string[] {
  const pattern = DEFINITIONS[language === 'python' ? 'python' : 'script'] as RegExp;
  const names = [...(focus ?? text).matchAll(pattern)].map((match) => match[1] ?? match[2] ?? '');
  const entry = contract?.entry ?? null;
  return [...new Set([...(entry === null ? [] : [entry]), ...names])].slice(0, MAX_FUNCTIONS);
}

/** Comments of a script, where its examples stand. */
function commentsOf(text: string): string {
  return [...text.matchAll(/\/\*[\s\S]*?\*\/|\/\/.*/g)].map(([comment]) => comment).join('\n');
}

/** The words that the task and the code's own documentation say, as one text for each place. */
function wordsOf({ language, text, contract }: Examined): string[] {
  const own = language === 'python' ? '' : commentsOf(text);
  return [contract?.description ?? '', contract?.declarations ?? '', own];
}

function inLanguage(call: ProbeCall, python: boolean): ProbeCall {
  const { expected } = call;
  const words = python ? asPython : asScript;
  return { ...call, args: words(call.args), ...(expected === undefined ? {} : { expected: words(expected) }) };
}

/** A tuple means something else to JavaScript. */
function isUsable(call: ProbeCall, python: boolean): boolean {
  return python || !(hasTuple(call.args) || hasTuple(call.expected ?? ''));
}

function callsOf(examined: Examined): ProbeCall[] {
  const python = examined.language === 'python';
  const words = wordsOf(examined);
  const tests = (examined.contract?.dependents ?? []).map(({ text }) => text);
  const calls = functionsOf(examined).flatMap((name) => [
    ...words.flatMap((text) => callsIn(text, name, { trusted: true, doctests: python })),
    ...tests.flatMap((text) => callsIn(text, name, { trusted: false, doctests: python })),
  ]);
  const known = new Map<string, ProbeCall>();
  for (const found of calls) {
    const call = inLanguage(found, python);
    const key = callKey(call.fn, call.args);
    const before = known.get(key);
    if (before === undefined || before.expected === undefined) known.set(key, call);
  }
  return [...known.values()].filter((call) => isUsable(call, python)).slice(0, 40);
}

function keysIn(examined: Examined, texts: readonly string[]): Set<string> {
  const python = examined.language === 'python';
  const calls = functionsOf(examined).flatMap((name) =>
    texts.flatMap((text) => callsIn(text, name, { trusted: false, doctests: python })),
  );
  return new Set(calls.map((call) => callKey(call.fn, inLanguage(call, python).args)));
}

/** Calls that the visible tests make, by `callKey`: tests that quote a task's examples say which of them hold. */
export function testedCalls(examined: Examined): Set<string> {
  return keysIn(
    examined,
    (examined.contract?.dependents ?? []).map(({ text }) => text),
  );
}

/** Calls that the words of the task show, by `callKey`. */
export function toldCalls(examined: Examined): Set<string> {
  return keysIn(examined, wordsOf(examined));
}

/** Names a call, so that the same call written otherwise is known again. */
export function callKey(fn: string, args: string): string {
  return `${fn} ${args.replaceAll(/\s+/g, '').replaceAll("'", '"')}`;
}

/** The run that tries a file's functions on the examples of its task and on arguments like theirs; null where nothing is known to try. */
export function probeRequest(examined: Examined): TestRunRequest | null {
  const calls = callsOf(examined);
  const { contract, language, path, text, focus } = examined;
  const doctests =
    language === 'python'
      ? [contract?.description ?? '', contract?.declarations ?? ''].flatMap((words) => doctestTexts(words))
      : [];
  const tells = calls.some(({ expected }) => expected !== undefined) || doctests.length > 0;
  const own = language === 'python' && (focus ?? text).includes('>>>');
  // Calls of which nothing is known but their arguments are worth a run only where tests show that they are meant.
  if (!tells && !own && (calls.length === 0 || focus !== undefined)) return null;
  const siblings = Object.fromEntries((contract?.siblings ?? []).map((sibling) => [sibling.path, sibling.text]));
  return {
    kind: 'probe',
    main: path,
    files: { ...siblings, [path]: text },
    calls,
    doctests: dedupe(doctests),
    vary: true,
    ...(focus === undefined ? {} : { only: functionsOf(examined) }),
    cpuSeconds: 8,
    declared: contract?.packages ?? [],
  };
}

function dedupe(texts: readonly (readonly [string, string])[]): [string, string][] {
  const bare = (text: string): string => text.replaceAll(/^[ \t]+/gm, '').trim();
  return [...new Map(texts.map(([name, text]) => [bare(text), [name, text] as [string, string]])).values()];
}
