import { Type } from 'typebox';
import { closed, Instant, JsonObject, named, nullable, pageQuery, text } from './common.ts';

const Replay = Type.Object({
  by: Type.String(),
  at: Instant,
  new_message_id: nullable(Type.String({ description: 'The message that took its place.' })),
});

export const DeadLetter = named(
  'DeadLetter',
  Type.Object({
    archive_id: Type.Integer(),
    message_id: Type.String(),
    queue: Type.String({ description: '`atoms` or `stages`.' }),
    payload: JsonObject,
    reason: Type.String(),
    attempts: Type.Integer(),
    archived_at: Instant,
    replayed_at: nullable(Instant),
  }),
);

export const DeadLetterDetail = named(
  'DeadLetterDetail',
  Type.Object({ ...DeadLetter.properties, replay: nullable(Replay) }),
);

export const DeadLettersQuery = closed({
  ...pageQuery,
  queue: Type.Optional(text({ maxLength: 100, description: 'Those of one queue only.' })),
});

export const DeadLetterParams = closed({ message_id: Type.String({ minLength: 1, maxLength: 200 }) });
