import type { Db } from '../db/index.ts';
import type { Logger } from './telemetry/logger.ts';

/** The clock, so that tests can turn it. */
export interface Clock {
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };

/** What every stage's shell needs. Stages add what they need beyond it to their own parameter type. */
export interface StageDeps {
  readonly db: Db;
  readonly log: Logger;
  readonly clock: Clock;
}
