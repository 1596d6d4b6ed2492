/**
 * Generated projects in a real browser: the built front end with its back end behind it, as users get them.
 * Needs Chromium (MGE_TEST_CHROMIUM, else /usr/bin/chromium) and, for Python back ends, Debian's packages.
 */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { missingBrowser, openBrowser } from '../support/browser.ts';
import { type BackendKind, type GeneratedApp, startGeneratedApp } from '../support/generated-app.ts';

/** The projects that are opened; the subject is the same, so that one set of steps fits all of them. */
const APPS: readonly { readonly backend: BackendKind; readonly userRequest: string }[] = [
  { backend: 'fastapi', userRequest: 'A task tracker with FastAPI and React' },
  { backend: 'flask', userRequest: 'A task tracker with Flask and React' },
  { backend: 'fastify', userRequest: 'A task tracker with Fastify and React' },
];

const SPEC = {
  name: 'Work',
  entities: [
    { name: 'project', fields: ['name: text(80) required unique'] },
    {
      name: 'task',
      fields: ['title: text(120) required', 'priority: enum(low|high) required default low', 'due_on: date', 'done'],
      relations: ['project required'],
    },
  ],
};

const noBrowser = await missingBrowser();

describe.skipIf(noBrowser !== null).each(APPS)(
  `the generated page of a $backend project${noBrowser === null ? '' : ` (${noBrowser})`}`,
  ({ backend, userRequest }) => {
    let app: GeneratedApp;
    let browser: Browser;
    let page: Page;
    const complaints: string[] = [];

    beforeAll(async () => {
      app = await startGeneratedApp({ userRequest, spec: SPEC, backend });
      browser = await openBrowser();
      page = await browser.newPage();
      page.setDefaultTimeout(30_000);
      page.on('pageerror', (error) => complaints.push(String(error)));
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text());
      });
    }, 200_000);

    afterAll(async () => {
      await browser?.close();
      await app?.stop();
    });

    const row = (text: string) => page.getByRole('row').filter({ hasText: text });

    async function save(form: string, fill: (form: ReturnType<Page['getByRole']>) => Promise<void>): Promise<void> {
      const panel = page.getByRole('form', { name: form });
      await fill(panel);
      await panel.getByRole('button', { name: 'Save' }).click();
      await panel.waitFor({ state: 'detached' });
    }

    it('creates, changes, finds and deletes records', async () => {
      await page.goto(`${app.address}/#/projects`);
      await page.getByRole('button', { name: 'New project' }).click();
      await save('New project', (form) => form.getByLabel('Name').fill('Garden'));
      await row('Garden').waitFor();

      await page.getByRole('link', { name: 'Tasks' }).first().click();
      for (const [title, priority] of [
        ['Water the roses', 'high'],
        ['Mow the lawn', 'low'],
      ] as const) {
        await page.getByRole('button', { name: 'New task' }).click();
        await save('New task', async (form) => {
          await form.getByLabel('Title').fill(title);
          await form.getByLabel('Priority').selectOption(priority);
          await form.getByLabel('Due on').fill('2024-05-20');
          await form.getByLabel('Project').selectOption({ label: 'Garden' });
        });
        await row(title).waitFor();
      }

      await page.getByRole('button', { name: 'Edit Mow the lawn' }).click();
      await save('Edit Mow the lawn', (form) => form.getByLabel('Title').fill('Mow the meadow'));
      await row('Mow the meadow').waitFor();
      await page.getByRole('checkbox', { name: 'Done: Mow the meadow' }).click();
      await page.getByRole('checkbox', { name: 'Done: Mow the meadow', checked: true }).waitFor();

      await page.getByLabel('Priority').selectOption('high');
      await row('Mow the meadow').waitFor({ state: 'detached' });
      expect(await row('Water the roses').count()).toBe(1);
      await page.getByLabel('Priority').selectOption('');
      await page.getByLabel('Search').fill('meadow');
      await row('Water the roses').waitFor({ state: 'detached' });

      await page.getByRole('button', { name: 'Delete Mow the meadow' }).click();
      await page.getByRole('button', { name: 'Confirm deleting Mow the meadow' }).click();
      await page.getByText('No tasks here yet.').waitFor();
      expect(complaints, app.output()).toEqual([]);
    });

    it('keeps what was stored, and says what the server objects to', async () => {
      await page.goto(`${app.address}/#/projects`);
      await page.reload();
      await row('Garden').waitFor();

      await page.getByRole('button', { name: 'New project' }).click();
      const form = page.getByRole('form', { name: 'New project' });
      await form.getByLabel('Name').fill('Garden');
      await form.getByRole('button', { name: 'Save' }).click();
      await form.getByRole('alert').waitFor();
      expect(await form.getByLabel('Name').getAttribute('aria-invalid')).toBe('true');

      await form.getByRole('button', { name: 'Cancel' }).click();
      await page.getByRole('button', { name: 'Delete Garden' }).click();
      await page.getByRole('button', { name: 'Confirm deleting Garden' }).click();
      expect(await page.getByRole('alert').textContent()).toMatch(/task/i);
    });
  },
);
