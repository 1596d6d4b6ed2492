import type { TreeReader } from './tree-reader.ts';

const ENDS = new Set([
  'return_statement',
  'raise_statement',
  'throw_statement',
  'continue_statement',
  'break_statement',
]);

/** Whether control may come to the end of a block: whether a function may end without a `return`. */
export function fallsThrough(reader: TreeReader, block: number): boolean {
  const last = reader.parts(block).at(-1);
  if (last === undefined) return true;
  switch (reader.type(last)) {
    case 'with_statement':
      return fallsThrough(reader, reader.field(last, 'body'));
    case 'statement_block':
      return fallsThrough(reader, last);
    case 'if_statement':
      return ifFalls(reader, last);
    case 'try_statement':
      return tryFalls(reader, last);
    case 'while_statement':
      return !/^\(?(True|true|1)\)?$/.test(reader.slice(reader.field(last, 'condition')));
    case 'switch_statement':
      return switchFalls(reader, last);
    default:
      return !ENDS.has(reader.type(last));
  }
}

/** A block, or a single statement in its place. */
function armFalls(reader: TreeReader, arm: number): boolean {
  if (arm < 0) return true;
  if (/^(block|statement_block)$/.test(reader.type(arm))) return fallsThrough(reader, arm);
  return reader.type(arm) === 'if_statement' ? ifFalls(reader, arm) : !ENDS.has(reader.type(arm));
}

function ifFalls(reader: TreeReader, node: number): boolean {
  let hasElse = false;
  if (armFalls(reader, reader.field(node, 'consequence'))) return true;
  for (const part of reader.parts(node)) {
    const type = reader.type(part);
    if (type === 'elif_clause' && armFalls(reader, reader.field(part, 'consequence'))) return true;
    if (type !== 'else_clause') continue;
    hasElse = true;
    const body = reader.field(part, 'body');
    if (armFalls(reader, body >= 0 ? body : (reader.parts(part).at(-1) ?? -1))) return true;
  }
  return !hasElse;
}

function tryFalls(reader: TreeReader, node: number): boolean {
  const parts = reader.parts(node);
  const bodyOf = (part: number): number => {
    const body = reader.field(part, 'body');
    return body >= 0 ? body : (reader.parts(part).at(-1) ?? -1);
  };
  const finals = parts.find((part) => reader.type(part) === 'finally_clause');
  if (finals !== undefined && !armFalls(reader, bodyOf(finals))) return false;
  const hasElse = parts.find((part) => reader.type(part) === 'else_clause');
  const main = hasElse === undefined ? reader.field(node, 'body') : bodyOf(hasElse);
  if (armFalls(reader, main)) return true;
  return parts.some(
    (part) =>
      /^(except_clause|except_group_clause|catch_clause)$/.test(reader.type(part)) && armFalls(reader, bodyOf(part)),
  );
}

function switchFalls(reader: TreeReader, node: number): boolean {
  const cases = reader.parts(reader.field(node, 'body'));
  if (!cases.some((part) => reader.type(part) === 'switch_default')) return true;
  if (/\bbreak\b/.test(reader.slice(node))) return true;
  const last = cases.at(-1);
  return last === undefined || fallsThrough(reader, last);
}

/** Whether a body only stands for one: `pass`, `...`, a documentation string, `raise NotImplementedError`. */
export function isStub(reader: TreeReader, body: number): boolean {
  if (body < 0) return true;
  if (!/^(block|statement_block)$/.test(reader.type(body))) return false;
  return reader
    .parts(body)
    .every(
      (part) =>
        /^(pass_statement|raise_statement|throw_statement)$/.test(reader.type(part)) ||
        /^(string|ellipsis|concatenated_string)$/.test(reader.type(reader.parts(part)[0] ?? -1)),
    );
}
