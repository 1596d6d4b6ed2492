/** Masterplans: a request becomes a stored plan of phases, milestones and tasks with draft source. */
export { MAX_BROUGHT_ENTRIES } from './brought.ts';
export { createBlueprintProvider } from './blueprints/provider.ts';
export { createMasterplan, type CreateOptions, type PlanningDeps } from './create.ts';
export { MAX_REQUEST_CHARACTERS } from './input.ts';
export type { BroughtFile, BroughtTask, CreateMasterplanInput, MasterplanConfig } from './input.ts';
export { deleteMasterplan, getMasterplan, listMasterplans, type ListQuery, listTasks } from './read.ts';
export { createModelProvider } from './model/provider.ts';
export { failPlanning, runPlanJob, type PlanJobOptions } from './plan-job.ts';
export { createPatternLibrary, type ApprovedAtom, type PatternLibrary } from './patterns/library.ts';
export type { PatternQuestion, PatternSource } from './patterns/pattern.ts';
export type { MasterplanView, TaskView } from './view.ts';
