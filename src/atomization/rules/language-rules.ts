/** What the atomizer knows of a language: which nodes are what. Names are those of the tree-sitter grammar. */
export interface LanguageRules {
  /** Comments: no code, and they stay with what follows them. */
  readonly comments: readonly string[];
  /** Kinds whose children are statements, declarations or members: cut between children. */
  readonly blocks: readonly string[];
  /** Those of `blocks` that hold the members of a type: their children are declarations in their own right. */
  readonly members?: readonly string[];
  /** Kinds whose children are separated by commas or the like: cut behind a separator. */
  readonly containers?: readonly string[];
  /** Kinds whose children stand side by side without separators and are no statements: JSX children, adjacent strings. */
  readonly rows?: readonly string[];
  /** Arms of a statement (`else`, `except`, `case`): cut before an arm, wherever it occurs. */
  readonly arms?: readonly string[];
  /** Keywords that begin an arm where the grammar has no node for it: `else`. */
  readonly armTokens?: readonly string[];
  /** Leaves that hold text of another kind: cut at the beginnings of lines. */
  readonly lineLeaves?: readonly string[];
  /** Long conditions and unions: cut at the operators below. */
  readonly chains?: readonly string[];
  readonly chainOperators?: readonly string[];
  /** Never cut inside: strings, templates. */
  readonly opaque?: readonly string[];
  /** Decorators, attributes and modifiers that stand before their declaration as siblings. */
  readonly attached?: readonly string[];
  readonly callables: readonly string[];
  /** Classes, interfaces, modules: declarations that hold members. */
  readonly types?: readonly string[];
  /** Other declarations that have a name worth telling. */
  readonly declarations?: readonly string[];
  /** Wrappers without a name of their own: `export`, decorated definitions. Their name is that of the declaration inside. */
  readonly wrappers?: readonly string[];
  readonly imports?: readonly string[];
  /** Declarations without a body that stay with the next one of the same name. */
  readonly overloads?: readonly string[];
  /** Each node or token of these kinds is a decision: one more path through the code. */
  readonly decisions: readonly string[];
  /** An expression statement of this kind holding only a string, first in a block of these: documentation, not code. */
  readonly docstrings?: { readonly statement: string; readonly string: string; readonly inside: readonly string[] };
  /** Kinds of children of a block that belong to its header: an opening tag, say. */
  readonly heads?: readonly string[];
  /** Kinds, beside closing brackets, that end what they stand last in: a closing tag, say. */
  readonly closers?: readonly string[];
  /** Fields of children of a block that belong to its header: the value of a `case`, say. */
  readonly headFields?: readonly string[];
  /** Fields, best first, under which a declaration keeps its name. */
  readonly nameFields?: readonly string[];
}

/** Bits of `CompiledRules.bits`. */
export const BIT = {
  comment: 1 << 0,
  block: 1 << 1,
  members: 1 << 2,
  container: 1 << 3,
  arm: 1 << 4,
  chain: 1 << 5,
  chainOperator: 1 << 6,
  opaque: 1 << 7,
  attached: 1 << 8,
  callable: 1 << 9,
  type: 1 << 10,
  declaration: 1 << 11,
  wrapper: 1 << 12,
  import: 1 << 13,
  overload: 1 << 14,
  decision: 1 << 15,
  docStatement: 1 << 16,
  docString: 1 << 17,
  docInside: 1 << 18,
  separator: 1 << 19,
  head: 1 << 20,
  row: 1 << 21,
  closer: 1 << 22,
  /** Set for error nodes, whatever the language. */
  damage: 1 << 23,
  armToken: 1 << 24,
  lineLeaf: 1 << 25,
} as const;

/** Rules with node kinds as numbers: `bits[kind]` says what nodes of a kind are. */
export interface CompiledRules {
  readonly bits: Uint32Array;
  /** Fields that hold a declaration's name, as a set of field numbers in order of preference. */
  readonly nameFields: readonly number[];
  readonly headFields: readonly number[];
  readonly hasOverloads: boolean;
}

const SEPARATORS = [',', ';'];

/** Turns the names of a rules table into the numbers of a grammar. */
export function compileRules(
  rules: LanguageRules,
  types: readonly string[],
  fields: readonly (string | null)[],
): CompiledRules {
  const bits = new Uint32Array(65_536);
  const idsOf = new Map<string, number[]>();
  types.forEach((name, id) => {
    const ids = idsOf.get(name);
    if (ids === undefined) idsOf.set(name, [id]);
    else ids.push(id);
  });
  const mark = (names: readonly string[] | undefined, bit: number): void => {
    for (const name of names ?? []) for (const id of idsOf.get(name) ?? []) bits[id] = (bits[id] ?? 0) | bit;
  };
  mark(rules.comments, BIT.comment);
  mark(rules.blocks, BIT.block);
  mark(rules.members, BIT.members);
  mark(rules.containers, BIT.container);
  mark(rules.rows, BIT.row);
  mark(rules.arms, BIT.arm);
  mark(rules.closers, BIT.closer);
  mark(rules.armTokens, BIT.armToken);
  mark(rules.lineLeaves, BIT.lineLeaf);
  mark(rules.chains, BIT.chain);
  mark(rules.chainOperators, BIT.chainOperator);
  mark(rules.opaque, BIT.opaque);
  mark(rules.attached, BIT.attached);
  mark(rules.callables, BIT.callable);
  mark(rules.types, BIT.type);
  mark(rules.declarations, BIT.declaration);
  mark(rules.wrappers, BIT.wrapper);
  mark(rules.imports, BIT.import);
  mark(rules.overloads, BIT.overload);
  mark(rules.decisions, BIT.decision);
  mark(rules.heads, BIT.head);
  mark(SEPARATORS, BIT.separator);
  if (rules.docstrings !== undefined) {
    mark([rules.docstrings.statement], BIT.docStatement);
    mark([rules.docstrings.string], BIT.docString);
    mark(rules.docstrings.inside, BIT.docInside);
  }
  const fieldIds = (names: readonly string[]): number[] =>
    names.map((name) => fields.indexOf(name)).filter((id) => id > 0);
  return {
    bits,
    nameFields: fieldIds(rules.nameFields ?? ['name']),
    headFields: fieldIds(rules.headFields ?? []),
    hasOverloads: rules.overloads !== undefined,
  };
}
