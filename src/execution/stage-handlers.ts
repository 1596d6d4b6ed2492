import type { StageDeps } from '../adapters/runtime.ts';
import { asId, type MasterplanId } from '../domain/index.ts';
import { decomposeMasterplan, type Atomizer } from '../atomization/index.ts';
import { buildMasterplanGraph } from '../graph/index.ts';
import type { StageHandler, StageKind } from './stage-jobs.ts';

/** What runs decomposition and graph building in a worker. */
export function createStageHandlers(
  deps: StageDeps & { readonly atomizer: Atomizer },
): Readonly<Record<Exclude<StageKind, 'finalize'>, StageHandler>> {
  return {
    decompose: async (masterplanId, { signal, onProgress }) => ({
      ...(await decomposeMasterplan(deps, asId<MasterplanId>(masterplanId), { signal, onProgress })),
    }),
    build_graph: async (masterplanId) => ({ ...(await buildMasterplanGraph(deps, asId<MasterplanId>(masterplanId))) }),
  };
}
