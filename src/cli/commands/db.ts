import type { Config } from '../../config/index.ts';
import { currentRevision, downgrade, history, listRevisions, renderSql, upgrade } from '../../db/migrations.ts';
import { MgeError } from '../../domain/index.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { withDatabase, type DatabaseSession } from '../with-database.ts';

export type DbAction = 'current' | 'history' | 'upgrade' | 'downgrade' | 'sql' | 'url';

const print = (line: string) => process.stdout.write(`${line}\n`);

/** Runs one `mge db` action. `target` is a revision, or `from:to` for `sql`. */
export async function runDb(config: Config, action: DbAction, target = 'head'): Promise<ExitCode> {
  if (action === 'sql') {
    const [from, to] = target.split(':');
    if (!from || !to)
      throw new MgeError('VALIDATION_FAILED', `"${target}" is not a range; write it as 002:003, base:head`);
    print(renderSql(from, to));
    return EXIT.ok;
  }
  return withDatabase(config, (session) => ACTIONS[action](session, target));
}

const ACTIONS: Record<Exclude<DbAction, 'sql'>, (session: DatabaseSession, target: string) => Promise<ExitCode>> = {
  current: async ({ pool }) => {
    const current = await currentRevision(pool);
    const head = listRevisions().at(-1)?.revision;
    print(current === null ? 'base (no revision applied)' : `${current}${current === head ? ' (head)' : ''}`);
    return EXIT.ok;
  },
  history: async ({ pool }) => {
    const applied = new Map((await history(pool)).map((row) => [row.revision, row.appliedAt]));
    for (const { revision } of listRevisions()) {
      const at = applied.get(revision);
      print(`${revision}  ${at ? `applied ${at.toISOString()}` : 'not applied'}`);
    }
    return EXIT.ok;
  },
  upgrade: async ({ pool }, target) => {
    const done = await upgrade(pool, target);
    print(done.length === 0 ? 'nothing to do' : done.map((revision) => `upgraded to ${revision}`).join('\n'));
    return EXIT.ok;
  },
  downgrade: async ({ pool }, target) => {
    const done = await downgrade(pool, target);
    print(done.length === 0 ? 'nothing to do' : done.map((revision) => `took back ${revision}`).join('\n'));
    return EXIT.ok;
  },
  url: async ({ url }) => {
    print(url);
    return EXIT.ok;
  },
};
