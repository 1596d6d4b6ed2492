/** `upload` in the Fastify back end: the routes of attachments, and the sweep of files that nothing refers to. */
import { fileText } from '../layout.ts';

/** `backend/src/routes/attachment.ts`. */
export function attachmentRoutesFile(): string {
  return fileText(`
import {
  type FastifyPluginAsyncTypebox,
  TypeBoxValidatorCompiler,
} from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { RequestError } from '../errors.ts';
import type { FileStore } from '../files/file-store.ts';
import { contentDisposition, readUpload } from '../files/upload-form.ts';
import { AttachmentForm, AttachmentList, AttachmentRead, Bytes } from '../schemas/attachment.ts';
import { Nothing, RecordPath } from '../schemas/schema.ts';
import type { AttachmentService } from '../services/attachment.ts';
import { SERVICES } from '../services/catalog.ts';

/** What a form needs around its file. */
const FORM_BYTES = 64 * 1024;
const FORM_TYPE = 'multipart/form-data';

const tags = ['attachments'];
const FILE = { description: 'The file', content: { 'application/octet-stream': { schema: Bytes } } };
const LIST = { tags, params: RecordPath, response: { 200: AttachmentList } };
const ADD = {
  tags,
  consumes: [FORM_TYPE],
  params: RecordPath,
  body: AttachmentForm,
  response: { 201: AttachmentRead },
};
const DOWNLOAD = { tags, params: RecordPath, response: { 200: FILE } };
const REMOVE = { tags, params: RecordPath, response: { 204: Nothing } };

/** The schema of a form is for who reads the description: who reads the form checks it. */
const checkAllButForm: typeof TypeBoxValidatorCompiler = (part) =>
  part.httpPart === 'body' ? () => true : TypeBoxValidatorCompiler(part);

/** The HTTP interface of attachments: those of each record, and each by itself. */
export function attachmentRoutes(
  service: AttachmentService,
  store: FileStore,
): FastifyPluginAsyncTypebox {
  return async (app) => {
    for (const collection of Object.keys(SERVICES)) {
      await app.register(recordAttachmentRoutes(collection, service, store), {
        prefix: \`/\${collection}/:id/attachments\`,
      });
    }

    app.get('/attachments/:id', { schema: DOWNLOAD }, async ({ params }, reply) => {
      const { attachment, bytes } = await service.open(params.id);
      return reply
        .type(attachment.content_type)
        .header('content-length', attachment.size)
        .header('content-disposition', contentDisposition(attachment.filename))
        .header('x-content-type-options', 'nosniff')
        .send(bytes);
    });

    app.delete('/attachments/:id', { schema: REMOVE }, async ({ params }, reply) => {
      await service.remove(params.id);
      return reply.status(204).send(null);
    });
  };
}

function recordAttachmentRoutes(
  collection: string,
  service: AttachmentService,
  store: FileStore,
): FastifyPluginAsyncTypebox {
  const parser = { parseAs: 'buffer', bodyLimit: store.maxBytes + FORM_BYTES } as const;
  const upload = { schema: ADD, preParsing: lengthCheck(store), validatorCompiler: checkAllButForm };
  return async (app) => {
    // The form stays as it was sent until its record is known to be there.
    app.removeAllContentTypeParsers();
    app.addContentTypeParser(FORM_TYPE, parser, async (_request: FastifyRequest, body: Buffer) => body);

    app.get('', { schema: LIST }, ({ params }) => service.list(collection, params.id));

    app.post('', upload, async (request, reply) => {
      const file = await readUpload(formOf(request), request.headers['content-type'] ?? '');
      const added = await service.add(collection, request.params.id, file);
      return reply.status(201).send(added);
    });
  };
}

/** Hook: what says that it is too long is not read at all. */
function lengthCheck(store: FileStore) {
  return async ({ headers }: Pick<FastifyRequest, 'headers'>): Promise<void> => {
    const length = headers['content-length'];
    if (length === undefined) throw new RequestError(411, 'The request must say how long it is.');
    store.checkSize(Number(length) - FORM_BYTES);
  };
}

/** The bytes of a form; none where nothing was sent. */
function formOf({ body }: { body: unknown }): Uint8Array {
  return body instanceof Uint8Array ? body : new Uint8Array();
}
`);
}

/** `backend/src/files/sweeper.ts`. */
export function sweeperFile(): string {
  return fileText(`
import type { FastifyInstance } from 'fastify';
import type { AttachmentService } from '../services/attachment.ts';

const EVERY_MS = 60_000;

/** Removes files that nothing needs: when the service starts, after each deletion, and now and then. */
export function sweepFiles(app: FastifyInstance, attachments: AttachmentService): void {
  const sweep = async (): Promise<void> => {
    try {
      await attachments.sweep();
    } catch (error) {
      app.log.error(error, 'Files could not be removed; they will be next time.');
    }
  };
  const timer = setInterval(sweep, EVERY_MS).unref();
  app.addHook('onReady', sweep);
  app.addHook('onSend', async ({ method }) => {
    if (method === 'DELETE') await sweep();
  });
  app.addHook('onClose', async () => clearInterval(timer));
}
`);
}
