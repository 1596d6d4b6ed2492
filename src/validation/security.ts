import type { Finding } from '../domain/index.ts';
import { TextPositions } from './text-position.ts';

interface SecretRule {
  readonly rule: string;
  readonly pattern: RegExp;
  readonly what: string;
}

/** Credentials whose form nobody types by accident. */
const SECRETS: readonly SecretRule[] = [
  { rule: 'private-key', pattern: /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/g, what: 'a private key' },
  { rule: 'aws-access-key', pattern: /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g, what: 'an AWS access key' },
  {
    rule: 'github-token',
    pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{60,})\b/g,
    what: 'a GitHub token',
  },
  { rule: 'openai-key', pattern: /\bsk-(?:proj-|ant-)?[A-Za-z0-9_-]{32,}\b/g, what: 'a model provider key' },
  { rule: 'slack-token', pattern: /\bxox[abprs]-[A-Za-z0-9-]{20,}\b/g, what: 'a Slack token' },
  { rule: 'stripe-key', pattern: /\b[rs]k_live_[A-Za-z0-9]{20,}\b/g, what: 'a Stripe live key' },
  { rule: 'google-key', pattern: /\bAIza[0-9A-Za-z_-]{35}\b/g, what: 'a Google API key' },
];

/** Keys that manuals show, which open nothing. */
const DOCUMENTED = /EXAMPLE|X{4}|0{8}|1234567/i;

const NAMED_SECRET =
  /\b(\w{0,40}(?:secret|passwd|password|api_?key|access_?token|auth_?token)\w{0,40})\s{0,4}[:=]\s{0,4}(['"])([^'"\s]{20,200})\2/gi;
const STAND_IN =
  /example|change|placeholder|dummy|sample|test|your|xxx|<|\$\{|\{\{|%\(|process\.env|os\.environ|insecure|development|localhost/i;

/** Bits per character: random text of letters and digits has about 4 or more at these lengths, words and identifiers less. */
function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const char of text) counts.set(char, (counts.get(char) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

function looksRandom(value: string): boolean {
  return /\d/.test(value) && /[a-z]/i.test(value) && !STAND_IN.test(value) && entropy(value) >= 3.7;
}

/** Credentials between `start` and `end` of a file's text. The finding never repeats the credential. */
export function secretFindings(path: string, text: string, start: number, end: number): Finding[] {
  const slice = text.slice(start, end);
  const positions = new TextPositions(text);
  const finding = (index: number, rule: string, what: string): Finding => ({
    file: path,
    ...positions.at(start + index),
    rule,
    severity: 'critical',
    message: `${what} stands in the source`,
    suggestion: 'read it from the environment',
  });
  const known = SECRETS.flatMap(({ rule, pattern, what }) =>
    [...slice.matchAll(pattern)]
      .filter((match) => !DOCUMENTED.test(match[0]))
      .map((match) => finding(match.index, rule, what)),
  );
  const named = [...slice.matchAll(NAMED_SECRET)]
    .filter((match) => looksRandom(match[3] ?? ''))
    .map((match) => finding(match.index, 'hard-coded-secret', `a secret for "${match[1] ?? ''}"`));
  return [...known, ...named];
}
