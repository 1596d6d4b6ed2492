/** What of a language's tree says something about names, conditions and effects. Names are those of the tree-sitter grammar. */
export interface ContextRules {
  /** Kinds of names that are looked up in scopes. */
  readonly names: readonly string[];
  /** Kinds of names of members: `x.name`. */
  readonly members?: readonly string[];
  /** `kind.field`: names in this place are those of members or keywords, not of the scope. */
  readonly memberPlaces?: readonly string[];
  /** `kind` or `kind.field`: names in this place are defined here. */
  readonly binds: readonly string[];
  /** Kinds in which a name that begins with a small letter is that of a tag. */
  readonly tags?: readonly string[];
  /** How the imports of the language are read. */
  readonly imports: 'python' | 'ecmascript' | 'generic';
  readonly parameterFields?: readonly string[];
  readonly resultFields?: readonly string[];
  readonly typeFields?: readonly string[];
  readonly returns?: readonly string[];
  readonly yields?: readonly string[];
  readonly raises?: readonly string[];
  readonly asserts?: readonly string[];
  /** Statements with a condition under which a `raise` in them happens. */
  readonly guards?: readonly string[];
  /** Assignments; their target is in the field `left` or `argument`. */
  readonly assignments?: readonly string[];
  /** Targets of assignments that change something outside: `self.x`, `a[i]`. */
  readonly places?: readonly string[];
  readonly globals?: readonly string[];
  readonly calls?: readonly string[];
  /** Statements that hand names of another module on, where they name one in the field `source`. */
  readonly reexports?: readonly string[];
  /** Names that the language itself gives. */
  readonly builtins: ReadonlySet<string>;
  /** Types of literals, by kind. */
  readonly literals?: Readonly<Record<string, string>>;
  /** Constructs that need a version of the language. */
  readonly versions?: Readonly<Record<string, string>>;
  /** Parameters that need no type: `self`. */
  readonly untyped?: ReadonlySet<string>;
  /** What a function without a `return` gives. */
  readonly nothing: string;
  /** True where declarations cannot go without types. */
  readonly alwaysTyped?: boolean;
}

/** Bits of `CompiledContext.bits`. */
export const MARK = {
  name: 1 << 0,
  member: 1 << 1,
  returns: 1 << 2,
  yields: 1 << 3,
  raises: 1 << 4,
  asserts: 1 << 5,
  guard: 1 << 6,
  assignment: 1 << 7,
  place: 1 << 8,
  globals: 1 << 9,
  call: 1 << 10,
  version: 1 << 11,
  tag: 1 << 12,
  reexport: 1 << 13,
} as const;

export const PLACE_SCOPE = 0;
export const PLACE_MEMBER = 1;
export const PLACE_BIND = 2;

export interface CompiledContext {
  readonly rules: ContextRules;
  readonly bits: Uint32Array;
  /** Whether a kind has any entry in `places`. */
  readonly hasPlaces: Uint8Array;
  /** What names in a field of a kind are: `kind * 256 + field` to PLACE_*; field 0 stands for all fields. */
  readonly places: ReadonlyMap<number, number>;
  readonly literals: ReadonlyMap<number, string>;
  readonly versions: ReadonlyMap<number, string>;
  readonly fields: {
    readonly parameters: readonly number[];
    readonly result: readonly number[];
    readonly type: readonly number[];
    readonly value: number;
    readonly body: number;
    readonly condition: number;
    readonly left: number;
    readonly right: number;
    readonly callee: number;
    readonly name: number;
    readonly source: number;
  };
}

/** Turns the names of a context table into the numbers of a grammar. */
export function compileContext(
  rules: ContextRules,
  types: readonly string[],
  fields: readonly (string | null)[],
): CompiledContext {
  const bits = new Uint32Array(65_536);
  const hasPlaces = new Uint8Array(65_536);
  const places = new Map<number, number>();
  const idsOf = (name: string): number[] => types.flatMap((type, id) => (type === name ? [id] : []));
  const fieldId = (name: string): number => Math.max(0, fields.indexOf(name));
  const mark = (names: readonly string[] | undefined, bit: number): void => {
    for (const name of names ?? []) for (const id of idsOf(name)) bits[id] = (bits[id] ?? 0) | bit;
  };
  const place = (entries: readonly string[] | undefined, what: number): void => {
    for (const entry of entries ?? []) {
      const [kind = '', field] = entry.split('.');
      for (const id of idsOf(kind)) {
        hasPlaces[id] = 1;
        places.set(id * 256 + (field === undefined ? 0 : fieldId(field)), what);
      }
    }
  };
  mark(rules.names, MARK.name);
  mark(rules.members, MARK.member);
  mark(rules.returns, MARK.returns);
  mark(rules.yields, MARK.yields);
  mark(rules.raises, MARK.raises);
  mark(rules.asserts, MARK.asserts);
  mark(rules.guards, MARK.guard);
  mark(rules.assignments, MARK.assignment);
  mark(rules.places, MARK.place);
  mark(rules.globals, MARK.globals);
  mark(rules.calls, MARK.call);
  mark(rules.tags, MARK.tag);
  mark(rules.reexports, MARK.reexport);
  mark(Object.keys(rules.versions ?? {}), MARK.version);
  place(rules.memberPlaces, PLACE_MEMBER);
  place(rules.binds, PLACE_BIND);
  const byId = (table: Readonly<Record<string, string>> | undefined): Map<number, string> =>
    new Map(
      Object.entries(table ?? {}).flatMap(([name, value]) => idsOf(name).map((id): [number, string] => [id, value])),
    );
  const fieldIds = (names: readonly string[]): number[] => names.map(fieldId).filter((id) => id > 0);
  return {
    rules,
    bits,
    hasPlaces,
    places,
    literals: byId(rules.literals),
    versions: byId(rules.versions),
    fields: {
      parameters: fieldIds(rules.parameterFields ?? ['parameters', 'parameter']),
      result: fieldIds(rules.resultFields ?? ['return_type']),
      type: fieldIds(rules.typeFields ?? ['type']),
      value: fieldId('value'),
      body: fieldId('body'),
      condition: fieldId('condition'),
      left: fieldId('left'),
      right: fieldId('right'),
      callee: fieldId('function'),
      name: fieldId('name'),
      source: fieldId('source'),
    },
  };
}
