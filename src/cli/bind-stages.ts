import type { Stages } from '../api/index.ts';
import { readDecomposition } from '../atomization/index.ts';
import { awaitStage, submitStage } from '../execution/index.ts';
import { readGraph } from '../graph/index.ts';
import { createMasterplan, deleteMasterplan, getMasterplan, listMasterplans, listTasks } from '../masterplan/index.ts';
import type { Application } from './compose.ts';

/** The stages' functions, each bound to what it needs, as the API takes them. */
export function bindStages(app: Application): Stages {
  const { deps } = app;
  const planning = { ...deps, providers: app.providers, defaults: app.defaults };
  return {
    createMasterplan: (input) => createMasterplan(planning, input),
    getMasterplan: (id) => getMasterplan(deps, id),
    listMasterplans: (query) => listMasterplans(deps, query),
    listTasks: (id) => listTasks(deps, id),
    deleteMasterplan: (id) => deleteMasterplan(deps, id),
    readDecomposition: (id) => readDecomposition(deps, id),
    readGraph: (id) => readGraph(deps, id),
    submitStage: (input) => submitStage(deps, input),
    awaitStage: (jobId, deadlineMs) => awaitStage(deps, jobId, deadlineMs),
  };
}
