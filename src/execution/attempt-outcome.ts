import type { LevelReport } from '../validation/index.ts';
import type { AttemptRecord } from './statements/record-attempts.ts';

/** One atom in the hands of this worker, for one attempt. */
export interface ClaimedAtom {
  readonly atomId: string;
  readonly filePath: string;
  readonly masterplanId: string;
  readonly executionId: string;
  /** Fencing token of the claim. */
  readonly token: string;
  /** 1-based over the life of the atom. */
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly waveNumber: number;
  /** 1-based position in the plan. */
  readonly atomNumber: number;
  /** 1 for the first claim; more when workers died or lost their lease on it. */
  readonly deliveries: number;
  /** Claims in a row that the provider could not serve. */
  readonly postponements: number;
}

/** The text that is to be accepted. Exactly one of `code` and `bytes` is set. */
export interface AcceptedText {
  readonly code: string | null;
  readonly bytes: Uint8Array | null;
  readonly sha256: string;
  readonly provider: string;
  readonly model: string | null;
  /** 0 to 1; null when nothing is known about it. */
  readonly confidence: number | null;
}

/** How one attempt ended. */
export type AttemptOutcome =
  | {
      readonly kind: 'accepted';
      readonly text: AcceptedText;
      readonly record: AttemptRecord | null;
      readonly report: LevelReport | null;
    }
  /** Not good enough; the next attempt gets the findings, when one is left. */
  | { readonly kind: 'rejected'; readonly record: AttemptRecord; readonly report: LevelReport | null }
  /** Not good enough, and another attempt would not help. */
  | {
      readonly kind: 'exhausted';
      readonly record: AttemptRecord | null;
      readonly report: LevelReport | null;
      readonly message: string;
    }
  /** Nothing was tried: the provider is away or asks to wait. */
  | { readonly kind: 'postponed'; readonly delayMs: number; readonly message: string }
  /** Nothing was tried: the budget does not allow the call. Pauses the execution. */
  | { readonly kind: 'over_budget'; readonly message: string }
  /** Nothing was tried: the worker is stopping or the execution was cancelled. */
  | {
      readonly kind: 'released';
      /** It never began: the claim counts as if it had not been. */
      readonly untried?: true;
    };

/**
 * Makes one attempt. Never throws for what an attempt may end as; what it throws counts as `postponed`. It may call `answered` when
 * what it waited for is there and only checks are left: its slot is then free for another atom.
 */
export type AtomBody = (atom: ClaimedAtom, signal: AbortSignal, answered: () => void) => Promise<AttemptOutcome>;

/** An attempt that has ended and waits to be stored. */
export interface EndedAttempt {
  readonly atom: ClaimedAtom;
  readonly outcome: AttemptOutcome;
}
