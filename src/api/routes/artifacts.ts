import { createHash } from 'node:crypto';
import { Type } from 'typebox';
import { ARCHIVE_FORMATS, packArchive } from '../archive.ts';
import type { Api } from '../context.ts';
import type { ApiServices } from '../deps.ts';
import { operation } from '../operation.ts';
import { requireMasterplan } from '../ownership.ts';
import { principalOfRequest } from '../plugins/authentication.ts';
import { MasterplanParams } from '../schemas/common.ts';
import { ArtifactQuery } from '../schemas/masterplans.ts';

export function registerArtifactRoutes(app: Api, services: ApiServices): void {
  const artifact = operation({
    id: 'getArtifact',
    tag: 'masterplans',
    summary: 'The produced project with its manifest',
    description:
      'Accepted text where there is some, draft elsewhere: the manifest says which, with a SHA-256 per file. The same state gives the same bytes.',
    access: 'user',
    request: { params: MasterplanParams, querystring: ArtifactQuery },
    responses: { 200: Type.Unsafe<unknown>({ type: 'string', format: 'binary' }), 304: Type.Null() },
    problems: ['NOT_DECOMPOSED'],
    produces: Object.values(ARCHIVE_FORMATS),
    flow: 'export_artifact',
  });
  app.get('/api/v2/masterplans/:masterplan_id/artifact', artifact, async (request, reply) => {
    const id = await requireMasterplan(services.db, principalOfRequest(request), request.params.masterplan_id);
    const { format = 'zip' } = request.query;
    const { files, manifest } = await services.stages.exportArtifact(id);
    const etag = `"${createHash('sha256').update(JSON.stringify(manifest)).update(format).digest('hex').slice(0, 32)}"`;
    void reply.header('etag', etag).header('cache-control', 'private, no-cache');
    if (request.headers['if-none-match'] === etag) return reply.code(304).send(null);
    return reply
      .header('content-type', ARCHIVE_FORMATS[format])
      .header('content-disposition', `attachment; filename="${fileName(manifest.project)}.${format}"`)
      .send(packArchive(files, format));
  });
}

/** A name that every file system and header takes. */
function fileName(project: string): string {
  return (
    project
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-+|-+$/g, '')
      .slice(0, 80) || 'project'
  );
}
