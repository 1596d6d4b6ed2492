/** The pages to sign in and to sign up, with their tests. */
import { fileText } from '../../layout.ts';

export function signInPageFile(): string {
  return fileText(`
import { type Credentials, signIn } from '../api/auth';
import { TextField } from '../components/text-field';
import { firstProblem, onlyProblems, required } from '../forms/rules';
import { type FormErrors, useForm } from '../hooks/use-form';

const EMPTY: Credentials = { email: '', password: '' };

function validate(values: Credentials): FormErrors<Credentials> {
  return onlyProblems({
    email: firstProblem(values.email, [required]),
    password: firstProblem(values.password, [required]),
  });
}

/** The way in for those who have an account. */
export function SignInPage() {
  const form = useForm({ initial: EMPTY, validate, submit: signIn });

  return (
    <main className="entrance">
      <form
        className="panel"
        aria-labelledby="sign-in-heading"
        onSubmit={(event) => void form.handleSubmit(event)}
        noValidate
      >
        <h1 id="sign-in-heading">Sign in</h1>
        {form.failure && (
          <p role="alert" className="error">
            {form.failure}
          </p>
        )}
        <TextField
          id="email"
          label="E-mail"
          type="email"
          autoComplete="username"
          value={form.values.email}
          error={form.errors.email}
          onChange={(value) => form.set('email', value)}
        />
        <TextField
          id="password"
          label="Password"
          type="password"
          autoComplete="current-password"
          value={form.values.password}
          error={form.errors.password}
          onChange={(value) => form.set('password', value)}
        />
        <div className="actions">
          <button type="submit" className="primary" disabled={form.submitting}>
            Sign in
          </button>
          <a href="#/sign-up">Create an account</a>
        </div>
      </form>
    </main>
  );
}
`);
}

export function signUpPageFile(): string {
  return fileText(`
import { type Registration, signUp } from '../api/auth';
import { TextField } from '../components/text-field';
import { firstProblem, maxLength, onlyProblems, required, type Rule } from '../forms/rules';
import { type FormErrors, useForm } from '../hooks/use-form';

const EMPTY: Registration = { name: '', email: '', password: '' };

const longEnough: Rule = (value) => (value.length < 8 ? 'At least 8 characters.' : undefined);

function validate(values: Registration): FormErrors<Registration> {
  return onlyProblems({
    name: firstProblem(values.name, [required]),
    email: firstProblem(values.email, [required]),
    password: firstProblem(values.password, [longEnough, maxLength(128)]),
  });
}

/** Leaves the address of this page, so that signing out does not lead back to it. */
async function submit(registration: Registration): Promise<void> {
  await signUp(registration);
  window.location.hash = '';
}

/** The way in for those who have no account yet. */
export function SignUpPage() {
  const form = useForm({ initial: EMPTY, validate, submit });

  return (
    <main className="entrance">
      <form
        className="panel"
        aria-labelledby="sign-up-heading"
        onSubmit={(event) => void form.handleSubmit(event)}
        noValidate
      >
        <h1 id="sign-up-heading">Create an account</h1>
        {form.failure && (
          <p role="alert" className="error">
            {form.failure}
          </p>
        )}
        <TextField
          id="name"
          label="Name"
          autoComplete="name"
          value={form.values.name}
          error={form.errors.name}
          onChange={(value) => form.set('name', value)}
        />
        <TextField
          id="email"
          label="E-mail"
          type="email"
          autoComplete="username"
          value={form.values.email}
          error={form.errors.email}
          onChange={(value) => form.set('email', value)}
        />
        <TextField
          id="password"
          label="Password"
          type="password"
          autoComplete="new-password"
          value={form.values.password}
          error={form.errors.password}
          onChange={(value) => form.set('password', value)}
        />
        <div className="actions">
          <button type="submit" className="primary" disabled={form.submitting}>
            Create account
          </button>
          <a href="#/">Sign in</a>
        </div>
      </form>
    </main>
  );
}
`);
}

export function signInPageTestFile(): string {
  return fileText(`
import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { readToken } from '../auth/session';
import { answer, installFakeApi } from '../test/fake-api';
import { SignInPage } from './sign-in-page';

async function fillIn(password: string): Promise<void> {
  await userEvent.type(screen.getByLabelText('E-mail'), 'ada@example.com');
  await userEvent.type(screen.getByLabelText('Password'), password);
  await userEvent.click(screen.getByRole('button', { name: 'Sign in' }));
}

describe('SignInPage', () => {
  it('begins a session', async () => {
    const sent: unknown[] = [];
    installFakeApi({}, {
      'POST /api/auth/login': (body) => {
        sent.push(body);
        return answer(200, { access_token: 'abc', token_type: 'bearer', expires_in: 60 });
      },
    });
    render(<SignInPage />);

    await fillIn('correct horse');

    await waitFor(() => expect(readToken()).toBe('abc'));
    expect(sent).toEqual([{ email: 'ada@example.com', password: 'correct horse' }]);
  });

  it('says that the password is wrong', async () => {
    const refuse = () => answer(401, { detail: 'Wrong e-mail or password.' });
    installFakeApi({}, { 'POST /api/auth/login': refuse });
    render(<SignInPage />);

    await fillIn('battery staple');

    expect((await screen.findByRole('alert')).textContent).toBe('Wrong e-mail or password.');
    expect(readToken()).toBeNull();
  });

  it('does not send an empty form', async () => {
    render(<SignInPage />);

    await userEvent.click(screen.getByRole('button', { name: 'Sign in' }));

    expect(screen.getAllByText('Please fill this in.')).toHaveLength(2);
  });
});
`);
}

export function signUpPageTestFile(): string {
  return fileText(`
import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { readToken } from '../auth/session';
import { answer, installFakeApi } from '../test/fake-api';
import { SignUpPage } from './sign-up-page';

async function fillIn(password: string): Promise<void> {
  await userEvent.type(screen.getByLabelText('Name'), 'Ada');
  await userEvent.type(screen.getByLabelText('E-mail'), 'ada@example.com');
  await userEvent.type(screen.getByLabelText('Password'), password);
  await userEvent.click(screen.getByRole('button', { name: 'Create account' }));
}

describe('SignUpPage', () => {
  it('makes an account and begins a session', async () => {
    const sent: unknown[] = [];
    installFakeApi({}, {
      'POST /api/auth/register': (body) => {
        sent.push(body);
        return answer(201, { id: 1 });
      },
      'POST /api/auth/login': () => answer(200, { access_token: 'abc' }),
    });
    render(<SignUpPage />);

    await fillIn('correct horse');

    await waitFor(() => expect(readToken()).toBe('abc'));
    expect(sent).toEqual([{ name: 'Ada', email: 'ada@example.com', password: 'correct horse' }]);
  });

  it('wants passwords of 8 characters', async () => {
    render(<SignUpPage />);

    await fillIn('short');

    expect(screen.getByText('At least 8 characters.')).toBeDefined();
  });

  it('says that an address is taken', async () => {
    const errors = [{ field: 'email', message: 'Taken.' }];
    const refuse = () => answer(409, { detail: 'There is such an account.', errors });
    installFakeApi({}, { 'POST /api/auth/register': refuse });
    render(<SignUpPage />);

    await fillIn('correct horse');

    expect(await screen.findByText('Taken.')).toBeDefined();
    expect(screen.getByLabelText('E-mail').getAttribute('aria-invalid')).toBe('true');
  });
});
`);
}
