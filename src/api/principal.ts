import { MgeError } from '../domain/index.ts';

export const ROLES = ['user', 'reviewer', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** Who calls: what the bearer token says, checked. */
export interface Principal {
  readonly subject: string;
  readonly roles: ReadonlySet<Role>;
  /** Space-separated `scope` claim as a set; empty when the token has none. */
  readonly scopes: ReadonlySet<string>;
}

/**
 * Reads the claims of a verified token: `sub`, and `role` or `roles`. Unknown roles are ignored. A reviewer is also a user, an admin is all.
 * @throws {MgeError} UNAUTHENTICATED when there is no usable `sub`.
 */
export function principalOf(claims: unknown): Principal {
  const { sub, role, roles, scope } = (typeof claims === 'object' && claims !== null ? claims : {}) as Record<
    string,
    unknown
  >;
  if (typeof sub !== 'string' || sub.trim() === '' || sub.length > 255 || sub.includes('\u0000'))
    throw new MgeError('UNAUTHENTICATED', 'The bearer token names no subject (`sub`).');
  const named = [role, ...(Array.isArray(roles) ? (roles as unknown[]) : [roles])];
  const held = new Set(ROLES.filter((known) => named.includes(known)));
  if (held.has('admin')) held.add('reviewer');
  if (held.has('reviewer')) held.add('user');
  return {
    subject: sub,
    roles: held,
    scopes: new Set(typeof scope === 'string' ? scope.split(' ').filter(Boolean) : []),
  };
}

export function isAdmin(principal: Principal): boolean {
  return principal.roles.has('admin');
}

/**
 * The user a new object is made for: the body's `user_id`, which only an admin may set to someone else.
 * @throws {MgeError} FORBIDDEN
 */
export function ownerFor(principal: Principal, requested: string | undefined): string {
  const owner = requested ?? principal.subject;
  if (owner !== principal.subject && !isAdmin(principal))
    throw new MgeError(
      'FORBIDDEN',
      `user_id is "${owner}" but the token is for "${principal.subject}"; leave user_id out, or use a token of that user or of an admin.`,
      { fields: [{ pointer: '/user_id', detail: 'differs from the subject of the token' }] },
    );
  return owner;
}
