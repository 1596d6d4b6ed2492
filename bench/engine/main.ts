/**
 * Throughput of the engine against the bare queue, efficiency with fixed bodies, wall time with uneven ones, several processes,
 * memory. Everything on the same machine in the same run; medians. JSON on standard output, progress on standard error.
 *
 *   tsx bench/engine/main.ts [--sizes 800,10000,100000] [--runs 3] [--only throughput,efficiency,uneven,scale]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startServices } from '../../src/adapters/embedded/index.ts';
import { createLogger } from '../../src/adapters/telemetry/logger.ts';
import { loadConfig } from '../../src/config/index.ts';
import { openDatabase } from '../../src/db/index.ts';
import { upgrade } from '../../src/db/migrations.ts';
import { measureEfficiency, measureScale, measureThroughput, measureUneven, type Bench } from './measures.ts';

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '800,10000,100000' },
    runs: { type: 'string', default: '3' },
    only: { type: 'string', default: 'throughput,efficiency,uneven,scale' },
  },
});

const dataDir = mkdtempSync(join(tmpdir(), 'mge-bench-'));
const log = createLogger('warn');
const config = loadConfig({ ...process.env, MGE_DATA_DIR: dataDir }, process.cwd());
const services = await startServices(config, log, { only: ['postgres', 'redis'] });
const database = openDatabase({ url: services.databaseUrl, max: 5, onIdleError: () => undefined });
const bench: Bench = {
  database,
  databaseUrl: services.databaseUrl,
  redisUrl: services.redisUrl,
  runs: Number(values.runs),
  say: (text) => process.stderr.write(`${text}\n`),
};

try {
  await upgrade(database.pool);
  const only = new Set(values.only.split(','));
  const sizes = values.sizes.split(',').map(Number);
  const result = {
    machine: {
      cpus: cpus().length,
      model: cpus()[0]?.model,
      memoryGb: Math.round(totalmem() / 1e9),
      node: process.version,
    },
    services: services.report.map(({ name, source, detail }) => ({ name, source, detail })),
    runs: bench.runs,
    throughput: only.has('throughput') ? await measureThroughput(bench, sizes) : null,
    efficiency: only.has('efficiency') ? await measureEfficiency(bench) : null,
    uneven: only.has('uneven') ? await measureUneven(bench) : null,
    scale: only.has('scale') ? await measureScale(bench, Math.min(...sizes.filter((s) => s >= 10_000), 10_000)) : null,
  };
  process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
} finally {
  await database.close();
  await services.stop();
  rmSync(dataDir, { recursive: true, force: true });
}
