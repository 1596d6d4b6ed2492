import { sql } from 'drizzle-orm';
import type { Tx } from '../db/index.ts';
import { MgeError } from '../domain/index.ts';
import type { ExecutionDeps } from './deps.ts';
import { sha256 } from './run-attempt.ts';
import { rowsOf } from './statements/json-rows.ts';

/** Name of the manifest inside the artifact. */
export const MANIFEST_PATH = 'mge-manifest.json';

/** Where the text of one atom comes from. */
export interface AtomProvenance {
  /** First and last line in the file, from 1, both inclusive. */
  readonly lines: readonly [number, number];
  readonly symbol: string;
  readonly name: string;
  /** `draft` marks text that no execution has accepted. */
  readonly state: 'accepted' | 'draft';
  readonly provider: string | null;
  readonly model: string | null;
  readonly attempts: number;
  /** The person who accepted or edited it; null when nobody had to. */
  readonly reviewer: string | null;
}

/** What the artifact is made of. Holds no ids and no times: the same plan, provider and seed give the same bytes. */
export interface Manifest {
  readonly format: 'mge-manifest/1';
  readonly project: string;
  readonly provider: string | null;
  readonly model: string | null;
  readonly seed: number;
  readonly totals: {
    readonly files: number;
    readonly bytes: number;
    readonly atoms: number;
    readonly accepted: number;
  };
  readonly files: readonly {
    readonly path: string;
    readonly language: string;
    readonly bytes: number;
    readonly sha256: string;
    readonly atoms: readonly AtomProvenance[];
  }[];
}

export interface Artifact {
  /** In path order, the manifest last. */
  readonly files: readonly { readonly path: string; readonly bytes: Uint8Array }[];
  readonly manifest: Manifest;
}

interface SliceRow {
  path: string;
  language: string;
  bytes: Buffer;
  name: string;
  symbol: string;
  accepted: boolean;
  provider: string | null;
  model: string | null;
  attempts: number;
  acceptedBy: string | null;
}

/**
 * The produced project: every file put together from accepted text (draft where nothing is accepted yet; the manifest says which).
 * @throws {MgeError} NOT_FOUND, NOT_DECOMPOSED
 */
export async function exportArtifact(deps: Pick<ExecutionDeps, 'db'>, masterplanId: string): Promise<Artifact> {
  return deps.db.transaction(
    async (tx) => {
      const [plan] = await rowsOf<{ project: string; provider: string | null; model: string | null; seed: string }>(
        tx,
        sql`select m.project_name as project, coalesce(e.provider, m.provider) as provider, e.model, coalesce(e.seed, 0) as seed
            from masterplans m left join lateral (
              select provider, model, seed from executions x where x.masterplan_id = m.masterplan_id order by created_at desc limit 1) e on true
            where m.masterplan_id = ${masterplanId}::uuid and m.deleted_at is null`,
      );
      if (!plan) throw new MgeError('NOT_FOUND', `masterplan ${masterplanId} does not exist`);
      const files = join(await readSlices(tx, masterplanId));
      if (files.length === 0)
        throw new MgeError('NOT_DECOMPOSED', `masterplan ${masterplanId} has no atoms; decompose it first`);
      const listed = files.map((file) => ({
        path: file.path,
        language: file.language,
        bytes: file.bytes.length,
        sha256: sha256(file.bytes),
        atoms: file.atoms,
      }));
      const atoms = listed.flatMap((file) => file.atoms);
      const manifest: Manifest = {
        format: 'mge-manifest/1',
        project: plan.project,
        provider: plan.provider,
        model: plan.model,
        seed: Number(plan.seed),
        totals: {
          files: files.length,
          bytes: files.reduce((sum, file) => sum + file.bytes.length, 0),
          atoms: atoms.length,
          accepted: atoms.filter((atom) => atom.state === 'accepted').length,
        },
        files: listed,
      };
      const own = {
        path: MANIFEST_PATH,
        bytes: new Uint8Array(Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`, 'utf8')),
      };
      return { files: [...files.map(({ path, bytes }) => ({ path, bytes })), own], manifest };
    },
    { isolationLevel: 'repeatable read', accessMode: 'read only' },
  );
}

async function readSlices(tx: Tx, masterplanId: string): Promise<SliceRow[]> {
  return rowsOf<SliceRow>(
    tx,
    sql`select file_path as path, language, name, symbol_path as symbol, status = 'COMPLETED' as accepted,
          accepted_provider as provider, accepted_model as model, attempts, accepted_by as "acceptedBy",
          coalesce(accepted_bytes, convert_to(accepted_code, 'UTF8'), code_bytes, convert_to(code_to_generate, 'UTF8')) as bytes
        from atomic_units where masterplan_id = ${masterplanId}::uuid order by file_path collate "C", file_ordinal`,
  );
}

interface JoinedFile {
  readonly path: string;
  readonly language: string;
  readonly bytes: Uint8Array;
  readonly atoms: readonly AtomProvenance[];
}

/** Joins slices to files and counts lines in the text as it is now: accepted text may be longer or shorter than the draft. */
function join(slices: readonly SliceRow[]): JoinedFile[] {
  const groups = new Map<string, SliceRow[]>();
  for (const slice of slices) {
    const group = groups.get(slice.path) ?? [];
    group.push(slice);
    groups.set(slice.path, group);
  }
  return [...groups].map(([path, group]) => {
    let line = 1;
    const atoms = group.map((slice) => {
      const breaks = countBreaks(slice.bytes);
      const last = slice.bytes.at(-1) === NEWLINE ? line + breaks - 1 : line + breaks;
      const provenance = provenanceOf(slice, [line, Math.max(line, last)]);
      line += breaks;
      return provenance;
    });
    const bytes = new Uint8Array(Buffer.concat(group.map((slice) => slice.bytes)));
    return { path, language: group[0]?.language ?? 'text', bytes, atoms };
  });
}

const NEWLINE = 10;

function countBreaks(bytes: Uint8Array): number {
  let count = 0;
  for (const byte of bytes) if (byte === NEWLINE) count += 1;
  return count;
}

function provenanceOf(slice: SliceRow, lines: readonly [number, number]): AtomProvenance {
  return {
    lines,
    symbol: slice.symbol,
    name: slice.name,
    state: slice.accepted ? 'accepted' : 'draft',
    provider: slice.provider,
    model: slice.model,
    attempts: slice.attempts,
    reviewer: slice.acceptedBy,
  };
}
