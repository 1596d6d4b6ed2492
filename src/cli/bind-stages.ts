import type { Stages } from '../api/index.ts';
import { readDecomposition } from '../atomization/index.ts';
import * as execution from '../execution/index.ts';
import { loadGraph, readGraph } from '../graph/index.ts';
import * as masterplan from '../masterplan/index.ts';
import * as review from '../review/index.ts';
import type { Application } from './compose.ts';

/** The parts of the program that the stages need. */
export type StageParts = Pick<
  Application,
  'deps' | 'providers' | 'defaults' | 'metrics' | 'validation' | 'answerCache'
>;

/** The stages' functions, each bound to what it needs, as the API takes them. */
export function bindStages(app: StageParts): Stages {
  return { ...planningStages(app), ...executionStages(app), ...reviewStages(app) };
}

type Part<Name extends keyof Stages> = Pick<Stages, Name>;

function planningStages(
  app: StageParts,
): Part<
  | 'createMasterplan'
  | 'getMasterplan'
  | 'listMasterplans'
  | 'listTasks'
  | 'deleteMasterplan'
  | 'readDecomposition'
  | 'readGraph'
  | 'loadGraph'
  | 'submitStage'
  | 'awaitStage'
> {
  const { deps } = app;
  const planning = { ...deps, providers: app.providers, defaults: app.defaults };
  return {
    createMasterplan: (input) => masterplan.createMasterplan(planning, input),
    getMasterplan: (id) => masterplan.getMasterplan(deps, id),
    listMasterplans: (query) => masterplan.listMasterplans(deps, query),
    listTasks: (id) => masterplan.listTasks(deps, id),
    deleteMasterplan: (id) => masterplan.deleteMasterplan(deps, id),
    readDecomposition: (id) => readDecomposition(deps, id),
    readGraph: (id) => readGraph(deps, id),
    loadGraph: (id) => loadGraph(deps, id),
    submitStage: (input) => execution.submitStage(deps, input),
    awaitStage: (jobId, deadlineMs) => execution.awaitStage(deps, jobId, deadlineMs),
  };
}

function executionStages(
  app: StageParts,
): Part<
  | 'estimateMasterplan'
  | 'readCost'
  | 'listCostEvents'
  | 'suggestForReview'
  | 'forgetAnswers'
  | 'startExecution'
  | 'getExecutionStatus'
  | 'getExecutionResults'
  | 'exportArtifact'
  | 'listRecentExecutions'
  | 'getRecentPrecision'
  | 'pauseExecution'
  | 'resumeExecution'
  | 'cancelExecution'
  | 'retryAtom'
  | 'retryFailed'
  | 'cancelMasterplan'
  | 'rerunExecution'
  | 'overrideBudget'
  | 'getConcurrency'
> {
  const deps = { ...app.deps, defaults: app.defaults, metrics: app.metrics };
  return {
    estimateMasterplan: (id) => execution.estimateMasterplan({ ...deps, providers: app.providers }, id),
    suggestForReview: (id, signal) => execution.suggestForReview({ ...deps, providers: app.providers }, id, signal),
    readCost: (id) => execution.readCost(deps, id),
    listCostEvents: (id, page) => execution.listCostEvents(deps, id, page),
    forgetAnswers: async (id) => (await app.answerCache?.forget(id)) ?? 0,
    startExecution: (input) => execution.startExecution(deps, input),
    getExecutionStatus: (id) => execution.getExecutionStatus(deps, id),
    getExecutionResults: (id, page) => execution.getExecutionResults(deps, id, page),
    exportArtifact: (id) => execution.exportArtifact(deps, id),
    listRecentExecutions: (options) => execution.listRecentExecutions(deps, options),
    getRecentPrecision: (limit) => execution.getRecentPrecision(deps, limit),
    pauseExecution: (input) => execution.pauseExecution(deps, input),
    resumeExecution: (input) => execution.resumeExecution(deps, input),
    cancelExecution: (input) => execution.cancelExecution(deps, input),
    retryAtom: (input) => execution.retryAtom(deps, input),
    retryFailed: (input) => execution.retryFailed(deps, input),
    cancelMasterplan: (input) => execution.cancelMasterplan(deps, input),
    rerunExecution: (input) => execution.rerunExecution(deps, input),
    overrideBudget: (input) => execution.overrideBudget(deps, input),
    getConcurrency: (userId) => execution.getConcurrency(deps, userId),
  };
}

function reviewStages(
  app: StageParts,
): Part<
  | 'listReviewQueue'
  | 'getReview'
  | 'claimNextReview'
  | 'assignReview'
  | 'releaseReview'
  | 'approveReview'
  | 'skipReview'
  | 'decideReviews'
  | 'rejectReview'
  | 'editReview'
  | 'regenerateReview'
  | 'reviewStatistics'
> {
  const deps = { ...app.deps, validation: app.validation };
  return {
    listReviewQueue: (filter, page) => review.listQueue(deps, filter, page),
    getReview: (id) => review.getReview(deps, id),
    claimNextReview: (reviewer, options) => review.claimNext(deps, reviewer, options),
    assignReview: (id, input) => review.assign(deps, id, input),
    releaseReview: (id, actor) => review.release(deps, id, actor),
    approveReview: (id, decision) => review.approve(deps, id, decision),
    decideReviews: (actor, decisions, along) => review.decideMany(deps, actor, decisions, along),
    skipReview: (id, decision) => review.skip(deps, id, decision),
    rejectReview: (id, decision) => review.reject(deps, id, decision),
    editReview: (id, decision) => review.edit(deps, id, decision),
    regenerateReview: (id, decision) => review.regenerate(deps, id, decision),
    reviewStatistics: (scope) => review.statistics(deps, scope),
  };
}
