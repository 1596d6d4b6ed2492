import { describe, expect, it } from 'vitest';
import { decodeCursor, CURSOR_NUMBER, encodeCursor, pageOfRows } from '../../../src/api/cursor.ts';
import { renderErrorCatalogue } from '../../../src/api/index.ts';
import { OverloadWatch } from '../../../src/api/overload.ts';
import { canonicalJson } from '../../../src/api/plugins/idempotency.ts';
import { ownerFor, principalOf } from '../../../src/api/principal.ts';
import { RouteTable } from '../../../src/api/route-table.ts';
import { wire } from '../../../src/api/wire.ts';

describe('the claims of a token', () => {
  it('give roles that hold each other', () => {
    const roles = (claims: object) => [...principalOf({ sub: 's', ...claims }).roles].sort();
    expect(roles({ role: 'user' })).toEqual(['user']);
    expect(roles({ role: 'reviewer' })).toEqual(['reviewer', 'user']);
    expect(roles({ roles: ['admin'] })).toEqual(['admin', 'reviewer', 'user']);
    expect(roles({ roles: 'admin' })).toEqual(['admin', 'reviewer', 'user']);
    expect(roles({ role: ['admin'], roles: { 0: 'admin' } })).toEqual([]);
    expect(roles({})).toEqual([]);
  });

  it('must name a subject', () => {
    for (const claims of [
      null,
      {},
      { sub: '' },
      { sub: ' ' },
      { sub: 7 },
      { sub: 'a\u0000b' },
      { sub: 'x'.repeat(256) },
    ])
      expect(() => principalOf(claims)).toThrow(/names no subject/);
  });

  it('decide for whom something is made', () => {
    const user = principalOf({ sub: 'ada', role: 'user' });
    expect(ownerFor(user, undefined)).toBe('ada');
    expect(ownerFor(user, 'ada')).toBe('ada');
    expect(() => ownerFor(user, 'bob')).toThrow(/"bob".*"ada"/);
    expect(ownerFor(principalOf({ sub: 'root', role: 'admin' }), 'bob')).toBe('bob');
  });
});

describe('cursors', () => {
  it('come back as they were, and nothing else is taken for one', () => {
    expect(decodeCursor(encodeCursor(42), CURSOR_NUMBER)).toBe('42');
    for (const bad of [
      '',
      'nonsense',
      encodeCursor('x'),
      encodeCursor('-1'),
      Buffer.from('c0:42').toString('base64url'),
      encodeCursor('1; drop table'),
    ])
      expect(() => decodeCursor(bad, CURSOR_NUMBER)).toThrow(/cursor/);
  });

  it('say that there is more only when there is', () => {
    const page = (rows: number[]) => pageOfRows(rows, 2, (n) => n, String);
    expect(page([1, 2]).page).toEqual({ next_cursor: null, has_more: false });
    expect(page([1, 2, 3])).toEqual({ data: ['1', '2'], page: { next_cursor: encodeCursor(2), has_more: true } });
    expect(page([]).data).toEqual([]);
  });
});

describe('small parts', () => {
  it('spells fields as the API does and leaves stored JSON alone', () => {
    expect(wire({ masterplanId: 'm', createdAt: new Date(0), config: { maxWaves: 1 }, none: null })).toEqual({
      masterplan_id: 'm',
      created_at: '1970-01-01T00:00:00.000Z',
      config: { maxWaves: 1 },
      none: null,
    });
  });

  it('gives the same fingerprint to the same content only', () => {
    expect(canonicalJson({ b: [1, { d: 1, c: 2 }], a: null })).toBe(canonicalJson({ a: null, b: [1, { c: 2, d: 1 }] }));
    expect(canonicalJson({ a: [1, 2] })).not.toBe(canonicalJson({ a: [2, 1] }));
    expect(canonicalJson({ a: '1' })).not.toBe(canonicalJson({ a: 1 }));
    expect(canonicalJson(undefined)).toBe('null');
  });

  it('knows which methods a path has, whatever stands for its parameters', () => {
    const routes = new RouteTable();
    routes.add('/atoms/:id', ['GET', 'HEAD']);
    routes.add('/atoms/health', ['GET']);
    routes.add('/docs/*', ['GET']);
    routes.add('*', ['OPTIONS']);
    expect(routes.methodsOf('/atoms/7')).toEqual(['GET', 'HEAD']);
    expect(routes.methodsOf('/docs/a/b')).toEqual(['GET']);
    expect(routes.methodsOf('/atoms/')).toEqual([]);
    expect(routes.methodsOf('/atoms/7/x')).toEqual([]);
  });
});

describe('overload', () => {
  it('is lag that lasts, not one long stop', () => {
    const watch = new OverloadWatch(2_000);
    const after = (...lags: number[]) => {
      for (const lag of lags) watch.look(lag);
      return watch.isOverloaded;
    };
    expect(after(9_000, Infinity, 9_000, 5, 9_000, 9_000)).toBe(false);
    expect(after(2_001)).toBe(true);
    expect(after(2_000)).toBe(false);
    expect(after(NaN, NaN, NaN, NaN)).toBe(false);
  });
});

describe('docs/errors.md', () => {
  it('is what the catalogue says (npx vitest -u writes it)', async () => {
    await expect(renderErrorCatalogue()).toMatchFileSnapshot('../../../docs/errors.md');
  });
});
