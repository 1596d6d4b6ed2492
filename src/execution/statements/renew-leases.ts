import { sql } from 'drizzle-orm';
import type { Tx } from '../../db/index.ts';
import { jsonRows, rowsOf } from './json-rows.ts';

/** Prolongs leases, locking in the order of the ids as every statement over many atoms does; gives the ids of the atoms that are still held under the given tokens. */
export async function renewLeases(
  tx: Tx,
  held: readonly { readonly atomId: string; readonly token: string }[],
  leaseMs: number,
): Promise<string[]> {
  const input = held.map((h) => ({ atom_id: h.atomId, token: h.token }));
  const rows = await rowsOf<{ atomId: string }>(
    tx,
    sql`with held as materialized (
          select q.atom_id from atom_queue q
          join json_to_recordset(${jsonRows(input)}) as i(atom_id uuid, token uuid) using (atom_id)
          where q.claim_token = i.token and q.state = 'running'
          order by q.atom_id for no key update of q
        )
        update atom_queue q set lease_until = clock_timestamp() + make_interval(secs => ${leaseMs / 1000})
        from held h where q.atom_id = h.atom_id
        returning q.atom_id as "atomId"`,
  );
  return rows.map((row) => row.atomId);
}
