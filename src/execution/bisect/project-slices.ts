import { posix } from 'node:path';
import { sql } from 'drizzle-orm';
import type { Tx } from '../../db/index.ts';
import type { SourceFile } from '../../domain/index.ts';
import { rowsOf } from '../statements/json-rows.ts';

/** An atom as a piece of the assembled project. */
export interface Slice {
  readonly atomId: string;
  readonly name: string;
  readonly filePath: string;
  readonly language: string;
  readonly status: string;
  readonly provider: string | null;
  readonly sha256: string | null;
  readonly attempts: number;
  readonly maxAttempts: number;
  readonly loc: number;
  readonly complexity: number;
  readonly lineStart: number;
  readonly draft: Buffer;
  /** Accepted text, else the draft. */
  readonly current: Buffer;
  /** A later attempt brought a rejected text once more: nothing else will come. */
  readonly repeats: boolean;
}

/** The pieces of a project by file, in their order. */
export type Slices = ReadonlyMap<string, readonly Slice[]>;

/** Loads every atom of a project with both of its texts. */
export async function loadSlices(tx: Tx, masterplanId: string): Promise<Slices> {
  const rows = await rowsOf<Slice>(
    tx,
    sql`select a.atom_id as "atomId", a.name, a.file_path as "filePath", a.language, a.status::text as status,
          a.accepted_provider as provider, a.accepted_sha256 as sha256, a.attempts, a.max_attempts as "maxAttempts",
          a.loc, a.complexity, a.line_start as "lineStart",
          coalesce(code_bytes, convert_to(code_to_generate, 'UTF8'), ''::bytea) as draft,
          coalesce(accepted_bytes, convert_to(accepted_code, 'UTF8'), code_bytes, convert_to(code_to_generate, 'UTF8'), ''::bytea) as current,
          exists (select 1 from atom_retry_history h
            where h.atom_id = a.atom_id and h.error_analysis->>'error_type' = 'repeated_output') as repeats
        from atomic_units a where a.masterplan_id = ${masterplanId}::uuid
        order by a.file_path collate "C", a.file_ordinal`,
  );
  const files = new Map<string, Slice[]>();
  for (const row of rows) {
    const slices = files.get(row.filePath) ?? [];
    slices.push(row);
    files.set(row.filePath, slices);
  }
  return files;
}

/** The project's files with the drafts of some atoms in place of their accepted texts. */
export function filesWith(slices: Slices, drafted: ReadonlySet<string>): SourceFile[] {
  return [...slices].map(([path, parts]) => ({
    path,
    language: parts[0]?.language ?? 'text',
    bytes: new Uint8Array(Buffer.concat(parts.map((part) => (drafted.has(part.atomId) ? part.draft : part.current)))),
  }));
}

/** The atom that a line of a file belongs to; the last one for lines behind the end. Null for files that the project does not have. */
export function atomAt(slices: Slices, file: string, line: number): Slice | null {
  const parts = slices.get(posix.normalize(file));
  if (parts === undefined) return null;
  let breaks = 0;
  let found: Slice | null = null;
  for (const part of parts) {
    if (part.current.length === 0) continue;
    // The line on which this piece begins: one that an earlier piece has not ended belongs to both, and to the first.
    if (found !== null && breaks + 1 > line) break;
    const before = breaks;
    for (const byte of part.current) if (byte === 10) breaks += 1;
    found = part;
    if (line <= breaks && line > before) break;
  }
  return found;
}
