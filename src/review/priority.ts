import type { Finding } from '../domain/index.ts';
import { bandOf, type ConfidenceBand } from './confidence.ts';

/** 1 is looked at first, 5 last. */
const BAND_PRIORITY: Readonly<Record<ConfidenceBand, number>> = { critical: 2, low: 3, medium: 4, high: 5 };

/**
 * Where an item stands in the queue: what failed comes before what is merely doubtful, and a critical finding (a credential in
 * the source) before everything.
 */
export function priorityOf(item: {
  readonly failed: boolean;
  readonly score: number;
  readonly findings: readonly Finding[];
}): number {
  if (item.findings.some((finding) => finding.severity === 'critical')) return 1;
  if (item.failed) return 2;
  return BAND_PRIORITY[bandOf(item.score)];
}
