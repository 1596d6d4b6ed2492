import type { Static } from 'typebox';
import { getDeadLetter, type DeadLetterRecord } from '../../db/queries/get-dead-letter.ts';
import { listDeadLetters, type ArchivedLetter } from '../../db/queries/list-dead-letters.ts';
import { MgeError } from '../../domain/index.ts';
import { replayDeadLetter } from '../../execution/index.ts';
import type { Api } from '../context.ts';
import { CURSOR_NUMBER, decodeCursor, pageOfRows } from '../cursor.ts';
import type { ApiServices } from '../deps.ts';
import { operation } from '../operation.ts';
import { principalOfRequest } from '../plugins/authentication.ts';
import { DEFAULT_PAGE_LIMIT, pageOf, ref } from '../schemas/common.ts';
import { DeadLetter, DeadLetterDetail, DeadLetterParams, DeadLettersQuery } from '../schemas/dead-letters.ts';
import { nextLink } from './links.ts';

interface ListRoute {
  readonly path: string;
  readonly id: string;
  readonly summary: string;
  readonly openOnly: boolean;
}

const LISTS: readonly ListRoute[] = [
  {
    path: '/api/v2/admin/dead-letters',
    id: 'listDeadLetters',
    summary: 'Messages that were given up and not replayed, newest first',
    openOnly: true,
  },
  {
    path: '/api/v2/admin/dead-letters/archive',
    id: 'listDeadLetterArchive',
    summary: 'All messages that were ever given up, newest first',
    openOnly: false,
  },
];

/** Messages that were given up: what they were, why, and one more try. */
export function registerDeadLetterRoutes(app: Api, services: ApiServices): void {
  for (const route of LISTS) registerList(app, services, route);
  const one = operation({
    id: 'getDeadLetter',
    tag: 'admin',
    summary: 'One given-up message and its replay',
    access: 'admin',
    request: { params: DeadLetterParams },
    responses: { 200: ref(DeadLetterDetail) },
  });
  app.get('/api/v2/admin/dead-letters/:message_id', one, async (request) => {
    const letter = await getDeadLetter(services.db, request.params.message_id);
    if (!letter) throw new MgeError('NOT_FOUND', `There is no dead letter ${request.params.message_id}.`);
    return presentDetail(letter);
  });

  const replay = operation({
    id: 'replayDeadLetter',
    tag: 'admin',
    summary: 'Send a given-up message again, once',
    description:
      'A stage job is queued again, an atom gets another set of attempts. A second replay is refused with 409 and says who did the first.',
    access: 'admin',
    request: { params: DeadLetterParams },
    responses: { 200: ref(DeadLetterDetail) },
    problems: ['CONFLICT'],
    idempotent: true,
  });
  app.post('/api/v2/admin/dead-letters/:message_id/replay', replay, async (request) => {
    const { subject: by } = principalOfRequest(request);
    return presentDetail(await replayDeadLetter(services, { msgId: request.params.message_id, by }));
  });
}

function registerList(app: Api, services: ApiServices, { path, id, summary, openOnly }: ListRoute): void {
  const list = operation({
    id,
    tag: 'admin',
    summary,
    access: 'admin',
    request: { querystring: DeadLettersQuery },
    responses: { 200: pageOf(ref(DeadLetter), 'A page of dead letters.') },
  });
  app.get(path, list, async (request, reply) => {
    const { limit = DEFAULT_PAGE_LIMIT, cursor, queue } = request.query;
    const rows = await listDeadLetters(services.db, {
      limit: limit + 1,
      openOnly,
      ...(cursor === undefined ? {} : { before: Number(decodeCursor(cursor, CURSOR_NUMBER)) }),
      ...(queue === undefined ? {} : { queueName: queue }),
    });
    const page = pageOfRows(rows, limit, (row) => row.archiveId, present);
    if (page.page.next_cursor !== null) void reply.header('link', nextLink(request.url, page.page.next_cursor));
    return page;
  });
}

function present(letter: ArchivedLetter): Static<typeof DeadLetter> {
  return {
    archive_id: letter.archiveId,
    message_id: letter.msgId,
    queue: letter.queueName,
    payload: letter.payload,
    reason: letter.reason,
    attempts: letter.attempts,
    archived_at: letter.archivedAt.toISOString(),
    replayed_at: letter.replayedAt?.toISOString() ?? null,
  };
}

function presentDetail(letter: DeadLetterRecord): Static<typeof DeadLetterDetail> {
  const { replay } = letter;
  return {
    ...present(letter),
    replay: replay && { by: replay.by, at: replay.at.toISOString(), new_message_id: replay.newMsgId },
  };
}
