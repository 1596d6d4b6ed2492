import { SignJWT } from 'jose';

export const SECRET = 'a secret of the unit tests, 32 bytes';

export async function tokenFor(
  subject: string,
  claims: Record<string, unknown> = { role: 'user' },
  options: { expiresAt?: number; secret?: string } = {},
): Promise<string> {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(subject)
    .setExpirationTime(options.expiresAt ?? Math.floor(Date.now() / 1000) + 600)
    .sign(new TextEncoder().encode(options.secret ?? SECRET));
}
