import type { StageDeps } from '../adapters/runtime.ts';
import { asId, type MasterplanId } from '../domain/index.ts';
import { decomposeMasterplan, type Atomizer } from '../atomization/index.ts';
import { buildMasterplanGraph, type GraphOptions } from '../graph/index.ts';
import { EXECUTION_DEFAULTS } from './deps.ts';
import { planStage, type PlanStageDeps } from './plan-stage.ts';
import type { StageHandler } from './stage-jobs.ts';

/** What runs planning with a model, decomposition and graph building in a worker. */
export function createStageHandlers(
  deps: StageDeps & { readonly atomizer: Atomizer; readonly graph?: GraphOptions } & Partial<
      Pick<PlanStageDeps, 'providers' | 'defaultBudgetUsd' | 'patterns'>
    >,
): Readonly<Record<'decompose' | 'build_graph', StageHandler>> & { readonly plan?: StageHandler } {
  const { providers, defaultBudgetUsd } = deps;
  return {
    ...(providers === undefined
      ? {}
      : {
          plan: (masterplanId: string, context) =>
            planStage(
              { ...deps, providers, defaultBudgetUsd: defaultBudgetUsd ?? EXECUTION_DEFAULTS.budgetUsd },
              masterplanId,
              context,
            ),
        }),
    decompose: async (masterplanId, { signal, onProgress }) => ({
      ...(await decomposeMasterplan(deps, asId<MasterplanId>(masterplanId), { signal, onProgress })),
    }),
    build_graph: async (masterplanId) => ({
      ...(await buildMasterplanGraph(deps, asId<MasterplanId>(masterplanId), deps.graph)),
    }),
  };
}
