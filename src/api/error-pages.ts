import { ERROR_CATALOGUE, type ErrorCode } from '../domain/index.ts';
import { slugOf } from './problem.ts';

const CODES = Object.keys(ERROR_CATALOGUE) as ErrorCode[];

/** The error catalogue as Markdown: `docs/errors.md`, and what `/errors` answers. */
export function renderErrorCatalogue(): string {
  const head = [
    '# Errors',
    '',
    'Every failure is answered with an [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457) problem document (`application/problem+json`).',
    'Its `code` is stable; its `detail` is for people and may change. `errors` lists the fields that are wrong, each with a JSON Pointer.',
    '`retryable` says whether the same call may succeed later without being changed; then `retry_after_ms` says when to try, and 429 and',
    '503 carry `Retry-After`. `request_id` (also the header `X-Request-Id`) finds the request in the log.',
  ];
  const sections = CODES.flatMap((code) => ['', ...section(code)]);
  return `${[...head, ...sections].join('\n')}\n`;
}

/** The page of one code, by the last segment of a problem's `type`; null when there is no such code. */
export function renderErrorPage(slug: string): string | null {
  const code = CODES.find((known) => slugOf(known) === slug);
  return code ? `${section(code).join('\n')}\n` : null;
}

function section(code: ErrorCode): string[] {
  const { status, title, retryable } = ERROR_CATALOGUE[code];
  const again = retryable
    ? 'The same call may succeed later.'
    : 'The same call will fail again until something changes.';
  return [`## ${slugOf(code)}`, '', `\`${code}\`, HTTP ${status}. ${title}. ${again}`];
}
