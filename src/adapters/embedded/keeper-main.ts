// A process of its own that outlives a killed program just long enough to stop its servers. Started by keeper-client.ts.
import { createLogger } from '../telemetry/logger.ts';
import { openDataFolder } from './data-folder.ts';
import { Keeper } from './keeper.ts';

const [dataDir, lifetime] = process.argv.slice(2);
if (!dataDir) throw new Error('the data folder is missing');
const keeper = new Keeper(openDataFolder(dataDir), createLogger('info'), lifetime === 'ephemeral');
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void keeper.stop(signal));
// Another keeper was faster: the program that started us finds that one.
if (!(await keeper.listen())) process.exit(0);
