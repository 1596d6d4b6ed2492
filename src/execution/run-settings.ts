import { sql } from 'drizzle-orm';
import type { Db } from '../db/index.ts';
import { MgeError } from '../domain/index.ts';
import { rowsOf } from './statements/json-rows.ts';

/** What is fixed for the length of an execution. */
export interface ExecutionSettings {
  readonly provider: string;
  /** The model that the masterplan asks for; null leaves it to the provider. */
  readonly model: string | null;
  readonly seed: number;
  /** Every attempt at temperature 0. */
  readonly deterministic: boolean;
  /** Whose masterplan it is. */
  readonly userId: string | null;
  /** Who made the drafts: the provider of the plan, or `client` for a plan that was brought along. */
  readonly draftProvider: string;
  readonly draftModel: string | null;
}

/** Executions kept at once; the oldest is forgotten first. */
const MAX_KEPT = 1_000;

/** Remembers the settings of executions that this process works on. */
export class RunSettings {
  private readonly db: Db;
  private readonly known = new Map<string, Promise<ExecutionSettings>>();

  constructor(db: Db) {
    this.db = db;
  }

  /** @throws {MgeError} NOT_FOUND when the execution was deleted. */
  of(executionId: string): Promise<ExecutionSettings> {
    let settings = this.known.get(executionId);
    if (!settings) {
      settings = this.read(executionId);
      settings.catch(() => this.known.delete(executionId));
      this.known.set(executionId, settings);
      const oldest = this.known.keys().next().value;
      if (this.known.size > MAX_KEPT && oldest !== undefined) this.known.delete(oldest);
    }
    return settings;
  }

  private async read(executionId: string): Promise<ExecutionSettings> {
    const [row] = await rowsOf<{
      provider: string;
      seed: string;
      planProvider: string | null;
      model: string | null;
      wish: string | null;
      deterministic: boolean;
      userId: string | null;
    }>(
      this.db,
      sql`select e.provider, e.seed, m.provider as "planProvider", m.llm_model as model, m.config->>'model' as wish,
            coalesce((m.config->>'deterministic')::boolean, false) as deterministic, m.user_id::text as "userId"
          from executions e join masterplans m using (masterplan_id) where e.execution_id = ${executionId}::uuid`,
    );
    if (!row) throw new MgeError('NOT_FOUND', `execution ${executionId} does not exist`);
    return {
      provider: row.provider,
      model: row.wish,
      seed: Number(row.seed),
      deterministic: row.deterministic,
      userId: row.userId,
      draftProvider: row.planProvider ?? row.provider,
      draftModel: row.model,
    };
  }
}
