import {
  DEF,
  DEF_FLAG,
  DEF_KIND,
  DEF_KIND_NAMES,
  EXPR,
  FUNCTION,
  IMPORT,
  OP,
  SCOPE,
  SYMBOL,
  USE,
  USE_FLAG,
  USE_KIND,
  type FileFacts,
} from './types.ts';

/** A name with what it is; `index` is a UTF-16 position in the file. */
export interface NamedThing {
  readonly name: string;
  readonly kind: string;
  readonly index: number;
}

export interface UsedImport {
  /** As written; Python's leading dots included. */
  readonly module: string;
  readonly names: readonly string[];
  /** Where the import statement starts. */
  readonly index: number;
}

/** A name and the type that the source gives it; `type` is its source text, empty where there is none. */
export interface TypedName {
  readonly name: string;
  readonly type: string;
  readonly source: 'annotation' | 'inferred' | 'none';
  readonly index: number;
}

/** Answers about a stretch of a file. All positions are UTF-16 indexes, `end` exclusive. */
export interface FactsReader {
  /** Names defined there, in source order. */
  defines(start: number, end: number): NamedThing[];
  /** Names used there and defined outside of the stretch, once each, in source order; `kind`: call, type, jsx, decorator, base, write or read. */
  uses(start: number, end: number): NamedThing[];
  /** Imports whose names are used there, wherever the statements are. */
  importsUsed(start: number, end: number): UsedImport[];
  /** Parameters, variables and fields defined there, and results of functions defined there (named `return`). */
  types(start: number, end: number): TypedName[];
}

/** Rows of a table whose `pos` column lies in a stretch, found by binary search. */
class Index {
  private readonly rows: Int32Array;
  private readonly positions: Int32Array;

  constructor(table: Int32Array, width: number, pos: number) {
    const count = table.length / width;
    this.rows = Int32Array.from({ length: count }, (_, row) => row);
    this.rows.sort((a, b) => cell(table, width, a, pos) - cell(table, width, b, pos));
    this.positions = this.rows.map((row) => cell(table, width, row, pos));
  }

  between(start: number, end: number): Int32Array {
    return this.rows.subarray(this.lowerBound(start), this.lowerBound(end));
  }

