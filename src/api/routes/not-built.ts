import { Type, type Static } from 'typebox';
import { MgeError } from '../../domain/index.ts';
import type { Access, Api } from '../context.ts';
import type { ApiServices } from '../deps.ts';
import { operation, type Tag } from '../operation.ts';
import { requireAtom, requireMasterplan } from '../ownership.ts';
import { principalOfRequest } from '../plugins/authentication.ts';
import { AtomParams, MasterplanParams } from '../schemas/common.ts';

interface Announced {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly id: string;
  readonly tag: Tag;
  readonly summary: string;
  readonly access: Access;
}

/** Calls that the API has names for and this version does not serve. They say so; they never make something up. */
const ANNOUNCED: readonly Announced[] = [
  {
    method: 'POST',
    path: '/api/v2/validation/atom/:atom_id',
    id: 'validateAtom',
    tag: 'validation',
    summary: 'Run level 1 on an atom',
    access: 'user',
  },
  {
    method: 'POST',
    path: '/api/v2/validation/module/:masterplan_id',
    id: 'validateModule',
    tag: 'validation',
    summary: 'Run level 2 on a file',
    access: 'user',
  },
  {
    method: 'POST',
    path: '/api/v2/validation/component/:masterplan_id',
    id: 'validateComponent',
    tag: 'validation',
    summary: 'Run level 3 on a folder',
    access: 'user',
  },
  {
    method: 'POST',
    path: '/api/v2/validation/system/:masterplan_id',
    id: 'validateSystem',
    tag: 'validation',
    summary: 'Run level 4 on the project',
    access: 'user',
  },
  {
    method: 'POST',
    path: '/api/v2/validation/batch',
    id: 'validateBatch',
    tag: 'validation',
    summary: 'Run level 1 on many atoms',
    access: 'user',
  },
  {
    method: 'POST',
    path: '/api/v2/review/bulk',
    id: 'decideInBulk',
    tag: 'review',
    summary: 'Decide many review items at once',
    access: 'reviewer',
  },
];

function paramsOf(path: string): typeof MasterplanParams | typeof AtomParams | null {
  if (path.includes(':masterplan_id')) return MasterplanParams;
  return path.includes(':atom_id') ? AtomParams : null;
}

export function registerAnnouncedRoutes(app: Api, services: ApiServices): void {
  for (const { method, path, ...rest } of ANNOUNCED) {
    const params = paramsOf(path);
    const described = operation({
      ...rest,
      ...(params === null ? {} : { request: { params } }),
      description: 'Not served by this version: answers 501.',
      responses: { 200: Type.Unsafe<never>({}) },
      problems: ['NOT_IMPLEMENTED'],
    });
    app.route({
      method,
      url: path,
      ...described,
      handler: async (request) => {
        const ids = request.params as Static<typeof MasterplanParams> | Static<typeof AtomParams> | undefined;
        const principal = principalOfRequest(request);
        // What belongs to somebody else does not exist here either.
        if (ids && 'masterplan_id' in ids) await requireMasterplan(services.db, principal, ids.masterplan_id);
        if (ids && 'atom_id' in ids) await requireAtom(services.db, principal, ids.atom_id);
        throw new MgeError(
          'NOT_IMPLEMENTED',
          `This version does not serve ${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}.`,
        );
      },
    });
  }
}
