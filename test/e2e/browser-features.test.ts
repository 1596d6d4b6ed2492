/** The pages of features in a real browser, with the back end that they were generated with. See browser.test.ts for what it needs. */
import { readFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { missingBrowser, openBrowser } from '../support/browser.ts';
import { type BackendKind, type GeneratedApp, startGeneratedApp } from '../support/generated-app.ts';

const APPS: readonly { readonly backend: BackendKind; readonly userRequest: string }[] = [
  { backend: 'fastapi', userRequest: 'A catalogue with FastAPI and React' },
  { backend: 'flask', userRequest: 'A catalogue with Flask and React' },
  { backend: 'fastify', userRequest: 'A catalogue with Fastify and React' },
];

const SPEC = {
  name: 'Seed catalogue',
  entities: [
    { name: 'colour', fields: ['name: text(40) required unique'] },
    {
      name: 'seed',
      fields: ['name: text(80) required unique', 'price: decimal(0..100)'],
      relations: ['colours: many colour'],
    },
  ],
};

const FEATURES = ['auth', 'roles', 'csv', 'upload', 'soft_delete', 'audit', 'jobs'] as const;

const noBrowser = await missingBrowser();

describe.skipIf(noBrowser !== null).each(APPS)(
  `the generated pages of features of a $backend project${noBrowser === null ? '' : ` (${noBrowser})`}`,
  ({ backend, userRequest }) => {
    let app: GeneratedApp;
    let browser: Browser;
    let page: Page;
    const complaints: string[] = [];

    beforeAll(async () => {
      app = await startGeneratedApp({ userRequest, spec: { ...SPEC, features: FEATURES }, backend });
      browser = await openBrowser();
      page = await browser.newPage();
      page.setDefaultTimeout(30_000);
      page.on('pageerror', (error) => complaints.push(String(error)));
    }, 200_000);

    afterAll(async () => {
      await browser?.close();
      await app?.stop();
    });

    const row = (text: string) => page.getByRole('row').filter({ hasText: text });
    const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
    const open = (name: string) => page.getByRole('link', { name, exact: true }).first().click();

    async function signUp(name: string): Promise<void> {
      await open('Create an account');
      await page.getByLabel('Name').fill(name);
      await page.getByLabel('E-mail').fill(`${name.toLowerCase()}@example.com`);
      await page.getByLabel('Password').fill('correct horse');
      await press('Create account');
      await page.getByRole('navigation', { name: 'Main' }).waitFor();
    }

    async function create(kind: string, fill: (form: ReturnType<Page['getByRole']>) => Promise<void>): Promise<void> {
      await press(`New ${kind}`);
      const form = page.getByRole('form', { name: `New ${kind}` });
      await fill(form);
      await form.getByRole('button', { name: 'Save' }).click();
      await form.waitFor({ state: 'detached' });
    }

    it('lets in who has an account', async () => {
      await page.goto(app.address);
      await page.getByRole('heading', { name: 'Sign in' }).waitFor();
      await signUp('Ada');
      await press('Sign out');
      await page.getByLabel('E-mail').fill('ada@example.com');
      await page.getByLabel('Password').fill('wrong horse');
      await press('Sign in');
      await page.getByRole('alert').waitFor();
      await page.getByLabel('Password').fill('correct horse');
      await press('Sign in');
      await page.getByText('No colours here yet.').waitFor();
    });

    it('links, sorts, imports and exports records', async () => {
      await create('colour', (form) => form.getByLabel('Name').fill('Red'));
      await row('Red').waitFor();
      await open('Seeds');
      await create('seed', async (form) => {
        await form.getByLabel('Name').fill('Poppy');
        await form.getByLabel('Price').fill('2.5');
        await form.getByRole('checkbox', { name: 'Red' }).check();
      });
      await row('Poppy').filter({ hasText: 'Red' }).waitFor();

      const file = (text: string) => ({ name: 'seeds.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
      await page.getByLabel('Import CSV').setInputFiles(file('name,price\nAster,1\nZinnia,many\n'));
      await page.getByRole('alert').getByText('line 3').waitFor();
      await page.getByLabel('Import CSV').setInputFiles(file('name,price\nAster,1\nZinnia,4\n'));
      await page.getByText('Imported 2 seeds.').waitFor();
      await row('Zinnia').waitFor();

      await press('Name');
      await expect.poll(() => page.getByRole('row').nth(1).textContent()).toContain('Aster');
      await press('Name');
      await expect.poll(() => page.getByRole('row').nth(1).textContent()).toContain('Zinnia');
      expect(await page.getByRole('columnheader', { name: 'Name' }).getAttribute('aria-sort')).toBe('descending');

      const download = page.waitForEvent('download');
      await press('Export CSV');
      const saved = await readFile(await (await download).path(), 'utf8');
      expect(saved.split(/\r?\n/).map((line) => line.split(',')[1])).toEqual([
        'name',
        'Zinnia',
        'Poppy',
        'Aster',
        undefined,
      ]);
    });

    it('keeps files', async () => {
      await press('Files of Poppy');
      const panel = page.getByRole('region', { name: 'Files of Poppy' });
      const note = { name: 'note.txt', mimeType: 'text/plain', buffer: Buffer.from('Sow in May.') };
      await panel.getByLabel('Add a file').setInputFiles(note);
      const download = page.waitForEvent('download');
      await panel.getByRole('button', { name: 'Download note.txt' }).click();
      expect(await readFile(await (await download).path(), 'utf8')).toBe('Sow in May.');
      await panel.getByRole('button', { name: 'Close' }).click();
    });

    it('keeps deleted records', async () => {
      await press('Delete Aster');
      await press('Confirm deleting Aster');
      await row('Aster').waitFor({ state: 'detached' });
      await press('Trash');
      await press('Restore Aster');
      await page.getByText('The trash is empty.').waitFor();
      await press('Trash');
      await row('Aster').waitFor();
    });

    it('keeps the history of records', async () => {
      await row('Aster').getByRole('link', { name: 'History' }).click();
      await row('Restore').filter({ hasText: 'ada@example.com' }).waitFor();
      await page.getByLabel('Action').selectOption('delete');
      await row('Restore').waitFor({ state: 'detached' });
      expect(await row('Delete').count()).toBe(1);
    });

    it('runs jobs', async () => {
      await open('Jobs');
      await press('Count all records');
      await expect
        .poll(
          async () => {
            await press('Refresh');
            return row('Count all records').first().textContent();
          },
          { timeout: 30_000 },
        )
        .toContain('seeds: 3');
    });

    it('keeps admins and members apart', async () => {
      await press('Sign out');
      await signUp('Bob');
      await open('Seeds');
      await row('Poppy').waitFor();
      expect(await page.getByRole('button', { name: 'Delete Poppy' }).count()).toBe(0);
      expect(await page.getByRole('link', { name: 'Accounts' }).count()).toBe(0);
      await press('Sign out');

      await page.getByLabel('E-mail').fill('ada@example.com');
      await page.getByLabel('Password').fill('correct horse');
      await press('Sign in');
      await open('Accounts');
      await page.getByLabel('Role of Bob').selectOption('admin');
      await expect.poll(() => page.getByLabel('Role of Bob').inputValue()).toBe('admin');
      await page.getByLabel('Role of Ada').selectOption('member');
      await page.getByRole('link', { name: 'Accounts' }).waitFor({ state: 'detached' });
      expect(complaints, app.output()).toEqual([]);
    });
  },
);
