export { type Actor, assign, claimNext, type ClaimOptions, DEFAULT_LEASE_SECONDS, release } from './claim.ts';
export {
  bandOf,
  CONFIDENCE_BANDS,
  CONFIDENCE_WEIGHTS,
  type Confidence,
  type ConfidenceBand,
  type ConfidenceInput,
  type ConfidencePart,
  scoreConfidence,
} from './confidence.ts';
export { approve, type Decision, type DecisionDeps, MAX_REGENERATIONS, regenerate, reject, skip } from './decide.ts';
export { edit, type EditDeps } from './edit.ts';
export { DEFAULT_REVIEW_FRACTION, enqueueLowest } from './enqueue-lowest.ts';
export { flagAtom, flagAtoms, type FlagInput } from './flag-atom.ts';
export { getReview, listQueue, type Page, type QueueFilter, type ReviewDetail } from './queue.ts';
export type { ReviewAction, ReviewItem } from './review-item.ts';
export { statistics, type ReviewStatistics, type StatisticsScope } from './statistics.ts';
export type { ReviewSuggestions } from './suggestions.ts';
