import { type Member, type Place, type Shape, shownPlace } from './shape.ts';

/** One disagreement between what a client and a server say of the same JSON. */
export interface Difference {
  readonly rule: string;
  readonly message: string;
  readonly fix: string;
  /** Where the client says it; null where that is the request itself. */
  readonly place: Place | null;
}

type ObjectShape = Extract<Shape, { readonly kind: 'object' }>;

const NOUNS: Readonly<Record<Shape['kind'], string>> = {
  unknown: 'anything',
  text: 'text',
  number: 'a number',
  boolean: 'yes or no',
  null: 'null',
  array: 'a list',
  object: 'an object',
  union: 'a choice',
};

const plain = (name: string): string => name.replaceAll(/[_-]/g, '').toLowerCase();

/** A member whose name differs in case and underscores only. */
function nearMember(name: string, { members }: ObjectShape): string | null {
  return [...members.keys()].find((other) => plain(other) === plain(name)) ?? null;
}

function compareBasic(
  client: Shape,
  server: Shape,
  where: string,
  own: Member | null,
  theirs: Member | null,
): Difference[] {
  if (
    client.kind === server.kind ||
    [client, server].some(({ kind }) => kind === 'unknown' || kind === 'union' || kind === 'null')
  )
    return [];
  const at = theirs === null ? '' : ` (${shownPlace(theirs.place)})`;
  return [
    {
      rule: 'member-type',
      message: `${where} is ${NOUNS[client.kind]} here and ${NOUNS[server.kind]} at the server${at}`,
      fix: `make it ${NOUNS[server.kind]}, or change the server's schema`,
      place: own?.place ?? null,
    },
  ];
}

interface Sides {
  readonly client: Shape;
  readonly server: Shape;
}

/** What a client expects of an answer and does not get. */
export function answerDifferences(
  { client, server }: Sides,
  path = '',
  depth = 0,
  of: readonly [Member | null, Member | null] = [null, null],
): Difference[] {
  const where = path === '' ? 'the answer' : `"${path}" of the answer`;
  if (depth > 5) return [];
  if (client.kind === 'array' && server.kind === 'array')
    return answerDifferences({ client: client.item, server: server.item }, path, depth + 1, of);
  if (client.kind === 'text' && server.kind === 'text')
    return choiceDifference(server.values, client.values, where, of, 'answer');
  if (client.kind !== 'object' || server.kind !== 'object') return compareBasic(client, server, where, ...of);
  return [...client.members].flatMap(([name, member]): Difference[] => {
    const full = path === '' ? name : `${path}.${name}`;
    const sent = server.members.get(name);
    if (sent !== undefined)
      return answerDifferences({ client: member.shape, server: sent.shape }, full, depth + 1, [member, sent]);
    if (server.isOpen) return [];
    const near = nearMember(name, server);
    if (near === null && member.isOptional) return [];
    const known = near === null ? null : (server.members.get(near) ?? null);
    return [
      {
        rule: near === null ? 'unsent-member' : 'member-name',
        message:
          known === null
            ? `the client reads "${full}" of the answer, which the server never sends${schemaPlace(server)}`
            : `the client reads "${full}" of the answer, which the server sends as "${near ?? ''}" (${shownPlace(known.place)})`,
        fix: known === null ? `take ${name} out, or add it to the server's schema` : `name it ${near ?? ''}`,
        place: member.place,
      },
    ];
  });
}

function schemaPlace({ members }: ObjectShape): string {
  const [first] = members.values();
  return first === undefined ? '' : ` (its schema is at ${shownPlace(first.place)})`;
}

function choiceDifference(
  sent: readonly string[] | null,
  taken: readonly string[] | null,
  where: string,
  [client, server]: readonly [Member | null, Member | null],
  direction: 'answer' | 'body',
): Difference[] {
  const extra = sent === null || taken === null ? [] : sent.filter((value) => !taken.includes(value));
  if (extra.length === 0 || taken === null) return [];
  const shown = extra.map((value) => `"${value}"`).join(', ');
  const at = server === null ? '' : ` (${shownPlace(server.place)})`;
  const message =
    direction === 'body'
      ? `${where} may be ${shown} here, which the server refuses${at}: it takes ${taken.map((value) => `"${value}"`).join(', ')}`
      : `${where} may be ${shown} at the server${at}, which the client does not know`;
  return [{ rule: 'member-values', message, fix: 'give both sides the same values', place: client?.place ?? null }];
}

/** What a client sends that the server does not take, or does not send and the server needs. */
export function bodyDifferences(
  { client, server }: Sides,
  path = '',
  depth = 0,
  of: readonly [Member | null, Member | null] = [null, null],
): Difference[] {
  const where = path === '' ? 'the body' : `"${path}" of the body`;
  if (depth > 5) return [];
  if (client.kind === 'array' && server.kind === 'array')
    return bodyDifferences({ client: client.item, server: server.item }, path, depth + 1, of);
  if (client.kind === 'text' && server.kind === 'text')
    return choiceDifference(client.values, server.values, where, of, 'body');
  if (client.kind !== 'object' || server.kind !== 'object') return compareBasic(client, server, where, ...of);
  return [...missingMembers(client, server, path), ...sentMembers(client, server, path, depth)];
}

function missingMembers(client: ObjectShape, server: ObjectShape, path: string): Difference[] {
  if (client.isOpen) return [];
  return [...server.members].flatMap(([name, member]): Difference[] => {
    // Another spelling is reported where it is sent.
    if (member.isOptional || client.members.has(name) || nearMember(name, client) !== null) return [];
    const full = path === '' ? name : `${path}.${name}`;
    return [
      {
        rule: 'missing-member',
        message: `the server needs "${full}" in the body (${shownPlace(member.place)}), and the client never sends it`,
        fix: `send ${name}, or make it optional at the server`,
        place: [...client.members.values()][0]?.place ?? null,
      },
    ];
  });
}

function sentMembers(client: ObjectShape, server: ObjectShape, path: string, depth: number): Difference[] {
  return [...client.members].flatMap(([name, member]): Difference[] => {
    const full = path === '' ? name : `${path}.${name}`;
    const taken = server.members.get(name);
    if (taken !== undefined)
      return bodyDifferences({ client: member.shape, server: taken.shape }, full, depth + 1, [member, taken]);
    if (server.isOpen) return [];
    const near = nearMember(name, server);
    const known = near === null ? undefined : server.members.get(near);
    // Whole records are often sent back as they came: what the server passes over then is no mistake.
    if (known === undefined && server.isStrict !== true && client.members.has('id')) return [];
    return [
      {
        rule: known === undefined ? 'unknown-member' : 'member-name',
        message:
          known === undefined
            ? `the client sends "${full}", which the server does not take${schemaPlace(server)}`
            : `the client sends "${full}", which the server takes as "${near ?? ''}" (${shownPlace(known.place)})`,
        fix: known === undefined ? `do not send ${name}, or add it to the server's schema` : `name it ${near ?? ''}`,
        place: member.place,
      },
    ];
  });
}
