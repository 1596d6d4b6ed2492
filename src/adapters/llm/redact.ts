/** Keeps secrets out of prompts and logs. */

const PLACEHOLDER = '[redacted]';

/** Texts that are credentials by their form alone. */
const SECRET_FORMS: readonly RegExp[] = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /\bsk-(?:ant-|proj-|live-|test-)?[A-Za-z0-9_-]{16,}/g,
  /\b(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{16,}/g,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /\bgh[pousr]_[A-Za-z0-9]{30,}/g,
  /\bgithub_pat_[A-Za-z0-9_]{30,}/g,
  /\bglpat-[A-Za-z0-9_-]{16,}/g,
  /\bxox[abprs]-[A-Za-z0-9-]{10,}/g,
  /\bAIza[A-Za-z0-9_-]{30,}/g,
  /\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}/g,
];

/** The password of a URL, and the value of an authorization header. */
const SECRET_PARTS: readonly [RegExp, string][] = [
  [/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*:)[^\s@/]{8,}(@)/gi, `$1${PLACEHOLDER}$2`],
  [/(\bauthorization["']?\s*[:=]\s*["']?(?:bearer|basic)\s+)[A-Za-z0-9._~+/=-]{8,}/gi, `$1${PLACEHOLDER}`],
];

const known = new Set<string>();

/** A value of this process's configuration that must appear nowhere. Shorter ones than 8 characters would hit ordinary words. */
export function guardSecret(value: string | null): void {
  if (value !== null && value.length >= 8) known.add(value);
}

/** The text without what is, or looks like, a credential. */
export function redactSecrets(text: string): string {
  let clean = text;
  for (const secret of known) clean = clean.replaceAll(secret, PLACEHOLDER);
  for (const form of SECRET_FORMS) clean = clean.replace(form, PLACEHOLDER);
  for (const [part, replacement] of SECRET_PARTS) clean = clean.replace(part, replacement);
  return clean;
}
