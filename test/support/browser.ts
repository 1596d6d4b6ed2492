import { access, constants } from 'node:fs/promises';
import { type Browser, chromium } from 'playwright-core';

const CHROMIUM = process.env['MGE_TEST_CHROMIUM'] ?? '/usr/bin/chromium';

/** Why no browser can be started here; null where one can. */
export async function missingBrowser(): Promise<string | null> {
  try {
    await access(CHROMIUM, constants.X_OK);
    return null;
  } catch {
    return `there is no Chromium at ${CHROMIUM} (MGE_TEST_CHROMIUM names another)`;
  }
}

/** A browser without a window. Without its sandbox, which containers do not allow: it only ever opens the tests' own pages. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}
