/** Roles in the front end: the page of accounts, which only admins see. */
import type { GeneratedFile } from '../../generated-file.ts';
import { fileText } from '../../layout.ts';
import type { ProjectModel } from '../../model.ts';
import { featureFile, has } from './feature-file.ts';

function accountsApiFile(): string {
  return fileText(`
import type { Account, Role } from './auth';
import { queryString, request } from './http';
import type { Listable } from './resource';

interface Accounts extends Listable<Account, object> {
  changeRole(id: number, role: Role): Promise<Account>;
}

const PATH = '/api/accounts';

/** All accounts, for admins. */
export const accountsApi: Accounts = {
  list: (query) => request('GET', PATH + queryString(query)),
  changeRole: (id, role) => request('PATCH', \`\${PATH}/\${id}\`, { role }),
};
`);
}

function accountsPageFile(): string {
  return fileText(`
import { useState } from 'react';
import { accountsApi } from '../api/accounts';
import type { Account, Role } from '../api/auth';
import { useSession } from '../auth/session-context';
import { CollectionFrame } from '../components/collection-frame';
import { messageOf } from '../hooks/message-of';
import { useCollection } from '../hooks/use-collection';

const NO_FILTERS = {};
const ROLES: readonly Role[] = ['admin', 'member'];

interface AccountRowProps {
  account: Account;
  onRole(account: Account, role: Role): void;
}

function AccountRow({ account, onRole }: AccountRowProps) {
  return (
    <tr>
      <td>{account.name}</td>
      <td>{account.email}</td>
      <td>
        <select
          aria-label={\`Role of \${account.label}\`}
          value={account.role}
          onChange={(event) => onRole(account, event.target.value as Role)}
        >
          {ROLES.map((role) => (
            <option key={role}>{role}</option>
          ))}
        </select>
      </td>
    </tr>
  );
}

/** Who can sign in, and who is an admin. */
export function AccountsPage() {
  const session = useSession();
  const collection = useCollection(accountsApi, NO_FILTERS);
  const [failure, setFailure] = useState<string | null>(null);

  async function changeRole(account: Account, role: Role) {
    try {
      await accountsApi.changeRole(account.id, role);
      setFailure(null);
      if (account.id === session?.account.id) session.refresh();
    } catch (reason) {
      setFailure(messageOf(reason));
    }
    collection.reload();
  }

  return (
    <section aria-labelledby="accounts-heading">
      <h1 id="accounts-heading">Accounts</h1>
      {failure && (
        <p role="alert" className="error">
          {failure}
        </p>
      )}
      <CollectionFrame collection={collection} emptyText="No accounts here yet.">
        {(accounts) => (
          <div className="table-frame">
            <table>
              <thead>
                <tr>
                  <th scope="col">Name</th>
                  <th scope="col">E-mail</th>
                  <th scope="col">Role</th>
                </tr>
              </thead>
              <tbody>
                {accounts.map((account) => (
                  <AccountRow
                    key={account.id}
                    account={account}
                    onRole={(changed, role) => void changeRole(changed, role)}
                  />
                ))}
              </tbody>
            </table>
          </div>
        )}
      </CollectionFrame>
    </section>
  );
}
`);
}

function accountsPageTestFile(): string {
  return fileText(`
import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import { SessionContext } from '../auth/session-context';
import { answer, installFakeApi } from '../test/fake-api';
import { makeAccount } from '../test/session';
import { AccountsPage } from './accounts-page';

const OTHER = { id: 2, label: 'Bob', name: 'Bob', email: 'bob@example.com', role: 'member' as const };

function collections() {
  const rows = [makeAccount(), makeAccount(OTHER)];
  return { '/api/accounts': { rows, complete: makeAccount } };
}

function renderPage(refresh: () => void = vi.fn()) {
  render(
    <SessionContext value={{ account: makeAccount(), refresh }}>
      <AccountsPage />
    </SessionContext>,
  );
}

const roleOf = (name: string) => screen.findByRole<HTMLSelectElement>('combobox', { name });

describe('AccountsPage', () => {
  it('changes the role of an account', async () => {
    installFakeApi(collections());
    const refresh = vi.fn();
    renderPage(refresh);
    const select = await roleOf('Role of Bob');
    expect(select.value).toBe('member');

    await userEvent.selectOptions(select, 'admin');

    await waitFor(() => expect(select.value).toBe('admin'));
    expect(refresh).not.toHaveBeenCalled();
  });

  it('notices when the own role changes', async () => {
    installFakeApi(collections());
    const refresh = vi.fn();
    renderPage(refresh);

    await userEvent.selectOptions(await roleOf('Role of Ada'), 'member');

    await waitFor(() => expect(refresh).toHaveBeenCalledOnce());
  });

  it('shows why a role cannot change', async () => {
    const refuse = () => answer(409, { detail: 'Somebody has to be an admin.' });
    installFakeApi(collections(), { 'PATCH /api/accounts/1': refuse });
    renderPage();

    await userEvent.selectOptions(await roleOf('Role of Ada'), 'member');

    expect((await screen.findByRole('alert')).textContent).toBe('Somebody has to be an admin.');
  });
});
`);
}

/** The files that roles add. */
export function rolesFiles(project: ProjectModel): GeneratedFile[] {
  if (!has(project, 'roles')) return [];
  return [
    featureFile('src/api/accounts.ts', accountsApiFile(), 'Calls for accounts'),
    featureFile('src/pages/accounts-page.tsx', accountsPageFile(), 'Page of accounts'),
    featureFile('src/pages/accounts-page.test.tsx', accountsPageTestFile(), 'Tests of the page of accounts'),
  ];
}
