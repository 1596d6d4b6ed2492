import { jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { signToken, spanSeconds } from '../../../src/cli/commands/token.ts';

describe('mge token', () => {
  it('signs the subject, the role and the expiry with the secret', async () => {
    const token = await signToken(
      'a secret of some length',
      { sub: 'someone', role: 'admin', expiresIn: '1h' },
      new Date(),
    );
    const key = new TextEncoder().encode('a secret of some length');
    const { payload } = await jwtVerify(token, key, { algorithms: ['HS256'] });
    expect(payload).toMatchObject({ sub: 'someone', role: 'admin' });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(3600);
    await expect(jwtVerify(token, new TextEncoder().encode('another secret'))).rejects.toThrow(/signature/);
  });

  it('reads spans and refuses anything else', () => {
    expect(['90s', '30m', '12h', '7d', '-1h'].map(spanSeconds)).toEqual([90, 1800, 43_200, 604_800, -3600]);
    expect(() => spanSeconds('soon')).toThrow(/write it as/);
  });
});
