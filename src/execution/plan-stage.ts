import { setTimeout as rest } from 'node:timers/promises';
import { eq } from 'drizzle-orm';
import type { CodeProvider, ProviderLookup } from '../adapters/llm/provider.ts';
import type { StageDeps } from '../adapters/runtime.ts';
import { schema } from '../db/index.ts';
import { asId, MgeError, type MasterplanId } from '../domain/index.ts';
import { failPlanning, runPlanJob, type PatternSource, type PlanJobOptions } from '../masterplan/index.ts';
import { planMeter } from './plan-meter.ts';
import { MAX_POSTPONEMENTS, providerDelayMs } from './retry-policy.ts';

export interface PlanStageDeps extends StageDeps {
  readonly providers: ProviderLookup;
  readonly defaultBudgetUsd: number;
  /** Where examples for prompts come from; without it there are none. */
  readonly patterns?: PatternSource;
}

/**
 * Plans a masterplan with its model, in the ledger like every paid call. A provider that is away is asked again, like for atoms.
 * @throws {MgeError} what planning failed with; the masterplan says so as well.
 */
export async function planStage(
  deps: PlanStageDeps,
  masterplanId: string,
  options: PlanJobOptions,
): Promise<Record<string, unknown>> {
  const id = asId<MasterplanId>(masterplanId);
  try {
    const provider = await providerOf(deps, id);
    const job = {
      ...deps,
      provider,
      meter: planMeter(deps.db, { masterplanId, defaultBudgetUsd: deps.defaultBudgetUsd }),
    };
    return await withPatience(() => runPlanJob(job, id, options), options.signal);
  } catch (error) {
    if (options.signal.aborted) throw error;
    const unexpected = 'planning ended with an unexpected error; the log of the worker says why';
    await failPlanning(deps, id, error instanceof MgeError ? error : new MgeError('INTERNAL', unexpected));
    throw error;
  }
}

async function providerOf(deps: PlanStageDeps, id: MasterplanId): Promise<CodeProvider> {
  const { masterplans } = schema;
  const [row] = await deps.db
    .select({ provider: masterplans.provider, config: masterplans.config })
    .from(masterplans)
    .where(eq(masterplans.masterplanId, id));
  if (row === undefined) throw new MgeError('NOT_FOUND', `There is no masterplan ${id}.`);
  const model = row.config['model'];
  return deps.providers(row.provider ?? '', typeof model === 'string' ? model : null);
}

async function withPatience<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await work();
    } catch (error) {
      const passes = error instanceof MgeError && error.retryable && !signal.aborted;
      if (!passes || failures > MAX_POSTPONEMENTS) throw error;
      await rest(providerDelayMs(failures, error.retryAfterMs), undefined, { signal });
    }
  }
}
