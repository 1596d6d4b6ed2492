import { sql } from 'drizzle-orm';
import type { ClaimedEvent } from '../db/queries/claim-outbox-events.ts';
import type { ApprovedAtom } from '../masterplan/index.ts';
import type { WorkerBase } from './deps.ts';
import { rowsOf } from './statements/json-rows.ts';

/** What a person approved or wrote becomes an example for their later plans. Without the vector store it is forgone: examples help, runs do not need them. */
export async function rememberApproved(deps: WorkerBase, event: Pick<ClaimedEvent, 'payload'>): Promise<void> {
  const { action, atom_id: atomId } = event.payload;
  if (deps.patterns === undefined || (action !== 'approve' && action !== 'edit') || typeof atomId !== 'string') return;
  try {
    const [atom] = await rowsOf<ApprovedAtom>(
      deps.db,
      sql`select a.atom_id as "atomId", m.user_id as "userId", a.name, a.description, a.file_path as path, a.language,
            a.accepted_code as code
          from atomic_units a join masterplans m using (masterplan_id)
          where a.atom_id = ${atomId}::uuid and a.accepted_code is not null`,
    );
    if (atom) await deps.patterns.remember(atom);
  } catch (error) {
    deps.log.warn({ err: error, atomId }, 'an approved atom could not be kept as an example');
  }
}
