import { SignJWT } from 'jose';
import { jwtSecret } from '../../adapters/secrets/jwt-secret.ts';
import type { Config } from '../../config/index.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';

export const TOKEN_ROLES = ['user', 'reviewer', 'admin'] as const;
export type TokenRole = (typeof TOKEN_ROLES)[number];

export interface TokenOptions {
  readonly sub: string;
  readonly role: TokenRole;
  /** A span as `30m`, `12h`, `7d`; a negative one makes a token that has expired, for tests of clients. */
  readonly expiresIn: string;
}

/** Signs a bearer token (HS256) with the service's secret. */
export async function signToken(secret: string, options: TokenOptions, now: Date): Promise<string> {
  const issuedAt = Math.floor(now.getTime() / 1000);
  return new SignJWT({ role: options.role })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setSubject(options.sub)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + spanSeconds(options.expiresIn))
    .sign(new TextEncoder().encode(secret));
}

/**
 * Seconds of a span such as `90s`, `30m`, `12h` or `7d`.
 * @throws {RangeError} when the text is not one.
 */
export function spanSeconds(text: string): number {
  const match = /^(-?\d+)([smhd])$/.exec(text);
  const unit = { s: 1, m: 60, h: 3600, d: 86_400 }[match?.[2] ?? ''];
  if (!match || unit === undefined) throw new RangeError(`"${text}" is not a span; write it as 90s, 30m, 12h or 7d`);
  return Number(match[1]) * unit;
}

export async function runToken(config: Config, options: TokenOptions): Promise<ExitCode> {
  const secret = jwtSecret(config);
  if (secret === null) {
    process.stderr.write('mge token: JWT_JWKS_URL is set, so tokens are issued by your identity provider, not here.\n');
    return EXIT.configuration;
  }
  process.stdout.write(`${await signToken(secret, options, new Date())}\n`);
  return EXIT.ok;
}
