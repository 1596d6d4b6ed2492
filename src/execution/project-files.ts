import { sql } from 'drizzle-orm';
import type { Tx } from '../db/index.ts';
import { rowsOf } from './statements/json-rows.ts';

/** A file of the project put together from its atoms: accepted text where there is one, else draft. */
export interface AssembledFile {
  readonly path: string;
  readonly language: string;
  readonly bytes: Uint8Array;
  /** True when every atom of it is accepted. */
  readonly accepted: boolean;
  /** How it was drafted, where its text is another now; null where it is not. */
  readonly draft?: Uint8Array | null;
}

interface FileRow {
  path: string;
  language: string;
  bytes: Buffer;
  draft: Buffer | null;
  accepted: boolean;
}

/** Files of a masterplan in path order; those of `paths`, or all. Byte order of the paths, whatever the database's collation. */
export async function assembleFiles(tx: Tx, masterplanId: string, paths?: readonly string[]): Promise<AssembledFile[]> {
  const rows = await rowsOf<FileRow>(
    tx,
    sql`select file_path as path, min(language) as language, bool_and(status = 'COMPLETED') as accepted,
          string_agg(coalesce(accepted_bytes, convert_to(accepted_code, 'UTF8'), code_bytes, convert_to(code_to_generate, 'UTF8')),
            ''::bytea order by file_ordinal) as bytes,
          case when bool_or(accepted_bytes is not null or accepted_code is not null)
            then string_agg(coalesce(code_bytes, convert_to(code_to_generate, 'UTF8')), ''::bytea order by file_ordinal) end as draft
        from atomic_units
        where masterplan_id = ${masterplanId}::uuid
          and (${paths === undefined} or file_path = any(${sql.param([...(paths ?? [])])}::text[]))
        group by file_path order by file_path collate "C"`,
  );
  return rows.map(({ bytes, draft, ...row }) => ({
    ...row,
    bytes: new Uint8Array(bytes),
    draft: draft === null || draft.equals(bytes) ? null : new Uint8Array(draft),
  }));
}
