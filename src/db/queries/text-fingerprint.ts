import { sql } from 'drizzle-orm';
import type { Tx } from '../client.ts';

/** What of an atom decides the text of its file: the accepted text, and whether it stands. */
const PART = sql.raw(`status::text || coalesce(accepted_sha256, '')`);

/** Names the text that a masterplan has now: the same as long as no atom is accepted, reopened or given up. */
export async function projectFingerprint(tx: Tx, masterplanId: string): Promise<string> {
  const { rows } = await tx.execute<{ fingerprint: string | null }>(sql`
    select md5(string_agg(${PART}, ',' order by atom_number)) as fingerprint
    from atomic_units where masterplan_id = ${masterplanId}::uuid`);
  return rows[0]?.fingerprint ?? '';
}

/** The same for each file of which every atom is accepted; those of `paths`, or all. */
export async function fileFingerprints(
  tx: Tx,
  masterplanId: string,
  paths?: readonly string[],
): Promise<Map<string, string>> {
  const { rows } = await tx.execute<{ path: string; fingerprint: string }>(sql`
    select file_path as path, md5(string_agg(${PART}, ',' order by file_ordinal)) as fingerprint
    from atomic_units
    where masterplan_id = ${masterplanId}::uuid
      and (${paths === undefined} or file_path = any(${sql.param([...(paths ?? [])])}::text[]))
    group by file_path having bool_and(status = 'COMPLETED') order by file_path collate "C"`);
  return new Map(rows.map((row) => [row.path, row.fingerprint]));
}
