/** Passwords and access tokens in the Fastify back end, and their tests. */
import { fileText } from '../layout.ts';

export function passwordsFile(): string {
  return fileText(`
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** How much work a guess is; stored with each password, so that it can be raised later. */
export interface Cost {
  N: number;
  r: number;
  p: number;
}

const USUAL_COST: Cost = { N: 2 ** 14, r: 8, p: 5 };
const SALT_BYTES = 16;
const KEY_BYTES = 64;

/** The stored form of a password that nobody has. */
export const NO_PASSWORD = stored(USUAL_COST, Buffer.alloc(SALT_BYTES), Buffer.alloc(KEY_BYTES));

/** What to store of a password: the cost, a salt of its own and the derived key. */
export async function hashPassword(password: string, cost = USUAL_COST): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  return stored(cost, salt, await deriveKey(password, salt, cost));
}

/** Whether a password is the one that was stored. */
export async function verifyPassword(password: string, form: string): Promise<boolean> {
  const [N, r, p, salt = '', key = ''] = form.split('$');
  const cost = { N: Number(N), r: Number(r), p: Number(p) };
  const derived = await deriveKey(password, Buffer.from(salt, 'base64'), cost);
  return timingSafeEqual(derived, Buffer.from(key, 'base64'));
}

function stored({ N, r, p }: Cost, salt: Buffer, key: Buffer): string {
  return [N, r, p, salt.toString('base64'), key.toString('base64')].join('$');
}

function deriveKey(password: string, salt: Buffer, cost: Cost): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, KEY_BYTES, cost, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}
`);
}

export function tokensFile(): string {
  return fileText(`
import { randomBytes } from 'node:crypto';
import { jwtVerify, SignJWT } from 'jose';
import { UnauthorizedError } from '../errors.ts';

const ALGORITHM = 'HS256';
const MIN_KEY_LENGTH = 32;
const LIFETIME_SECONDS = 8 * 60 * 60;

/** The configured key, or else a random one that lasts as long as the process. */
export function signingKey(configured: string, warn: (message: string) => void): string {
  if (configured === '') {
    warn('SECRET_KEY is not set: a restart will sign everybody out.');
    return randomBytes(MIN_KEY_LENGTH).toString('hex');
  }
  if (configured.length < MIN_KEY_LENGTH) {
    throw new RangeError(\`SECRET_KEY needs \${MIN_KEY_LENGTH} characters or more.\`);
  }
  return configured;
}

/** Issues access tokens, which are valid for a limited time, and reads its own. */
export class TokenIssuer {
  /** How long a token is valid. */
  readonly seconds: number;
  private readonly key: Uint8Array;

  constructor(key: string, seconds = LIFETIME_SECONDS) {
    this.key = new TextEncoder().encode(key);
    this.seconds = seconds;
  }

  /** A token that stands for an account. */
  async issue(accountId: number): Promise<string> {
    return new SignJWT()
      .setProtectedHeader({ alg: ALGORITHM })
      .setSubject(String(accountId))
      .setExpirationTime(new Date(Date.now() + this.seconds * 1000))
      .sign(this.key);
  }

  /** The account that a token stands for; throws where it is forged or expired. */
  async read(token: string): Promise<number> {
    const options = { algorithms: [ALGORITHM], requiredClaims: ['exp', 'sub'] };
    try {
      const { payload } = await jwtVerify(token, this.key, options);
      return Number(payload.sub);
    } catch {
      throw new UnauthorizedError('The sign-in is not valid or has expired.');
    }
  }
}
`);
}

export function passwordsTestFile(): string {
  return fileText(`
import { describe, expect, it } from 'vitest';
import { hashPassword, NO_PASSWORD, verifyPassword } from '../src/auth/passwords.ts';

const QUICK = { N: 16, r: 1, p: 1 };

describe('passwords', () => {
  it('are known again', async () => {
    const form = await hashPassword('correct horse', QUICK);

    expect(await verifyPassword('correct horse', form)).toBe(true);
    expect(await verifyPassword('battery staple', form)).toBe(false);
  });

  it('are stored differently each time, and never in the clear', async () => {
    const forms = [await hashPassword('correct horse', QUICK), await hashPassword('correct horse', QUICK)];

    expect(new Set(forms).size).toBe(2);
    expect(forms.join()).not.toContain('correct horse');
  });

  it('are stored with the cost of a guess', async () => {
    expect(await hashPassword('correct horse')).toMatch(/^16384\\$8\\$5\\$/);
  });

  it('do not fit where there is none', async () => {
    expect(await verifyPassword('', NO_PASSWORD)).toBe(false);
  });
});
`);
}

export function tokensTestFile(): string {
  return fileText(`
import { describe, expect, it, vi } from 'vitest';
import { signingKey, TokenIssuer } from '../src/auth/tokens.ts';
import { UnauthorizedError } from '../src/errors.ts';

const KEY = 'k'.repeat(32);

describe('access tokens', () => {
  it('stand for an account', async () => {
    const issuer = new TokenIssuer(KEY);

    expect(await issuer.read(await issuer.issue(7))).toBe(7);
  });

  it('expire', async () => {
    const issuer = new TokenIssuer(KEY, -1);

    await expect(issuer.read(await issuer.issue(7))).rejects.toThrow(UnauthorizedError);
  });

  it('are not taken from others', async () => {
    const token = await new TokenIssuer('x'.repeat(32)).issue(7);

    await expect(new TokenIssuer(KEY).read(token)).rejects.toThrow(UnauthorizedError);
  });

  it.each(['', 'nonsense', 'a.b.c'])('are not "%s"', async (token) => {
    await expect(new TokenIssuer(KEY).read(token)).rejects.toThrow(UnauthorizedError);
  });
});

describe('the key that signs', () => {
  it('is the configured one', () => {
    const warn = vi.fn();

    expect(signingKey(KEY, warn)).toBe(KEY);
    expect(warn).not.toHaveBeenCalled();
  });

  it('must not be short', () => {
    expect(() => signingKey('short', vi.fn())).toThrow('32 characters');
  });

  it('is random where none is configured, with a warning', () => {
    const warn = vi.fn();

    expect(signingKey('', warn)).not.toBe(signingKey('', warn));
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('SECRET_KEY'));
  });
});
`);
}
