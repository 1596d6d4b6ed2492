const WORDS: readonly string[] = [
  'zero',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
  'eleven',
  'twelve',
  'thirteen',
  'fourteen',
  'fifteen',
  'sixteen',
];

/** How many characters a task says that something has ("ten-digit numbers", "9 characters long"): the largest; null where it does not say. */
export function statedLength(task: string): number | null {
  const pattern = new RegExp(String.raw`\b(\d{1,2}|${WORDS.join('|')})[- ](?:digit|character|letter)s?\b`, 'gi');
  const told = [...task.matchAll(pattern)].map(([, word = '']) =>
    /^\d/.test(word) ? Number(word) : WORDS.indexOf(word.toLowerCase()),
  );
  return told.length === 0 ? null : Math.max(...told);
}
