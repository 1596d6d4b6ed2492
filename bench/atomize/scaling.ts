/** How much faster two threads are than one, on warm pools: by the clock, and by what each thread computed, which holds under load. */
import { readdirSync, readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { type AtomizedFile, type Atomizer, createAtomizer } from '../../src/atomization/index.ts';
import type { SourceFile } from '../../src/domain/index.ts';

const WARM = 2;
const ROUNDS = 5;

/** Milliseconds that each thread of this process has computed, by thread; empty where the system does not tell (not Linux). */
function threadTimes(): Map<string, number> {
  try {
    const threads = readdirSync('/proc/self/task');
    return new Map(
      threads.map((id) => [id, Number(readFileSync(`/proc/self/task/${id}/schedstat`, 'utf8').split(' ')[0]) / 1e6]),
    );
  } catch {
    return new Map();
  }
}

/** Reads everything that came back, contexts included, as somebody who stores atoms does. */
function decode(files: readonly AtomizedFile[]): number {
  let names = 0;
  for (const file of files) for (const atom of file.atoms) names += atom.context.uses.length;
  return names;
}

interface Run {
  /** By the clock: until everything was back, and until it was read. */
  readonly back: number;
  readonly read: number;
  /** What the busiest thread computed, and what reading cost. */
  readonly busiest: number;
  readonly decoding: number;
}

async function run(atomizer: Atomizer, files: readonly SourceFile[]): Promise<Run> {
  const before = threadTimes();
  const start = performance.now();
  const atomized = await atomizer.atomize(files);
  const back = performance.now() - start;
  const after = threadTimes();
  decode(atomized);
  const read = performance.now() - start;
  const own = String(process.pid);
  const decoding = (threadTimes().get(own) ?? 0) - (after.get(own) ?? 0);
  const computed = [...after].map(([id, time]) => time - (before.get(id) ?? 0));
  return { back, read, busiest: Math.max(0, ...computed), decoding };
}

const least = (runs: readonly Run[], pick: (run: Run) => number): number => Math.min(...runs.map(pick));
const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

function factors(one: readonly Run[], two: readonly Run[]) {
  const ratio = (a: number, b: number): number => (b === 0 ? 0 : Math.round((100 * a) / b) / 100);
  const busiest = [one, two].map((runs) => median(runs.map((each) => each.busiest)));
  const decoding = median([...one, ...two].map((each) => each.decoding));
  const [alone = 0, shared = 0] = busiest;
  return {
    byClock: ratio(
      least(one, (each) => each.back),
      least(two, (each) => each.back),
    ),
    byClockWithDecoding: ratio(
      least(one, (each) => each.read),
      least(two, (each) => each.read),
    ),
    byThreadCpu: ratio(alone, shared),
    byThreadCpuWithDecoding: ratio(alone + decoding, shared + decoding),
    oneThreadMs: Math.round(least(one, (each) => each.back)),
    twoThreadsMs: Math.round(least(two, (each) => each.back)),
    decodingMs: Math.round(decoding),
  };
}

/** Both pools in turns, so that what else the machine does hits both. */
export async function measureScaling(files: readonly SourceFile[]) {
  const pools = [createAtomizer({ threads: 1 }), createAtomizer({ threads: 2 })] as const;
  const runs: [Run[], Run[]] = [[], []];
  for (let round = 0; round < WARM + ROUNDS; round++) {
    for (const [i, pool] of pools.entries()) {
      const measured = await run(pool, files);
      if (round >= WARM) runs[i]?.push(measured);
    }
  }
  await Promise.all(pools.map((pool) => pool.close()));
  return { ...factors(...runs), loadAverage: loadavg()[0] };
}
