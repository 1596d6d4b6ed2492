/** Types that the documentation of a function tells: Sphinx fields, Google and NumPy sections, JSDoc tags. */

/** By parameter; the result is under `return`. */
export type DocumentedTypes = ReadonlyMap<string, string>;

const NONE: DocumentedTypes = new Map();

const PATTERNS: readonly {
  readonly mark: string;
  readonly pattern: RegExp;
  readonly name: number;
  readonly type: number;
}[] = [
  // JSDoc: `@param {string} [name=…]`
  { mark: '@param', pattern: /@param\s+\{([^}\n]+)\}\s+\[?([\w$]+)/g, name: 2, type: 1 },
  { mark: '@return', pattern: /@returns?\s+\{([^}\n]+)\}()/g, name: 2, type: 1 },
  // Sphinx: `:type name: str`, `:param str name:`, `:rtype: str`
  { mark: ':type', pattern: /:type\s+\*{0,2}(\w+)\s*:[ \t]*([^\n]+)/g, name: 1, type: 2 },
  { mark: ':param', pattern: /:param\s+([^:\n]+?)\s+\*{0,2}(\w+)\s*:/g, name: 2, type: 1 },
  { mark: ':rtype', pattern: /:rtype()\s*:[ \t]*([^\n]+)/g, name: 1, type: 2 },
  // Epydoc: `@type name: str`, `@rtype: str`
  { mark: '@type', pattern: /@type\s+(\w+)\s*:[ \t]*([^\n]+)/g, name: 1, type: 2 },
  { mark: '@rtype', pattern: /@rtype()\s*:[ \t]*([^\n]+)/g, name: 1, type: 2 },
];

/** Google style: an indented `name (type): …` under `Args:`. NumPy style: `name : type` on a line of its own. */
const GOOGLE = /^[ \t]+\*{0,2}(\w+)[ \t]*\(([\w.[\], |]+)\)[ \t]*:/gm;
const NUMPY = /^[ \t]*\*{0,2}(\w+)[ \t]+:[ \t]+([\w.[\], |{}'"]+?)(?:,[ \t]*optional)?[ \t]*$/gm;
const SECTION_WORD = /Arg|Param|Attributes/;
const SECTIONS = /^[ \t]*(Args|Arguments|Parameters|Params|Attributes)[ \t]*:?[ \t]*$/m;

const MAX_TYPE = 120;

/** Reads the types out of one comment or documentation string. */
export function documentedTypes(text: string): DocumentedTypes {
  if (!/[@:]|\)/.test(text)) return NONE;
  const found = new Map<string, string>();
  const add = (name: string, type: string): void => {
    const plain = type.trim().replace(/\s+/g, ' ').replace(/\.$/, '').slice(0, MAX_TYPE);
    if (plain !== '' && !found.has(name)) found.set(name, plain);
  };
  for (const { mark, pattern, name, type } of PATTERNS)
    if (text.includes(mark))
      for (const match of text.matchAll(pattern))
        add(match[name] === '' ? 'return' : (match[name] ?? ''), match[type] ?? '');
  if (SECTION_WORD.test(text) && SECTIONS.test(text))
    for (const pattern of [GOOGLE, NUMPY])
      for (const match of text.matchAll(pattern)) add(match[1] ?? '', (match[2] ?? '').replace(/,\s*optional$/, ''));
  return found;
}
