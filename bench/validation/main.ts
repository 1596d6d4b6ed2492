/**
 * Levels 1 and 2 as a detector, without running the code that is judged: what share of verified-wrong solutions they find, per class of
 * fault, and what share of verified-right ones they flag. Reads `cases.jsonl.gz` and `mutants.jsonl.gz` from a folder; without them it
 * says so and ends. JSON on standard output.
 *
 *   node --import tsx bench/validation/main.ts --data DIR [--language python] [--class off_by_one] [--set NAME] [--limit N (per class)]
 *        [--tests (the visible tests and examples are run in the sandbox too)] [--unseen (only faults that no visible test shows)] [--every N (one of N)] [--lanes N] [--threads N] [--json FILE] [--misses FILE] [--alarms FILE]
 */
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { detectSandbox } from '../../src/adapters/sandbox/index.ts';
import { createLogger } from '../../src/adapters/telemetry/logger.ts';
import { createValidation } from '../../src/validation/index.ts';
import { findData, loadCases, loadVariants, type Variant } from './data.ts';
import { judge } from './judge.ts';
import { figures, Tally } from './tally.ts';

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    language: { type: 'string' },
    class: { type: 'string' },
    set: { type: 'string' },
    limit: { type: 'string' },
    threads: { type: 'string', default: String(availableParallelism()) },
    json: { type: 'string' },
    misses: { type: 'string' },
    alarms: { type: 'string' },
    tests: { type: 'boolean', default: false },
    unseen: { type: 'boolean', default: false },
    every: { type: 'string', default: '1' },
    lanes: { type: 'string' },
  },
});

function selector(): (variant: Variant) => boolean {
  const classes = values.class?.split(',');
  const limit = values.limit === undefined ? Infinity : Number(values.limit);
  const taken = new Map<string, number>();
  return ({ language, cls, set, kind, visible_pass }) => {
    if (values.unseen && (kind !== 'fault' || visible_pass === false)) return false;
    if (values.language !== undefined && language !== values.language) return false;
    if (classes !== undefined && !classes.includes(cls)) return false;
    if (values.set !== undefined && set !== values.set) return false;
    const key = `${language} ${cls}`;
    const count = taken.get(key) ?? 0;
    taken.set(key, count + 1);
    return count < limit * Number(values.every) && count % Number(values.every) === 0;
  };
}

async function measure(folder: string): Promise<void> {
  const threads = Number(values.threads);
  const cases = await loadCases(folder);
  const selected = selector();
  const variants: Variant[] = [];
  for await (const variant of loadVariants(folder, cases)) if (selected(variant)) variants.push(variant);
  const validation = await createValidation({ sandbox: await detectSandbox(createLogger('error')), threads });
  const tally = new Tally();
  const delay = monitorEventLoopDelay({ resolution: 5 });
  const started = performance.now();
  const cpu = process.cpuUsage();
  delay.enable();
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let variant = variants[next++]; variant !== undefined; variant = variants[next++]) {
      const item = cases.get(variant.case);
      if (item !== undefined) tally.add(await judge(validation, item, variant, values.tests));
    }
  };
  // Runs in the sandbox are waited for while others are read.
  const lanes = values.lanes === undefined ? threads * (values.tests ? 12 : 1) : Number(values.lanes);
  await Promise.all(Array.from({ length: lanes }, lane));
  delay.disable();
  const seconds = (performance.now() - started) / 1_000;
  const used = process.cpuUsage(cpu);
  await validation.close();
  const report = {
    ...figures(tally),
    variants: variants.length,
    threads,
    perSecond: Math.round((variants.length / seconds) * 10) / 10,
    cpuMsEach: Math.round((used.user + used.system) / 100 / Math.max(1, variants.length)) / 10,
    longestEventLoopDelayMs: Math.round(delay.max / 1e6),
  };
  const json = JSON.stringify(report, null, 2);
  process.stdout.write(`${json}\n`);
  if (values.json !== undefined) writeFileSync(values.json, json);
  if (values.misses !== undefined) writeFileSync(values.misses, JSON.stringify(tally.misses, null, 1));
  if (values.alarms !== undefined) writeFileSync(values.alarms, JSON.stringify(tally.alarms, null, 1));
}

const data = findData(values.data);
if ('reason' in data) process.stdout.write(`${JSON.stringify({ skipped: true, reason: data.reason })}\n`);
else await measure(data.folder);