  private lowerBound(value: number): number {
    let low = 0;
    let high = this.positions.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.positions[middle] ?? 0) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function cell(table: Int32Array, width: number, row: number, column: number): number {
  return table[row * width + column] ?? -1;
}

const USE_KINDS: readonly [number, string][] = [
  [USE_FLAG.decorator, 'decorator'],
  [USE_FLAG.base, 'base'],
  [USE_FLAG.construct, 'construct'],
  [USE_FLAG.call, 'call'],
  [USE_FLAG.jsx, 'jsx'],
  [USE_FLAG.type, 'type'],
  [USE_FLAG.write, 'write'],
];

/** Prepares a file's facts for questions about stretches of it; `text` is what the facts were extracted from. */
export function readFacts(facts: FileFacts, text: string): FactsReader {
  const defs = new Index(facts.defs, DEF.width, DEF.pos);
  const uses = new Index(facts.uses, USE.width, USE.pos);
  const def = (row: number, column: number): number => cell(facts.defs, DEF.width, row, column);
  const use = (row: number, column: number): number => cell(facts.uses, USE.width, row, column);
  const nameOf = (id: number): string => facts.names[id] ?? '';
  const hidden = (row: number): boolean => /^(\*|exports\.|$)/.test(nameOf(def(row, DEF.name)));
  const firstDef = (symbol: number): number => {
    const list = cell(facts.symbols, SYMBOL.width, symbol, SYMBOL.defs);
    return list < 0 ? -1 : (facts.lists[list + 1] ?? -1);
  };

  function usedSymbols(start: number, end: number): { row: number; symbol: number }[] {
    const found: { row: number; symbol: number }[] = [];
    for (const row of uses.between(start, end)) {
      if (use(row, USE.kind) === USE_KIND.name || use(row, USE.kind) === USE_KIND.exported) {
        found.push({ row, symbol: use(row, USE.target) });
      }
    }
    return found;
  }

  return {
    defines: (start, end) =>
      [...defs.between(start, end)]
        .filter((row) => !hidden(row) && (def(row, DEF.flags) & DEF_FLAG.assignment) === 0)
        .map((row) => ({
          name: nameOf(def(row, DEF.name)),
          kind: DEF_KIND_NAMES[def(row, DEF.kind)] ?? 'variable',
          index: def(row, DEF.pos),
        })),

    uses(start, end) {
      const seen = new Map<string, NamedThing>();
      for (const { row, symbol } of usedSymbols(start, end)) {
        const origin = symbol < 0 ? -1 : firstDef(symbol);
        if (origin >= 0 && def(origin, DEF.pos) >= start && def(origin, DEF.pos) < end) continue;
        const name = nameOf(use(row, USE.name));
        const flags = use(row, USE.flags);
        const kind = USE_KINDS.find(([flag]) => (flags & flag) !== 0)?.[1] ?? 'read';
        if (!seen.has(name)) seen.set(name, { name, kind, index: use(row, USE.pos) });
      }
      return [...seen.values()];
    },

    importsUsed(start, end) {
      const modules = new Map<string, { module: string; names: string[]; index: number }>();
      const add = (row: number): void => {
        const at = (column: number): number => cell(facts.imports, IMPORT.width, row, column);
        const module = '.'.repeat(Math.max(0, at(IMPORT.level))) + nameOf(at(IMPORT.module));
        const key = `${at(IMPORT.start)} ${module}`;
        const entry = modules.get(key) ?? { module, names: [], index: at(IMPORT.start) };
        const local = at(IMPORT.def);
        const name = local < 0 ? '*' : nameOf(def(local, DEF.name));
        if (!entry.names.includes(name)) entry.names.push(name);
        modules.set(key, entry);
      };
      for (const { symbol } of usedSymbols(start, end)) {
        const origin = symbol < 0 ? -1 : firstDef(symbol);
        if (origin >= 0 && def(origin, DEF.kind) === DEF_KIND.import) add(def(origin, DEF.extra));
      }
      return [...modules.values()].sort((a, b) => a.index - b.index);
    },

    types(start, end) {
      const found: TypedName[] = [];
      for (const row of defs.between(start, end)) {
        const kind = def(row, DEF.kind);
        if (hidden(row) || !TYPED.has(kind) || (def(row, DEF.flags) & DEF_FLAG.assignment) !== 0) continue;
        const index = def(row, DEF.pos);
        if (kind === DEF_KIND.function || kind === DEF_KIND.method) {
          const fn = cell(facts.scopes, SCOPE.width, def(row, DEF.body), SCOPE.detail);
          const result = cell(facts.functions, FUNCTION.width, fn, FUNCTION.result);
          found.push({ name: 'return', index, ...described(result) });
        } else
          found.push({
            name: nameOf(def(row, DEF.name)),
            index,
            ...(def(row, DEF.type) >= 0 ? described(def(row, DEF.type)) : inferred(def(row, DEF.value))),
          });
      }
      return found;
    },
  };

  function described(type: number): { type: string; source: 'annotation' | 'none' } {
    return type < 0 ? { type: '', source: 'none' } : { type: spell(type), source: 'annotation' };
  }

  /** The type that a value shows by itself: a literal, a construction, the class of `self`. */
  function inferred(value: number): { type: string; source: 'inferred' | 'none' } {
    const at = (column: number): number => cell(facts.exprs, EXPR.width, value, column);
    const none = { type: '', source: 'none' as const };
    if (value < 0) return none;
    switch (at(EXPR.op)) {
      case OP.literal:
        return {
          type: ['string', 'number', 'boolean', 'null', 'regex', 'bytes', 'string'][at(EXPR.a)] ?? 'literal',
          source: 'inferred',
        };
      case OP.array:
        return { type: 'array', source: 'inferred' };
      case OP.object:
      case OP.dictionary:
        return { type: 'object', source: 'inferred' };
      case OP.tuple:
        return { type: 'tuple', source: 'inferred' };
      case OP.comprehension:
        return { type: ['list', 'set', 'generator', 'dict'][at(EXPR.b)] ?? 'list', source: 'inferred' };
      case OP.function:
        return { type: 'function', source: 'inferred' };
      case OP.new:
        return { type: spell(at(EXPR.a)), source: 'inferred' };
      case OP.this: {
        const owner = cell(facts.scopes, SCOPE.width, at(EXPR.a), SCOPE.owner);
        return owner < 0 ? none : { type: nameOf(def(owner, DEF.name)), source: 'inferred' };
      }
      case OP.call: {
        const callee = spell(at(EXPR.a));
        // By convention a call of a capitalised name constructs.
        return /(^|\.)[A-Z]\w*$/.test(callee) ? { type: callee, source: 'inferred' } : none;
      }
      default:
        return none;
    }
  }

  /** A type expression as text, near enough to the source to be read. */
  function spell(expr: number): string {
    const at = (column: number): number => cell(facts.exprs, EXPR.width, expr, column);
    const items = (list: number): string[] =>
      list < 0
        ? []
        : [...facts.lists.subarray(list + 1, list + 1 + (facts.lists[list] ?? 0))].map((item) => spell(item));
    if (expr < 0) return 'unknown';
    switch (at(EXPR.op)) {
      case OP.name:
        return nameOf(use(at(EXPR.a), USE.name));
      case OP.member:
        return `${spell(use(at(EXPR.a), USE.base))}.${nameOf(use(at(EXPR.a), USE.name))}`;
      case OP.generic: {
        const list = items(at(EXPR.b)).join(', ');
        return facts.language === 'python' ? `${spell(at(EXPR.a))}[${list}]` : `${spell(at(EXPR.a))}<${list}>`;
      }
      case OP.arrayType:
        return `${spell(at(EXPR.a))}[]`;
      case OP.union:
        return items(at(EXPR.a)).join(' | ');
      case OP.intersection:
        return items(at(EXPR.a)).join(' & ');
      case OP.tupleType:
      case OP.tuple:
        return `[${items(at(EXPR.a)).join(', ')}]`;
      case OP.primitive:
        return nameOf(at(EXPR.a));
      case OP.literal:
        return at(EXPR.a) === 3
          ? facts.language === 'python'
            ? 'None'
            : 'null'
          : at(EXPR.b) < 0
            ? 'literal'
            : JSON.stringify(nameOf(at(EXPR.b)));
      case OP.objectType: {
        const start = cell(facts.scopes, SCOPE.width, at(EXPR.a), SCOPE.start);
        const end = cell(facts.scopes, SCOPE.width, at(EXPR.a), SCOPE.end);
        return text.slice(start, end).replace(/\s+/g, ' ').slice(0, 200);
      }
      case OP.functionType: {
        const scope = cell(facts.functions, FUNCTION.width, at(EXPR.a), FUNCTION.scope);
        const start = cell(facts.scopes, SCOPE.width, scope, SCOPE.start);
        return text
          .slice(start, cell(facts.scopes, SCOPE.width, scope, SCOPE.end))
          .replace(/\s+/g, ' ')
          .slice(0, 200);
      }
      case OP.keyOf:
        return `keyof ${spell(at(EXPR.a))}`;
      case OP.typeOf:
        return `typeof ${spell(at(EXPR.a))}`;
      case OP.lookup:
        return `${spell(at(EXPR.a))}[${spell(at(EXPR.b))}]`;
      case OP.predicate:
        return `is ${spell(at(EXPR.a))}`;
      case OP.this:
        return 'this';
      default:
        return 'type';
    }
  }
}

const TYPED = new Set<number>([
  DEF_KIND.variable,
  DEF_KIND.parameter,
  DEF_KIND.field,
  DEF_KIND.attribute,
  DEF_KIND.function,
  DEF_KIND.method,
]);
