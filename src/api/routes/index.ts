import type { Api } from '../context.ts';
import type { ApiServices } from '../deps.ts';
import { registerAdminRoutes } from './admin.ts';
import { registerArtifactRoutes } from './artifacts.ts';
import { registerAtomRoutes } from './atoms.ts';
import { registerCostRoutes } from './costs.ts';
import { registerDeadLetterRoutes } from './dead-letters.ts';
import { registerEstimateRoutes } from './estimates.ts';
import { registerEventRoutes } from './events.ts';
import { registerExecutionRoutes } from './executions.ts';
import { registerGraphQuestions } from './graph-questions.ts';
import { registerGraphRoutes } from './graphs.ts';
import { registerHealthRoutes } from './health.ts';
import { registerMasterplanRoutes } from './masterplans.ts';
import { registerMonitoringRoutes } from './monitoring.ts';
import { registerBulkReview } from './review-bulk.ts';
import { registerReviewDecisions } from './review-decisions.ts';
import { registerReviewSuggestions } from './review-suggestions.ts';
import { registerReviewRoutes } from './reviews.ts';
import { registerRunControlRoutes } from './run-control.ts';
import { registerServiceRoutes } from './service.ts';
import { registerValidationCalls } from './validation-calls.ts';
import { registerValidationRoutes } from './validation.ts';

/** All routes. Where a fixed path and one with a parameter meet (`/atoms/health`, `/atoms/{atom_id}`), the router takes the fixed one. */
export function registerRoutes(app: Api, services: ApiServices): void {
  registerHealthRoutes(app, services);
  registerServiceRoutes(app, services);
  registerMasterplanRoutes(app, services);
  registerEstimateRoutes(app, services);
  registerArtifactRoutes(app, services);
  registerAtomRoutes(app, services);
  registerGraphRoutes(app, services);
  registerGraphQuestions(app, services);
  registerValidationRoutes(app, services);
  registerValidationCalls(app, services);
  registerExecutionRoutes(app, services);
  registerRunControlRoutes(app, services);
  registerCostRoutes(app, services);
  registerEventRoutes(app, services);
  registerReviewRoutes(app, services);
  registerReviewDecisions(app, services);
  registerBulkReview(app, services);
  registerReviewSuggestions(app, services);
  registerMonitoringRoutes(app, services);
  registerAdminRoutes(app, services);
  registerDeadLetterRoutes(app, services);
}
