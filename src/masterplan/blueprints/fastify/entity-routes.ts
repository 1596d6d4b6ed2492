/** `backend/src/routes/<entity>.ts`: the HTTP interface of one entity. */
import { fileText } from '../layout.ts';
import type { EntityModel, ProjectModel } from '../model.ts';
import { keepsDeleted, knowsActor } from './bases.ts';

export function routesFile(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  const { pascal } = names;
  const isSigned = knowsActor(project);
  /** A route that changes something: what it takes of a request, and how it asks for the change. */
  const takes = (members: string): string => (isSigned ? 'request' : `{ ${members} }`);
  const change = (call: string): string =>
    isSigned
      ? `change(request, (service) => service.${call.replaceAll(/\b(params|body)\b/g, 'request.$1')})`
      : `change((service) => service.${call})`;
  const signature = isSigned ? 'sender: Sender, work' : 'work';
  return fileText(`
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
${isSigned ? "import { actorOf, type Sender } from '../auth/guard.ts';\n" : ''}import type { Database } from '../db/database.ts';
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
  const change = <Result>(${signature}: (service: ${pascal}Service) => Promise<Result>) =>
    database.write((session) => work(new ${pascal}Service(session${isSigned ? ', actorOf(sender)' : ''})));

  return async (app) => {
    app.get('', { schema: LIST }, ({ query }) => reader.list(query));

    app.post('', { schema: CREATE }, async (${takes('body')}, reply) => {
      const created = await ${change('create(body)')};
      return reply.status(201).send(created);
    });

    app.get('/:id', { schema: GET }, ({ params }) => reader.get(params.id));

    app.patch('/:id', { schema: UPDATE }, (${takes('params, body')}) =>
      ${change('update(params.id, body)')},
    );

    app.delete('/:id', { schema: REMOVE }, async (${takes('params')}, reply) => {
      await ${change('remove(params.id)')};
      return reply.status(204).send(null);
    });
${
  keepsDeleted(project)
    ? `
    app.post('/:id/restore', { schema: RESTORE }, (${takes('params')}) =>
      ${change('restore(params.id)')},
    );
`
    : ''
}  };
}
`);
}
