/** The API over the database of a harness, listening: calls go through a socket, with tokens. */
import { startApi } from '../api/api-under-test.ts';
import { stagesOver } from '../api/stages-under-test.ts';
import { tokenFor } from '../../unit/api/api-fixture.ts';
import type { Role } from '../../../src/api/principal.ts';
import type { Harness } from './harness.ts';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface HttpApi {
  readonly base: string;
  /** Calls as the owner of the plans that `Harness.plan` makes, unless told otherwise. */
  call(method: string, path: string, body?: unknown, as?: { subject?: string; role?: Role }): Promise<HttpAnswer>;
  /** The header that makes a call the owner's. */
  authorization(): Promise<string>;
  close(): Promise<void>;
}

/** The owner of plans made by the factories. */
export const OWNER = 'test-user';

export async function openHttp(harness: Harness): Promise<HttpApi> {
  const { db, pool } = harness.database;
  const api = await startApi((deps) => {
    const over = { ...deps, db, pool };
    const editReview = () => Promise.reject(new Error('nothing is edited in these tests'));
    return { db, pool, stages: { ...stagesOver(over), editReview } };
  });
  const base = await api.app.listen({ host: '127.0.0.1', port: 0 });
  return {
    base,
    call: async (method, path, body, { subject = OWNER, role = 'user' } = {}) => {
      const response = await fetch(`${base}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${await tokenFor(subject, { role })}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return {
        status: response.status,
        headers: response.headers,
        body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>,
      };
    },
    authorization: async () => `Bearer ${await tokenFor(OWNER, { role: 'user' })}`,
    close: () => api.close(),
  };
}
