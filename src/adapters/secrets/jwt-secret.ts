import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../config/index.ts';

/**
 * The secret that signs tokens: JWT_SECRET, else one made on first use and kept in the data folder (mode 0600), so that the
 * service works out of the box and no default secret exists that anybody could know. Null when tokens are checked against a JWKS.
 */
export function jwtSecret(config: Config): string | null {
  if (config.auth.jwtSecret) return config.auth.jwtSecret;
  if (config.auth.jwksUrl) return null;
  const file = join(config.dataDir, 'jwt-secret');
  mkdirSync(config.dataDir, { recursive: true });
  try {
    // `wx` lets exactly one of two processes that start together win; the other reads the winner's.
    writeFileSync(file, randomBytes(32).toString('base64url'), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return readFileSync(file, 'utf8').trim();
}
