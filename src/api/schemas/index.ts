import { Atom, AtomDetail, AtomEdge, Decomposition, ValidationResult } from './atoms.ts';
import { type NamedSchema, Page, ProblemSchema } from './common.ts';
import { Cost, CostEvent } from './costs.ts';
import { DeadLetter, DeadLetterDetail } from './dead-letters.ts';
import { ForgottenAnswers, MasterplanEstimate } from './estimates.ts';
import { AtomOutcome, Execution, ExecutionOutcome, Precision } from './executions.ts';
import { GraphAtom } from './graph-questions.ts';
import { Graph, Wave } from './graphs.ts';
import { HealthReport } from './health.ts';
import { Masterplan, StageJob, Task } from './masterplans.ts';
import { ActiveUsers, AuditEntry, Maintenance, RecentExecutions, RecentPrecision } from './operations.ts';
import { BulkDecisions, ReviewDetail, ReviewItem, ReviewStatistics, ReviewSuggestionList } from './reviews.ts';
import { Budget, CancelledMasterplan, ConcurrencyStatus, RerunPreview } from './run-control.ts';
import { LevelReport, ValidationRun } from './validation.ts';

/** Every schema that answers refer to by name. */
export const NAMED_SCHEMAS: readonly NamedSchema[] = [
  ProblemSchema,
  Page,
  HealthReport,
  Masterplan,
  Task,
  MasterplanEstimate,
  ForgottenAnswers,
  StageJob,
  Decomposition,
  Atom,
  AtomEdge,
  AtomDetail,
  ValidationResult,
  LevelReport,
  ValidationRun,
  Graph,
  GraphAtom,
  Wave,
  Execution,
  AtomOutcome,
  Precision,
  ExecutionOutcome,
  CancelledMasterplan,
  RerunPreview,
  ConcurrencyStatus,
  Budget,
  Cost,
  CostEvent,
  ReviewItem,
  ReviewDetail,
  ReviewStatistics,
  ReviewSuggestionList,
  BulkDecisions,
  RecentExecutions,
  RecentPrecision,
  ActiveUsers,
  Maintenance,
  AuditEntry,
  DeadLetter,
  DeadLetterDetail,
];
