import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';

export interface TestRedis {
  readonly url: string;
  /** Prefix for the keys of one test file, so that files running at the same time do not meet. */
  readonly prefix: string;
}

/** The Redis of this test run, with a key prefix of its own. */
export function testRedis(): TestRedis {
  return { url: inject('redisUrl'), prefix: `test-${randomBytes(6).toString('hex')}` };
}
