/**
 * A whole run against the protocol server: every atom is written by a "model" with 2 to 20 s latency (scaled down), 13 % of the
 * answers are faulty, 100 atoms in flight. Reports wall time against the ideal schedule of the same calls, the peak of open calls,
 * rejected calls and the budget. JSON on standard output.
 *
 * Checks take the time they take: the more latency is scaled down, the larger their share.
 *
 *   tsx bench/models/main.ts [--atoms 800] [--layers 6] [--seed 1] [--scale 20]
 */
import { parseArgs } from 'node:util';
import { subjectOf } from '../../test/support/model-answers.ts';
import { idealMs } from './ideal.ts';
import { openModelBench } from './setup.ts';

const { values } = parseArgs({
  options: {
    atoms: { type: 'string', default: '800' },
    layers: { type: 'string', default: '6' },
    seed: { type: 'string', default: '1' },
    scale: { type: 'string', default: '20' },
  },
});
const ATOMS = Number(values.atoms);
const CONCURRENCY = 100;
const BUDGET_USD = 50;
/** Latency is divided by this. */
const SCALE = Number(values.scale);

const bench = await openModelBench({
  seed: Number(values.seed),
  faulty: 0.13,
  concurrency: CONCURRENCY,
  latencyMs: [2_000 / SCALE, 20_000 / SCALE],
});
const { server, pool } = bench;

/** Milliseconds that the calls for each atom took, by its name, as the server saw them. */
function callMs(): Map<string, number> {
  const taken = new Map<string, number>();
  for (const call of server.calls) {
    const { name } = subjectOf(call);
    taken.set(name, (taken.get(name) ?? 0) + (call.endedAt ?? call.at) - call.at);
  }
  return taken;
}

try {
  const plan = await bench.plan(ATOMS, Number(values.layers), BUDGET_USD);
  const { view, wallMs } = await bench.run(plan.masterplanId);
  const width = Math.ceil(ATOMS / plan.layers);
  const taken = callMs();
  const durations = Array.from({ length: ATOMS }, (_, n) => taken.get(`atom ${n}`) ?? 0);
  const ideal = idealMs(durations, width, CONCURRENCY);
  const failures = await pool.query(
    `select error_analysis->>'error_type' as type, count(*)::int as attempts from atom_retry_history where not success group by 1 order by 1`,
  );
  const result = {
    atoms: ATOMS,
    scale: SCALE,
    status: view?.status,
    accepted: view?.atomsSucceeded,
    failed: view?.atomsFailed,
    wallMs: Math.round(wallMs),
    idealMs: Math.round(ideal),
    ratio: Number((wallMs / ideal).toFixed(3)),
    calls: server.calls.length,
    peakInFlight: server.peak,
    rejectedShare: server.count('rejected') / server.calls.length,
    budgetUsd: BUDGET_USD,
    bookedUsd: await bench.booked(plan.masterplanId),
    /** CPU of worker and server together; on a machine that others use, the wall time counts for little. */
    cpuSeconds: Number(((process.cpuUsage().user + process.cpuUsage().system) / 1e6).toFixed(1)),
    failures: failures.rows,
  };
  process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
} finally {
  await bench.close();
}
