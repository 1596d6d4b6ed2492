/** Tests of the session and of its gate, and what other tests need of them. */
import { fileText } from '../../layout.ts';

export function testSessionFile(): string {
  return fileText(`
import type { ReactNode } from 'react';
import type { Account } from '../api/auth';
import { storeToken } from '../auth/session';
import { SessionContext } from '../auth/session-context';
import { answer, type FakeRoutes } from './fake-api';

/** An account as the API sends it: an admin. */
export function makeAccount(overrides: Partial<Account> = {}): Account {
  const values = { id: 1, email: 'ada@example.com', name: 'Ada', role: 'admin' as const };
  const made = { created_at: '2024-05-01T08:00:00Z', updated_at: '2024-05-01T08:00:00Z' };
  return { label: 'Ada', ...values, ...made, ...overrides };
}

/** Begins a session; gives the routes that a fake API needs for it. */
export function signedIn(account: Account = makeAccount()): FakeRoutes {
  storeToken('test-token');
  return { 'GET /api/auth/me': () => answer(200, account) };
}

/** Shows components as an admin sees them: the wrapper of \`render\`. */
export function AsAdmin({ children }: { children: ReactNode }) {
  const session = { account: makeAccount(), refresh: () => undefined };
  return <SessionContext value={session}>{children}</SessionContext>;
}
`);
}

export function sessionTestFile(): string {
  return fileText(`
import { describe, expect, it, vi } from 'vitest';
import { request } from '../api/http';
import { installFailingApi } from '../test/fake-api';
import { onSession, readToken, storeToken } from './session';

describe('the session', () => {
  it('keeps the token until it ends', () => {
    storeToken('abc');
    expect(readToken()).toBe('abc');

    storeToken(null);

    expect(readToken()).toBeNull();
  });

  it('tells who wants to know', () => {
    const listener = vi.fn();
    const stop = onSession(listener);

    storeToken('abc');
    stop();
    storeToken(null);

    expect(listener).toHaveBeenCalledOnce();
  });

  it('sends its token with every request', async () => {
    const fetch = vi.fn(() => Promise.resolve(new Response('{}')));
    vi.stubGlobal('fetch', fetch);
    storeToken('abc');

    await request('GET', '/api/things');

    expect(fetch).toHaveBeenCalledWith('/api/things', {
      method: 'GET',
      headers: { Authorization: 'Bearer abc' },
    });
  });

  it('ends when the server no longer knows it', async () => {
    installFailingApi(401, { detail: 'Please sign in.' });
    storeToken('abc');

    await expect(request('GET', '/api/things')).rejects.toThrow('Please sign in.');

    expect(readToken()).toBeNull();
  });
});
`);
}

export function sessionGateTestFile(): string {
  return fileText(`
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { storeToken } from '../auth/session';
import { installFailingApi, installFakeApi } from '../test/fake-api';
import { signedIn } from '../test/session';
import { AccountBar } from './account-bar';
import { SessionGate } from './session-gate';

function renderGate() {
  render(
    <SessionGate>
      <AccountBar />
      <p>Inside</p>
    </SessionGate>,
  );
}

describe('SessionGate', () => {
  it('asks those to sign in who have not', () => {
    renderGate();

    expect(screen.getByRole('heading', { name: 'Sign in' })).toBeDefined();
    expect(screen.queryByText('Inside')).toBeNull();
  });

  it('leads to a new account', () => {
    window.location.hash = '#/sign-up';
    renderGate();

    expect(screen.getByRole('heading', { name: 'Create an account' })).toBeDefined();
  });

  it('lets in who has signed in, and out again', async () => {
    installFakeApi({}, signedIn());
    renderGate();
    expect(await screen.findByText('Inside')).toBeDefined();
    expect(screen.getByText('Ada')).toBeDefined();

    await userEvent.click(screen.getByRole('button', { name: 'Sign out' }));

    expect(screen.getByRole('heading', { name: 'Sign in' })).toBeDefined();
  });

  it('asks again when the session has expired', async () => {
    installFailingApi(401, { detail: 'Please sign in.' });
    storeToken('old');
    renderGate();

    expect(await screen.findByRole('heading', { name: 'Sign in' })).toBeDefined();
  });

  it('offers another try when the server fails', async () => {
    const routes = signedIn();
    installFailingApi(503, { detail: 'Closed for now.' });
    renderGate();
    expect((await screen.findByRole('alert')).textContent).toContain('Closed for now.');
    installFakeApi({}, routes);

    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));

    expect(await screen.findByText('Inside')).toBeDefined();
  });
});
`);
}
