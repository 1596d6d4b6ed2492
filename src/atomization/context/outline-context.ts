/** Context in languages without a grammar whose statements can still be read: SQL, SCSS, Dockerfile. */
import type { AtomContext } from '../../domain/index.ts';
import { type PartFinding, scoreCompleteness } from './completeness.ts';

interface OutlineLanguage {
  /** What is defined, used and brought in: the first group is the name. */
  readonly defines: readonly RegExp[];
  readonly uses: readonly RegExp[];
  readonly imports: readonly RegExp[];
  readonly effects: readonly (readonly [RegExp, string])[];
  /** Statements that do something when they run, which a test could show. */
  readonly acts: RegExp;
}

const NAME = String.raw`(?:"[^"]+"|\x60[^\x60]+\x60|[\w.]+)`;
const sql = (pattern: string): RegExp => new RegExp(pattern.replaceAll('NAME', `(${NAME})`), 'gi');

const LANGUAGES: Readonly<Record<string, OutlineLanguage>> = {
  sql: {
    defines: [
      sql(
        String.raw`\bcreate\s+(?:or\s+replace\s+)?(?:temp(?:orary)?\s+|unique\s+|materialized\s+)*(?:table|view|function|procedure|type|index|sequence|schema|trigger|domain)\s+(?:if\s+not\s+exists\s+|concurrently\s+)*NAME`,
      ),
      sql(String.raw`\bwith\s+(?:recursive\s+)?NAME\s+as\b`),
    ],
    uses: [
      sql(
        String.raw`\b(?:references|from|join|into|update|alter\s+table|truncate|on)\s+(?:only\s+|if\s+exists\s+)?NAME`,
      ),
    ],
    imports: [],
    effects: [[/\b(?:create|alter|drop|insert|update|delete|truncate|grant)\b/i, 'database']],
    acts: /\b(?:insert|update|delete|select|call|do|perform|truncate|merge)\b/i,
  },
  scss: {
    defines: [/(\$[\w-]+)\s*:/g, /@(?:mixin|function)\s+([\w-]+)/g, /(%[\w-]+)\s*\{/g],
    uses: [/(?<![\w-])(\$[\w-]+)(?![\w-]|\s*:)/g, /@include\s+([\w-]+)(?!\.)/g, /@extend\s+(%[\w-]+)/g],
    imports: [/@(?:use|import|forward)\s+["']([^"']+)["']/g],
    effects: [],
    acts: /(?!)/,
  },
  dockerfile: {
    defines: [/^\s*(?:ARG|ENV)\s+(\w+)/gim, /^\s*FROM\s+\S+\s+AS\s+(\S+)/gim],
    uses: [/\$\{?(\w+)/g, /--from=([A-Za-z][\w-]*)/g],
    imports: [/^\s*FROM\s+(?:--\S+\s+)?(\S+)/gim],
    effects: [
      [/^\s*RUN\b/im, 'process'],
      [/^\s*(?:COPY|ADD)\b/im, 'files'],
      [/^\s*(?:EXPOSE|ADD\s+http)\b/im, 'network'],
    ],
    acts: /^\s*(?:RUN|CMD|ENTRYPOINT|HEALTHCHECK)\b/im,
  },
};

interface Found {
  readonly name: string;
  readonly line: number;
}

const bare = (name: string): string => name.replace(/["`]/g, '').toLowerCase();

function find(patterns: readonly RegExp[], text: string, firstLine: number): Found[] {
  const found = new Map<string, Found>();
  for (const pattern of patterns) {
    for (const match of text.matchAll(pattern)) {
      const name = match[1] ?? '';
      const line = firstLine + (text.slice(0, match.index).match(/\n/g)?.length ?? 0);
      if (!found.has(bare(name))) found.set(bare(name), { name, line });
    }
  }
  return [...found.values()];
}

/** Names that a whole file defines. */
const defined = new WeakMap<object, ReadonlySet<string>>();

/** Finds the context of an atom by its text; undefined for languages whose statements are not read. `file` is any object that stands for the file. */
export function outlineContext(
  language: string,
  file: object,
  fileText: string,
  text: string,
  firstLine: number,
): AtomContext | undefined {
  const rules = LANGUAGES[language];
  if (rules === undefined) return undefined;
  let known = defined.get(file);
  if (known === undefined) {
    known = new Set(find(rules.defines, fileText, 1).map(({ name }) => bare(name)));
    defined.set(file, known);
  }
  const defines = find(rules.defines, text, firstLine);
  const own = new Set(defines.map(({ name }) => bare(name)));
  const uses = find(rules.uses, text, firstLine)
    .filter(({ name }) => !own.has(bare(name)))
    .map((use) => ({ ...use, kind: known.has(bare(use.name)) ? 'module' : 'unknown' }));
  const unknown = uses.filter(({ kind }) => kind === 'unknown').length;
  const acts = rules.acts.test(text);
  const none = (reason: string): PartFinding => ({ known: 0, needed: 0, reason });
  return {
    imports: find(rules.imports, text, firstLine).map(({ name, line }) => ({ module: name, names: [], line })),
    defines: defines.map((entry) => ({ ...entry, kind: 'declaration' })),
    uses,
    types: [],
    preconditions: [],
    postconditions: [],
    side_effects: rules.effects.filter(([pattern]) => pattern.test(text)).map(([, effect]) => effect),
    docstring: null,
    enclosing: [],
    test_cases: [],
    language_version: null,
    ...scoreCompleteness({
      names:
        uses.length === 0
          ? none('none needed: uses no name from outside')
          : {
              known: uses.length - unknown,
              needed: uses.length,
              reason: `${String(unknown)} of ${String(uses.length)} names are not defined in the file`,
            },
      types: none('none needed: nothing has parameters or results'),
      conditions: none('none needed: nothing is guarded or returned'),
      effects: none('read from its statements'),
      tests: acts
        ? { known: 0, needed: 1, reason: 'no test of the project was found for it' }
        : none('none needed: it declares and does nothing'),
    }),
  };
}
