/** Where the words of a task draw the line at a parameter: whether what is equal to it lies below the line or above. */
export interface StatedBound {
  readonly name: string;
  /** `above`: "at least n", "less than n"; `below`: "at most n", "more than n". */
  readonly equalLies: 'above' | 'below';
  /** The words themselves. */
  readonly words: string;
}

const MORE = '(?:greater|more|larger|higher|bigger)';
const LESS = '(?:less|smaller|lower|fewer)';
const NAME = String.raw`(?:the )?(?:given |specified )?(?:number |value |integer |threshold )?["'\x60*]*(\w+)`;

/** Phrases with one name, and on which side of the line what is equal lies. */
const PHRASES: readonly (readonly [pattern: string, equalLies: 'above' | 'below'])[] = [
  [`${MORE} than or equal to ${NAME}`, 'above'],
  [`(?<!not )\\bat least ${NAME}`, 'above'],
  [`\\bnot ${LESS} than ${NAME}`, 'above'],
  [`${LESS} than or equal to ${NAME}`, 'below'],
  [`\\bat most ${NAME}`, 'below'],
  [`\\bup to and including ${NAME}`, 'below'],
  [`\\bnot ${MORE} than ${NAME}`, 'below'],
  [`(?<!not )(?<!no )\\b(?:strictly )?${MORE} than ${NAME}`, 'below'],
  [`(?<!not )(?<!no )\\b(?:strictly )?${LESS} than ${NAME}`, 'above'],
];

/** Ranges with two names, both inclusive. */
const RANGES: readonly string[] = [
  String.raw`\b(?:range|interval)(?: of)? \[\s*(\w+)\s*,\s*(\w+)\s*\]`,
  String.raw`\b(?:between|from) (\w+) (?:and|to) (\w+),? \(?(?:both )?(?:are )?inclusive`,
];

/** What the words say of each of the names, where they say one thing only. */
export function statedBounds(words: string, names: readonly string[]): StatedBound[] {
  const found: StatedBound[] = [];
  const put = (name: string | undefined, equalLies: 'above' | 'below', phrase: string): void => {
    if (name !== undefined && names.includes(name)) found.push({ name, equalLies, words: phrase });
  };
  const text = words.replaceAll(/\s+/g, ' ');
  for (const [pattern, equalLies] of PHRASES)
    for (const match of text.matchAll(new RegExp(pattern, 'gi'))) put(match[1], equalLies, match[0]);
  for (const pattern of RANGES)
    for (const match of text.matchAll(new RegExp(pattern, 'gi'))) {
      put(match[1], 'above', match[0]);
      put(match[2], 'below', match[0]);
    }
  return found.filter(({ name }) => found.filter((other) => other.name === name).length === 1);
}

/** On which side of the line at `n` a comparison `x operator n` puts what is equal; null for other operators. */
export function sideOfEqual(operator: string): 'above' | 'below' | null {
  if (operator === '>=' || operator === '<') return 'above';
  return operator === '>' || operator === '<=' ? 'below' : null;
}
