/** `backend/src/routes/<entity>.ts`: the HTTP interface of one entity. */
import { fileText } from '../layout.ts';
import type { EntityModel, ProjectModel } from '../model.ts';
import { keepsDeleted } from './soft-delete.ts';

export function routesFile(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  const { pascal } = names;
  return fileText(`
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Database } from '../db/database.ts';
import { ${pascal}Create, ${pascal}Page, ${pascal}Query, ${pascal}Read, ${pascal}Update } from '../schemas/${names.kebab}.ts';
import { Nothing, RecordPath } from '../schemas/schema.ts';
import { ${pascal}Service } from '../services/${names.kebab}.ts';

const tags = ['${names.humanPlural}'];
const LIST = { tags, querystring: ${pascal}Query, response: { 200: ${pascal}Page } };
const CREATE = { tags, body: ${pascal}Create, response: { 201: ${pascal}Read } };
const GET = { tags, params: RecordPath, response: { 200: ${pascal}Read } };
const UPDATE = { tags, params: RecordPath, body: ${pascal}Update, response: { 200: ${pascal}Read } };
const REMOVE = { tags, params: RecordPath, response: { 204: Nothing } };${
    keepsDeleted(project)
      ? `
const RESTORE = { tags, params: RecordPath, response: { 200: ${pascal}Read } };`
      : ''
  }

/** The HTTP interface of ${names.humanPlural}. */
export function ${names.camel}Routes(database: Database): FastifyPluginAsyncTypebox {
  const reader = new ${pascal}Service(database.session);
  const change = <Result>(work: (service: ${pascal}Service) => Promise<Result>) =>
    database.write((session) => work(new ${pascal}Service(session)));

  return async (app) => {
    app.get('', { schema: LIST }, ({ query }) => reader.list(query));

    app.post('', { schema: CREATE }, async ({ body }, reply) => {
      const created = await change((service) => service.create(body));
      return reply.status(201).send(created);
    });

    app.get('/:id', { schema: GET }, ({ params }) => reader.get(params.id));

    app.patch('/:id', { schema: UPDATE }, ({ params, body }) =>
      change((service) => service.update(params.id, body)),
    );

    app.delete('/:id', { schema: REMOVE }, async ({ params }, reply) => {
      await change((service) => service.remove(params.id));
      return reply.status(204).send(null);
    });
${
  keepsDeleted(project)
    ? `
    app.post('/:id/restore', { schema: RESTORE }, ({ params }) =>
      change((service) => service.restore(params.id)),
    );
`
    : ''
}  };
}
`);
}
