/** The spellings of one name, e.g. for `order line`. */
export interface Names {
  /** `order line` */
  readonly human: string;
  /** `order lines` */
  readonly humanPlural: string;
  /** `OrderLine` */
  readonly pascal: string;
  /** `OrderLines` */
  readonly pascalPlural: string;
  /** `orderLine` */
  readonly camel: string;
  /** `orderLines` */
  readonly camelPlural: string;
  /** `order_line` */
  readonly snake: string;
  /** `order_lines` */
  readonly snakePlural: string;
  /** `order-line` */
  readonly kebab: string;
  /** `order-lines` */
  readonly kebabPlural: string;
}

const IRREGULAR: Readonly<Record<string, string>> = {
  person: 'people',
  child: 'children',
  man: 'men',
  woman: 'women',
  mouse: 'mice',
  foot: 'feet',
  tooth: 'teeth',
  quiz: 'quizzes',
  series: 'series',
  species: 'species',
  leaf: 'leaves',
  shelf: 'shelves',
  knife: 'knives',
  life: 'lives',
};

const SINGULARS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(IRREGULAR).map(([singular, plural]) => [plural, singular])),
  movies: 'movie',
  cookies: 'cookie',
  heroes: 'hero',
  caches: 'cache',
};

/** The English plural of a lower-case word. */
export function pluralOf(word: string): string {
  const irregular = IRREGULAR[word];
  if (irregular !== undefined) return irregular;
  if (/[^aeiou]y$/.test(word)) return `${word.slice(0, -1)}ies`;
  return /(s|x|z|ch|sh)$/.test(word) ? `${word}es` : `${word}s`;
}

/** The singular of a lower-case English word; a word that is already singular comes back as it is. */
export function singularOf(word: string): string {
  const irregular = SINGULARS[word];
  if (irregular !== undefined) return irregular;
  if (/[^aeiou]ies$/.test(word) && word.length > 4) return `${word.slice(0, -3)}y`;
  if (/(ss|x|z|ch|sh)es$/.test(word)) return word.slice(0, -2);
  if (/(ss|us|is)$/.test(word) || !word.endsWith('s')) return word;
  return word.slice(0, -1);
}

/** Lower-case words of a name in any spelling: `OrderLine`, `order_line`, `order-line` and `Order line` give the same two. */
export function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '')
    .map((word) => word.toLowerCase());
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
const pascalOf = (words: readonly string[]): string => words.map(capital).join('');

function camelOf(words: readonly string[]): string {
  return words.map((word, index) => (index === 0 ? word : capital(word))).join('');
}

/** All spellings of a singular name. */
export function namesOf(name: string): Names {
  const words = wordsOf(name);
  const plural = [...words.slice(0, -1), pluralOf(words.at(-1) ?? '')];
  return {
    human: words.join(' '),
    humanPlural: plural.join(' '),
    pascal: pascalOf(words),
    pascalPlural: pascalOf(plural),
    camel: camelOf(words),
    camelPlural: camelOf(plural),
    snake: words.join('_'),
    snakePlural: plural.join('_'),
    kebab: words.join('-'),
    kebabPlural: plural.join('-'),
  };
}

/** `in_progress` and `InProgress` as people read it: `In progress`. */
export function labelOf(name: string): string {
  return capital(wordsOf(name).join(' '));
}

/** `an` before a vowel sound as far as spelling tells it, else `a`. */
export function articleFor(word: string): string {
  return /^([aeio]|u(?!ni|se))/i.test(word) ? 'an' : 'a';
}
