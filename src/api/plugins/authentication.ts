import jwt, { type TokenOrHeader } from '@fastify/jwt';
import type { FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { createRemoteJWKSet, errors as joseErrors, exportSPKI, type JWSHeaderParameters } from 'jose';
import { MgeError } from '../../domain/index.ts';
import { principalOf, type Principal } from '../principal.ts';

/** Where the keys come from that tokens are checked with. */
export type TokenKeys = { readonly secret: string } | { readonly jwksUrl: string };

/** Algorithms are pinned by the kind of key, so that a public key is never taken for a shared secret. */
const SYMMETRIC = ['HS256'] as const;
const ASYMMETRIC = ['RS256', 'RS384', 'RS512', 'PS256', 'ES256', 'ES384', 'EdDSA'] as const;

/** The provider answered, and has no key for this token. */
const KEY_NOT_LISTED = [
  joseErrors.JWKSNoMatchingKey,
  joseErrors.JWKSMultipleMatchingKeys,
  joseErrors.JOSENotSupported,
] as const;

/** Milliseconds to fetch the identity provider's keys. */
const JWKS_TIMEOUT_MS = 3_000;

/** Every route that is not open needs a valid bearer token with at least the role of its `access`. */
export const authenticationPlugin = fp<{ keys: TokenKeys }>(
  async (app, { keys }) => {
    app.decorateRequest('principal', null);
    if ('secret' in keys)
      await app.register(jwt, { secret: keys.secret, verify: { algorithms: [...SYMMETRIC], cache: false } });
    else
      await app.register(jwt, {
        secret: { public: jwksLookup(keys.jwksUrl) },
        decode: { complete: true },
        verify: { algorithms: [...ASYMMETRIC], cache: false },
      });
    app.addHook('onRequest', async (request) => {
      if (request.is404) return;
      const access = request.routeOptions.config.access ?? 'admin';
      if (access === 'open' || request.method === 'OPTIONS') return;
      const principal = await authenticate(request);
      request.principal = principal;
      if (!principal.roles.has(access))
        throw new MgeError(
          'FORBIDDEN',
          `This call needs the role ${access}; the token carries ${[...principal.roles].join(', ') || 'no role'}.`,
          {
            details: { required_role: access },
          },
        );
    });
  },
  { name: 'authentication', dependencies: ['problems'] },
);

/** The caller of a route that is not open. */
export function principalOfRequest(request: FastifyRequest): Principal {
  if (!request.principal) throw new MgeError('UNAUTHENTICATED', 'A bearer token is needed.');
  return request.principal;
}

async function authenticate(request: FastifyRequest): Promise<Principal> {
  if (request.headers.authorization === undefined)
    throw new MgeError('UNAUTHENTICATED', 'Send a token as `Authorization: Bearer …`.', {
      details: { challenge: 'missing' },
    });
  try {
    return principalOf(await request.jwtVerify());
  } catch (error) {
    if (error instanceof MgeError) throw error;
    const { code } = error as { code?: string };
    if (code === 'FST_JWT_AUTHORIZATION_TOKEN_EXPIRED')
      throw new MgeError('TOKEN_EXPIRED', 'The bearer token has expired; get a new one.');
    throw new MgeError(
      'UNAUTHENTICATED',
      'The bearer token is not valid here: it is malformed, or not signed with a key of this service.',
      { cause: error },
    );
  }
}

function jwksLookup(url: string): (request: FastifyRequest, token: TokenOrHeader) => Promise<string> {
  const keySet = createRemoteJWKSet(new URL(url), { timeoutDuration: JWKS_TIMEOUT_MS });
  return async (_request, token) => {
    const header = ('header' in token ? token.header : token) as JWSHeaderParameters;
    try {
      return await exportSPKI(await keySet(header));
    } catch (error) {
      if (KEY_NOT_LISTED.some((kind) => error instanceof kind))
        throw new MgeError(
          'UNAUTHENTICATED',
          'The bearer token is signed with a key that the identity provider does not list.',
        );
      throw new MgeError(
        'IDENTITY_UNAVAILABLE',
        'The signing keys of the identity provider cannot be fetched; try again shortly.',
        { cause: error },
      );
    }
  };
}
