/**
 * Walks through any generated front end as a person would who knows nothing of its subject: signs up where that is asked for, finds a kind
 * of record that can be made, makes two, changes one, searches, and deletes.
 */
import type { Locator, Page } from 'playwright-core';
import { missingBrowser, openBrowser } from '../../test/support/browser.ts';
import { type BackendKind, serveBuiltApp } from '../../test/support/generated-app.ts';

const MILLISECONDS = 20_000;

/** What is tried in a text field, until the form takes one. */
const TEXTS = (word: string): readonly string[] => [
  word,
  `${word.toLowerCase()}@example.com`,
  `https://example.com/${word.toLowerCase()}`,
  word.slice(0, 3).toUpperCase(),
  '+49 30 1234567',
];
const NUMBERS = ['2', '1', '10', '60', '2024'];

async function signUp(page: Page): Promise<void> {
  const toSignUp = page.getByRole('link', { name: 'Create an account' });
  const navigation = page.getByRole('navigation', { name: 'Main' });
  await toSignUp.or(navigation).first().waitFor();
  if ((await toSignUp.count()) === 0) return;
  await toSignUp.click();
  await page.getByLabel('Name').fill('Ada');
  await page.getByLabel('E-mail').fill('ada@example.com');
  await page.getByLabel('Password').fill('correct horse');
  await page.getByRole('button', { name: 'Create account' }).click();
  await navigation.waitFor();
}

/** Values for one control, the likeliest first. */
async function valuesFor(control: Locator, word: string): Promise<readonly string[]> {
  const type = (await control.getAttribute('type')) ?? 'text';
  if (type === 'number') return NUMBERS;
  if (type === 'date') return ['2024-05-20'];
  if (type === 'datetime-local') return ['2024-05-20T10:30'];
  return type === 'checkbox' ? [] : TEXTS(word);
}

async function chooseFirst(select: Locator): Promise<void> {
  for (const option of await select.locator('option').all()) {
    const value = await option.getAttribute('value');
    if (value === null || value === '') continue;
    await select.selectOption(value);
    return;
  }
}

/** Fills what the form has and saves; false when it asks for a record of another kind of which there is none. */
async function fillForm(form: Locator, word: string): Promise<boolean> {
  for (const select of await form.locator('select').all()) await chooseFirst(select);
  for (const control of await form.locator('input, textarea').all()) {
    const [value] = await valuesFor(control, word);
    if (value !== undefined) await control.fill(value);
  }
  for (let attempt = 1; attempt < 6; attempt += 1) {
    await form.getByRole('button', { name: 'Save' }).click();
    const objection = form.locator('[aria-invalid="true"], [role="alert"]').first();
    const outcome = await Promise.race([
      form.waitFor({ state: 'detached', timeout: MILLISECONDS }).then(() => 'saved' as const),
      objection.waitFor({ timeout: MILLISECONDS }).then(
        () => 'refused' as const,
        () => 'saved' as const,
      ),
    ]);
    if (outcome === 'saved') return true;
    if ((await form.locator('select[aria-invalid="true"]').count()) > 0) return false;
    for (const control of await form.locator('input[aria-invalid="true"], textarea[aria-invalid="true"]').all()) {
      const value = (await valuesFor(control, word))[attempt];
      if (value !== undefined) await control.fill(value);
    }
  }
  throw new Error(`a form refuses whatever is filled in: ${String(await form.textContent())}`);
}

async function makeRecord(page: Page, word: string): Promise<boolean> {
  await page.getByRole('button', { name: /^New / }).first().click();
  const form = page.getByRole('form', { name: /^New / });
  await form.waitFor();
  const made = await fillForm(form, word);
  if (!made) await form.getByRole('button', { name: 'Cancel' }).click();
  return made;
}

/** Opens the pages one after the other until one has a search and lets a record be made; others may be needed first. */
async function findCollection(page: Page): Promise<void> {
  const links = page.getByRole('navigation', { name: 'Main' }).getByRole('link');
  const names = await links.allTextContents();
  for (const name of names) {
    await links.filter({ hasText: name }).first().click();
    if ((await page.getByRole('button', { name: /^New / }).count()) === 0) continue;
    if (!(await makeRecord(page, 'Meadow'))) continue;
    if ((await page.getByLabel('Search', { exact: true }).count()) > 0) return;
  }
  throw new Error(`none of the pages lets a record be made and searched for: ${names.join(', ')}`);
}

/** @throws {Error} naming the first thing that does not go as a person expects. */
async function walkThrough(page: Page, address: string): Promise<void> {
  const complaints: string[] = [];
  page.setDefaultTimeout(MILLISECONDS);
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(address);
  await signUp(page);
  await findCollection(page);
  const rows = page.locator('tbody tr');
  const rowsAre = async (count: number): Promise<void> => {
    if (count > 0) await rows.nth(count - 1).waitFor();
    await rows.nth(count).waitFor({ state: 'detached' });
  };
  await rows.first().waitFor();
  await makeRecord(page, 'Harbour');
  await rowsAre(2);

  await page
    .getByRole('button', { name: /^Edit / })
    .first()
    .click();
  const form = page.getByRole('form', { name: /^Edit / });
  await form.locator('input[type="text"], input:not([type]), textarea').first().fill('Lighthouse');
  await form.getByRole('button', { name: 'Save' }).click();
  await form.waitFor({ state: 'detached' });
  await rows.filter({ hasText: 'Lighthouse' }).waitFor();

  await page.getByLabel('Search', { exact: true }).fill('Lighthouse');
  await rowsAre(1);
  await page
    .getByRole('button', { name: /^Delete / })
    .first()
    .click();
  await page.getByRole('button', { name: /^Confirm deleting / }).click();
  await rowsAre(0);
  await page.getByLabel('Search', { exact: true }).fill('');
  await rowsAre(1);
  if (complaints.length > 0) throw new Error(complaints.join('\n'));
}

/** Serves a project whose parts are built, and walks through it in Chromium. */
export async function browse(root: string, backend: BackendKind): Promise<void> {
  const missing = await missingBrowser();
  if (missing !== null) throw new Error(missing);
  const app = await serveBuiltApp(root, backend);
  const browser = await openBrowser();
  try {
    await walkThrough(await browser.newPage(), app.address);
  } catch (error) {
    throw new Error(`${String(error)}\n${app.output()}`, { cause: error });
  } finally {
    await browser.close();
    await app.stop();
  }
}
