/** Sign-in of the front end: the session, the calls, the context of the account. */
import type { GeneratedFile } from '../../generated-file.ts';
import { fileText } from '../../layout.ts';
import type { ProjectModel } from '../../model.ts';
import { signInPageFile, signInPageTestFile, signUpPageFile, signUpPageTestFile } from './auth-pages.ts';
import { sessionGateTestFile, sessionTestFile, testSessionFile } from './auth-tests.ts';
import { featureFile, has } from './feature-file.ts';

function sessionFile(): string {
  return fileText(`
const KEY = 'access-token';
const listeners = new Set<() => void>();

/** The token of this tab's session; null while nobody is signed in. */
export function readToken(): string | null {
  return sessionStorage.getItem(KEY);
}

/** Begins a session with a token, or ends it with null. */
export function storeToken(token: string | null): void {
  if (token === null) sessionStorage.removeItem(KEY);
  else sessionStorage.setItem(KEY, token);
  listeners.forEach((listener) => listener());
}

/** Calls \`listener\` whenever a session begins or ends; gives the way to stop that. */
export function onSession(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
`);
}

function authApiFile(): string {
  return fileText(`
import { storeToken } from '../auth/session';
import { request } from './http';
import type { Reference } from './resource';

export type Role = 'admin' | 'member';

/** Somebody who can sign in. */
export interface Account extends Reference {
  email: string;
  name: string;
  role: Role;
  created_at: string;
  updated_at: string;
}

export interface Credentials {
  email: string;
  password: string;
}

export interface Registration extends Credentials {
  name: string;
}

/** Begins a session. */
export async function signIn({ email, password }: Credentials): Promise<void> {
  const answer = await request<{ access_token: string }>('POST', '/api/auth/login', {
    email,
    password,
  });
  storeToken(answer.access_token);
}

/** Makes an account and begins its first session. */
export async function signUp(registration: Registration): Promise<void> {
  await request('POST', '/api/auth/register', registration);
  await signIn(registration);
}

/** The account of the session. */
export function readAccount(): Promise<Account> {
  return request('GET', '/api/auth/me');
}
`);
}

function sessionContextFile(): string {
  return fileText(`
import { createContext, useContext } from 'react';
import type { Account } from '../api/auth';

/** Who is signed in. */
export interface Session {
  account: Account;
  /** Reads the account again, after it has changed. */
  refresh(): void;
}

export const SessionContext = createContext<Session | null>(null);

/** The session that a component is shown in; null outside of one. */
export function useSession(): Session | null {
  return useContext(SessionContext);
}
`);
}

function useTokenFile(): string {
  return fileText(`
import { useSyncExternalStore } from 'react';
import { onSession, readToken } from '../auth/session';

/** The token of the session; the component is drawn again when a session begins or ends. */
export function useToken(): string | null {
  return useSyncExternalStore(onSession, readToken);
}
`);
}

function useOwnAccountFile(): string {
  return fileText(`
import { useCallback, useEffect, useState } from 'react';
import { type Account, readAccount } from '../api/auth';
import { messageOf } from './message-of';

export interface OwnAccount {
  account: Account | null;
  failure: string | null;
  refresh(): void;
}

/** The account of the session, read from the server. */
export function useOwnAccount(): OwnAccount {
  const [account, setAccount] = useState<Account | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [version, setVersion] = useState(0);

  useEffect(() => {
    let current = true;
    readAccount().then(
      (read) => current && setAccount(read),
      (reason: unknown) => current && setFailure(messageOf(reason)),
    );
    return () => {
      current = false;
    };
  }, [version]);

  const refresh = useCallback(() => {
    setFailure(null);
    setVersion((count) => count + 1);
  }, []);
  return { account, failure, refresh };
}
`);
}

function sessionGateFile(): string {
  return fileText(`
import type { ReactNode } from 'react';
import { SessionContext } from '../auth/session-context';
import { parseRoute, useHash } from '../hooks/use-hash-route';
import { useOwnAccount } from '../hooks/use-own-account';
import { useToken } from '../hooks/use-token';
import { SignInPage } from '../pages/sign-in-page';
import { SignUpPage } from '../pages/sign-up-page';

interface SessionGateProps {
  children: ReactNode;
}

/** Shows its children to those who are signed in, and the way in to everybody else. */
export function SessionGate({ children }: SessionGateProps) {
  const token = useToken();
  const route = parseRoute(useHash());
  if (token !== null) return <OwnSession key={token}>{children}</OwnSession>;
  return route.path === '/sign-up' ? <SignUpPage /> : <SignInPage />;
}

/** Shows its children once it is known who is signed in. */
function OwnSession({ children }: SessionGateProps) {
  const { account, failure, refresh } = useOwnAccount();
  if (failure !== null) {
    return (
      <p role="alert" className="error">
        {failure}{' '}
        <button type="button" onClick={refresh}>
          Try again
        </button>
      </p>
    );
  }
  if (account === null) return <p role="status">Loading…</p>;
  return <SessionContext value={{ account, refresh }}>{children}</SessionContext>;
}
`);
}

function accountBarFile(project: ProjectModel): string {
  const role = has(project, 'roles') ? '\n      <span className="hint">{session.account.role}</span>' : '';
  return fileText(`
import { storeToken } from '../auth/session';
import { useSession } from '../auth/session-context';

/** Who is signed in, and the way out. */
export function AccountBar() {
  const session = useSession();
  if (session === null) return null;
  return (
    <div className="account">
      <span title={session.account.email}>{session.account.name}</span>${role}
      <button type="button" onClick={() => storeToken(null)}>
        Sign out
      </button>
    </div>
  );
}
`);
}

/** The files that sign-in adds. */
export function authFiles(project: ProjectModel): GeneratedFile[] {
  if (!has(project, 'auth')) return [];
  return [
    featureFile('src/auth/session.ts', sessionFile(), 'The token of the session'),
    featureFile('src/auth/session-context.ts', sessionContextFile(), 'Who is signed in, for all components'),
    featureFile('src/api/auth.ts', authApiFile(), 'Calls of sign-in and sign-up'),
    featureFile('src/hooks/use-token.ts', useTokenFile(), 'The session as state'),
    featureFile('src/hooks/use-own-account.ts', useOwnAccountFile(), 'The account of the session'),
    featureFile('src/pages/sign-in-page.tsx', signInPageFile(), 'Page to sign in'),
    featureFile('src/pages/sign-up-page.tsx', signUpPageFile(), 'Page to make an account'),
    featureFile('src/components/session-gate.tsx', sessionGateFile(), 'Only for those who are signed in'),
    featureFile('src/components/account-bar.tsx', accountBarFile(project), 'Who is signed in, and signing out'),
    featureFile('src/test/session.tsx', testSessionFile(), 'Sessions for tests'),
    featureFile('src/auth/session.test.ts', sessionTestFile(), 'Tests of the session'),
    featureFile('src/pages/sign-in-page.test.tsx', signInPageTestFile(), 'Tests of signing in'),
    featureFile('src/pages/sign-up-page.test.tsx', signUpPageTestFile(), 'Tests of signing up'),
    featureFile('src/components/session-gate.test.tsx', sessionGateTestFile(), 'Tests of the gate'),
  ];
}
