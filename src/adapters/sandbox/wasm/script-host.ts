import { SEAL } from './seal.ts';

/**
 * Runs JavaScript by QuickJS. The program is evaluated with \`__job\` (its text) and \`__host(name, argument)\` among the globals; it ends when
 * it calls \`__host('result', text)\`, or when nothing is left to do.
 */
export const SCRIPT_HOST = String.raw`${SEAL}
const { newQuickJSWASMModuleFromVariant } = await import(head.entry);
const { default: variant } = await import(head.variant);
const quickjs = await newQuickJSWASMModuleFromVariant(variant);
const runtime = quickjs.newRuntime();
runtime.setMemoryLimit(head.memoryMb * 1024 * 1024);
runtime.setMaxStackSize(96 * 1024);
let deadline = Infinity;
runtime.setInterruptHandler(() => performance.now() > deadline);
const context = runtime.newContext();
let result = null;
let printed = '';
const began = performance.now();
const limitTo = (ms) => { deadline = Math.min(deadline, performance.now() + ms); };
const host = context.newFunction('__host', (name, argument, extra) => {
  const call = context.getString(name);
  if (call === 'result') { result ??= context.getString(argument); return context.undefined; }
  if (call === 'print') { printed = (printed + context.getString(argument) + '\n').slice(-4000); return context.undefined; }
  if (call === 'now') return context.newNumber(performance.now() - began);
  if (call.startsWith('timed:')) {
    // Evaluates a text within so many milliseconds; what does not end in time is an error that the program can catch.
    const before = deadline;
    limitTo(context.getNumber(extra));
    const mine = deadline;
    const outcome = context.evalCode(context.getString(argument), call.slice(6));
    const late = performance.now() > mine && mine < before;
    deadline = before;
    if (outcome.error) {
      if (!late) throw outcome.error;
      outcome.error.dispose();
      const error = context.newError('Script execution timed out');
      context.setProp(error, 'code', context.newString('ERR_SCRIPT_EXECUTION_TIMEOUT'));
      throw error;
    }
    return outcome.value;
  }
  return context.undefined;
});
context.setProp(context.global, '__host', host);
context.setProp(context.global, '__job', context.newString(head.job));
writeResult(Buffer.from('up\n'));
let problem = null;
const evaluate = (text, name) => {
  const outcome = context.evalCode(text, name);
  if (outcome.error) { problem ??= JSON.stringify(context.dump(outcome.error)).slice(0, 1200); outcome.error.dispose(); return false; }
  outcome.value.dispose();
  return true;
};
if (evaluate(head.program, 'program.js'))
  for (let busy = true; busy && result === null;) {
    const outcome = runtime.executePendingJobs(1000);
    if (outcome.error) { problem ??= JSON.stringify(outcome.error.context.dump(outcome.error)).slice(0, 1200); outcome.error.dispose(); }
    else if (outcome.value > 0) continue;
    // Nothing waits for its turn: the next timer of the program, whose clock then stands where the timer wanted it.
    if (result === null) busy = evaluate('if (!globalThis.__tick()) throw new Error("idle")', 'tick.js') || (problem?.includes('"idle"') ? ((problem = null), false) : true);
  }
writeResult(Buffer.from(JSON.stringify({ result, printed, problem })));
process.reallyExit(0);
`;
