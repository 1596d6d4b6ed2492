/**
 * A whole run against the protocol server: every atom is written by a "model" with 2 to 20 s latency (scaled down), 13 % of the
 * answers are faulty, 100 atoms in flight. Reports wall time against the ideal schedule of the same calls, the peak of open calls,
 * rejected calls and the budget, and where time went (`losses`, milliseconds per atom). JSON on standard output.
 *
 * Checks take the time they take: the more latency is scaled down, the larger their share. `idealMs` counts calls only;
 * `idealWithChecksMs` is the same or, where that is longer, the CPU time of the checks spread evenly over the cores. The worker is
 * warm: a small plan has run before (`--cold` leaves it out).
 *
 *   tsx bench/models/main.ts [--atoms 800] [--layers 6] [--seed 1] [--scale 20] [--cold]
 */
import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { subjectOf } from '../../test/support/model-answers.ts';
import { dependenciesOf, idealMs } from './ideal.ts';
import { openModelBench } from './setup.ts';
import { lossesOf } from './trace.ts';

const { values } = parseArgs({
  options: {
    atoms: { type: 'string', default: '800' },
    layers: { type: 'string', default: '6' },
    seed: { type: 'string', default: '1' },
    scale: { type: 'string', default: '20' },
    cold: { type: 'boolean', default: false },
  },
});
const ATOMS = Number(values.atoms);
const CONCURRENCY = 100;
const BUDGET_USD = 50;
/** Enough to start and warm up the threads that check. */
const WARM_UP_ATOMS = 40;
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
  if (!values.cold) {
    const warm = await bench.plan(WARM_UP_ATOMS, 2, BUDGET_USD);
    await bench.run(warm.masterplanId);
    server.calls.length = 0;
    server.peak = 0;
    bench.trace.atoms.clear();
  }
  const plan = await bench.plan(ATOMS, Number(values.layers), BUDGET_USD);
  const { view, wallMs, began, ended, cpu } = await bench.run(plan.masterplanId);
  const width = Math.ceil(ATOMS / plan.layers);
  const taken = callMs();
  const durations = Array.from({ length: ATOMS }, (_, n) => taken.get(`atom ${n}`) ?? 0);
  const ideal = idealMs(durations, width, CONCURRENCY);
  // The ideal schedule knows no CPU time. Checks cannot take less than this on the cores that there are, however they are scheduled.
  const checksCpuMs = 1_000 * ((cpu['threads'] ?? 0) + (cpu['pyright'] ?? 0));
  const idealWithChecks = Math.max(ideal, checksCpuMs / availableParallelism());
  const losses = lossesOf(bench.trace, {
    atoms: ATOMS,
    began,
    ended,
    slots: CONCURRENCY,
    calls: server.calls.map((call) => ({
      name: subjectOf(call).name,
      at: call.at + server.startedAt,
      end: (call.endedAt ?? call.at) + server.startedAt,
    })),
    dependencies: (n) => dependenciesOf(n, width),
    chain: (n) => plan.layers - Math.floor(n / width),
  });
  const failures = await pool.query(
    `select error_analysis->>'error_type' as type, count(*)::int as attempts from atom_retry_history join atomic_units using (atom_id)
     where not success and masterplan_id = $1 group by 1 order by 1`,
    [plan.masterplanId],
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
    idealWithChecksMs: Math.round(idealWithChecks),
    ratioWithChecks: Number((wallMs / idealWithChecks).toFixed(3)),
    calls: server.calls.length,
    peakInFlight: server.peak,
    rejectedShare: server.count('rejected') / server.calls.length,
    budgetUsd: BUDGET_USD,
    bookedUsd: await bench.booked(plan.masterplanId),
    /** Of the run alone; on a machine that others use, the wall time counts for little. */
    cpuSeconds: Number(
      Object.values(cpu)
        .reduce((sum, seconds) => sum + seconds, 0)
        .toFixed(1),
    ),
    cpu,
    cores: availableParallelism(),
    losses,
    loadAverage: loadavg(),
    failures: failures.rows,
  };
  process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
} finally {
  await bench.close();
}
