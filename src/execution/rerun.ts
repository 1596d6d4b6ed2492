import { sql } from 'drizzle-orm';
import type { Tx } from '../db/index.ts';
import { retryingTransaction } from '../db/retrying-transaction.ts';
import { MgeError, type AtomStatus } from '../domain/index.ts';
import { CONTROL_CHANNEL, lockLatest, revive, type ControlInput } from './control-execution.ts';
import { defaultsOf, type ExecutionDeps } from './deps.ts';
import { estimateRerun, type RerunCost } from './rerun-cost.ts';
import { rowsOf } from './statements/json-rows.ts';
import type { LockedExecution } from './statements/lock-execution.ts';
import { reopenFailed } from './statements/reopen-atoms.ts';

export interface RerunInput extends ControlInput {
  /** True changes nothing and only says what would happen. */
  readonly dryRun: boolean;
}

/** An atom that runs again, and why: it failed, was skipped, or depends on one that did. */
export interface RerunAtom {
  readonly atomId: string;
  readonly name: string;
  readonly filePath: string;
  readonly waveNumber: number | null;
  readonly status: Extract<AtomStatus, 'failed' | 'skipped' | 'blocked' | 'pending'>;
  readonly attempts: number;
  readonly errorMessage: string | null;
}

/** What a rerun from the failure keeps, does again and may cost. */
export interface RerunPreview {
  readonly masterplanId: string;
  readonly executionId: string;
  readonly dryRun: boolean;
  readonly reused: { readonly atoms: number; readonly files: number; readonly costUsd: number };
  readonly again: {
    readonly atoms: number;
    readonly failed: number;
    readonly skipped: number;
    readonly blocked: number;
    /** Not begun when the run ended. */
    readonly pending: number;
    readonly waves: readonly { readonly waveNumber: number; readonly atoms: number }[];
    /** The first of them in the order of the waves, failed ones first. */
    readonly first: readonly RerunAtom[];
  };
  readonly cost: RerunCost;
}

/** Atoms that a preview names; the others are counted. */
const NAMED_ATOMS = 100;

/**
 * Runs an execution again from its failures: what failed or was skipped gets a fresh set of attempts, what depends on it follows, and
 * what was accepted stays as it is. The preview is of the very state that is run again.
 * @throws {MgeError} NOT_FOUND; CONFLICT when nothing has failed, the run is still under way, or it was cancelled
 */
export async function rerunExecution(deps: ExecutionDeps, input: RerunInput): Promise<RerunPreview> {
  const preview = await retryingTransaction(deps.db, async (tx) => {
    const execution = await lockLatest(tx, input.masterplanId);
    refuseUnlessEnded(execution);
    const preview = await previewOf(tx, deps, execution, input.dryRun);
    if (preview.again.failed + preview.again.skipped === 0)
      throw new MgeError('CONFLICT', `no atom of execution ${execution.executionId} has failed: nothing to run again`);
    if (input.dryRun) return preview;
    const count = await reopenFailed(tx, execution);
    await revive(tx, execution, [
      { type: 'atom.reopened', data: { count, by: input.by, rerun: true, reused: preview.reused.atoms } },
    ]);
    await tx.execute(sql`select pg_notify(${CONTROL_CHANNEL}, ${execution.executionId})`);
    return preview;
  });
  if (!input.dryRun)
    deps.log.info({ executionId: preview.executionId, atoms: preview.again.atoms, by: input.by }, 'execution rerun');
  return preview;
}

function refuseUnlessEnded(execution: LockedExecution): void {
  if (execution.status === 'partial' || execution.status === 'failed' || execution.status === 'completed') return;
  const next =
    execution.status === 'cancelled' ? 'start the masterplan again instead' : 'wait for its end, or retry single atoms';
  throw new MgeError('CONFLICT', `execution ${execution.executionId} is ${execution.status}; ${next}`, {
    details: { execution_id: execution.executionId, status: execution.status },
  });
}

interface StateRow {
  readonly status: AtomStatus;
  readonly waveNumber: number | null;
  readonly atoms: number;
}

async function previewOf(
  tx: Tx,
  deps: ExecutionDeps,
  execution: LockedExecution,
  dryRun: boolean,
): Promise<RerunPreview> {
  const { masterplanId, executionId } = execution;
  const states = await rowsOf<StateRow>(
    tx,
    sql`select lower(status::text) as status, wave_number as "waveNumber", count(*)::int as atoms
        from atomic_units where masterplan_id = ${masterplanId}::uuid group by 1, 2 order by 2`,
  );
  const of = (status: AtomStatus) => sum(states.filter((row) => row.status === status));
  const again = states.filter((row) => row.status !== 'completed');
  const waves = new Map<number, number>();
  for (const row of again) waves.set(row.waveNumber ?? 0, (waves.get(row.waveNumber ?? 0) ?? 0) + row.atoms);
  return {
    masterplanId,
    executionId,
    dryRun,
    reused: { atoms: of('completed'), ...(await reusedOf(tx, masterplanId)) },
    again: {
      atoms: sum(again),
      failed: of('failed'),
      skipped: of('skipped'),
      blocked: of('blocked'),
      pending: sum(again) - of('failed') - of('skipped') - of('blocked'),
      waves: [...waves].map(([waveNumber, atoms]) => ({ waveNumber, atoms })),
      first: await namedAtoms(tx, masterplanId),
    },
    cost: await estimateRerun(tx, execution, defaultsOf(deps).budgetUsd),
  };
}

const sum = (rows: readonly StateRow[]): number => rows.reduce((total, row) => total + row.atoms, 0);

/** Files that are whole already, and what the accepted atoms have cost. */
async function reusedOf(tx: Tx, masterplanId: string): Promise<{ files: number; costUsd: number }> {
  const [row] = await rowsOf<{ files: number; costUsd: number }>(
    tx,
    sql`select (select count(*)::int from (
            select 1 from atomic_units where masterplan_id = ${masterplanId}::uuid
            group by file_path having bool_and(status = 'COMPLETED')) whole) as files,
          (select coalesce(sum(c.settled_usd), 0)::float8 from cost_ledger c join atomic_units a using (atom_id)
            where c.masterplan_id = ${masterplanId}::uuid and a.status = 'COMPLETED') as "costUsd"`,
  );
  return row ?? { files: 0, costUsd: 0 };
}

async function namedAtoms(tx: Tx, masterplanId: string): Promise<RerunAtom[]> {
  return rowsOf<RerunAtom>(
    tx,
    sql`select atom_id as "atomId", name, file_path as "filePath", wave_number as "waveNumber",
          case lower(status::text) when 'ready' then 'pending' when 'running' then 'pending' else lower(status::text) end as status,
          attempts, error_message as "errorMessage"
        from atomic_units where masterplan_id = ${masterplanId}::uuid and status <> 'COMPLETED'
        order by status not in ('FAILED', 'SKIPPED'), wave_number, atom_number limit ${NAMED_ATOMS}`,
  );
}
