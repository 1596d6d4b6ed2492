/** Tokens of a text without the model's own tokenizer. */

/** Characters of source code per token, on the low side of what is usual. */
const CHARACTERS_PER_TOKEN = 3.3;
/** Tokens that the framing of a call adds. */
const FRAMING = 60;

/** What the text takes about: for fitting a prompt into its budget. */
export function estimateTokens(text: string): number {
  return Math.ceil(text.length / CHARACTERS_PER_TOKEN);
}

/** What the texts take at most: for setting money aside. Two ASCII characters, or one byte of anything else, per token. */
export function boundTokens(...texts: readonly string[]): number {
  let bound = FRAMING;
  for (const text of texts) {
    const bytes = Buffer.byteLength(text);
    const ascii = text.length - (bytes - text.length > 0 ? countWide(text) : 0);
    bound += Math.ceil(ascii / 2) + (bytes - ascii);
  }
  return bound;
}

function countWide(text: string): number {
  let wide = 0;
  for (let i = 0; i < text.length; i += 1) if (text.charCodeAt(i) > 127) wide += 1;
  return wide;
}
