// Started by embedded-program.ts: starts the servers, prints their addresses, and on a signal asks PostgreSQL once more and stops.
import pg from 'pg';
import { startServices, type StartOptions } from '../../src/adapters/embedded/index.ts';
import { createLogger } from '../../src/adapters/telemetry/logger.ts';
import { loadConfig } from '../../src/config/index.ts';

const [dataDir = '', options = '{}'] = process.argv.slice(2);
const config = loadConfig({ NODE_ENV: 'test', MGE_DATA_DIR: dataDir }, process.cwd());
const services = await startServices(config, createLogger('warn'), JSON.parse(options) as StartOptions);
const { databaseUrl } = services;

const alive = setInterval(() => undefined, 60_000);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void (async () => {
      if (databaseUrl) {
        const client = new pg.Client(databaseUrl);
        await client.connect();
        await client.query('select 1');
        await client.end();
        process.stdout.write('drained\n');
      }
      await services.stop();
      clearInterval(alive);
    })();
  });
}
// Last: whoever reads this may send a signal at once.
process.stdout.write(`${JSON.stringify(services)}\n`);
