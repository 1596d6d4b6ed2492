/**
 * How good the estimate before the start is: five plans of different size and shape, one after the other on one deployment, each estimated
 * from what ran before it (the first from assumptions alone, with answers that take a fraction of the usual 2 to 20 s). JSON on
 * standard output: outcome / estimate of cost, answers and time per plan.
 *
 *   tsx bench/models/estimates.ts [--seed 1] [--scale 5]
 */
import { parseArgs } from 'node:util';
import { estimateMasterplan } from '../../src/execution/index.ts';
import { openModelBench } from './setup.ts';

const { values } = parseArgs({
  options: { seed: { type: 'string', default: '1' }, scale: { type: 'string', default: '5' } },
});
/** Latency is divided by this. */
const SCALE = Number(values.scale);
/** Atoms and layers. The first one only makes history: a deployment that has never run anything knows no times. */
const PLANS = [
  [200, 4],
  [100, 4],
  [400, 4],
  [800, 8],
  [300, 10],
  [600, 3],
] as const;

const bench = await openModelBench({
  seed: Number(values.seed),
  faulty: 0.13,
  concurrency: 100,
  latencyMs: [2_000 / SCALE, 20_000 / SCALE],
});
try {
  const plans = [];
  for (const [atoms, layers] of PLANS) {
    const { masterplanId } = await bench.plan(atoms, layers, 1_000);
    const estimate = await estimateMasterplan({ ...bench.deps, providers: bench.providers.lookup }, masterplanId);
    const before = bench.server.calls.length;
    const { view, wallMs } = await bench.run(masterplanId);
    const cost = await bench.booked(masterplanId);
    plans.push({
      atoms,
      layers,
      status: view?.status,
      estimate: { usd: estimate.costUsd, seconds: estimate.seconds, answers: estimate.answers },
      outcome: { usd: cost, seconds: wallMs / 1_000, calls: bench.server.calls.length - before },
      cost_ratio: cost / estimate.costUsd.expected,
      time_ratio: wallMs / 1_000 / estimate.seconds.expected,
      basis: estimate.basis,
    });
  }
  const [first, ...judged] = plans;
  const within = judged.filter(({ cost_ratio, time_ratio }) =>
    [cost_ratio, time_ratio].every((ratio) => Math.abs(ratio - 1) <= 0.25),
  ).length;
  console.log(JSON.stringify({ without_history: first, plans: judged, within_25_percent: within }, null, 2));
} finally {
  await bench.close();
}
