export { type Actor, assign, claimNext, type ClaimOptions, release } from './claim.ts';
export { bandOf, type ConfidenceInput, scoreConfidence } from './confidence.ts';
export { approve, type Decision, regenerate, reject, skip } from './decide.ts';
export { edit, type EditDeps } from './edit.ts';
export { enqueueLowest } from './enqueue-lowest.ts';
export { flagAtoms } from './flag-atom.ts';
export { getReview, listQueue, type Page, type QueueFilter, type ReviewDetail } from './queue.ts';
export type { ReviewAction, ReviewItem } from './review-item.ts';
export { type ReviewStatistics, statistics, type StatisticsScope } from './statistics.ts';
