/** What "OpenAI-compatible" leaves open: optional parameters that a server or a model may refuse. */

/** Parameters that a call can do without, from the most to the least useful form. */
export const OPTIONAL_PARTS = [
  'json_schema',
  'json_object',
  'stream_options',
  'max_completion_tokens',
  'temperature',
  'seed',
] as const;
export type OptionalPart = (typeof OPTIONAL_PARTS)[number];

/** How each part shows in an error message. */
const NAMED_AS: Readonly<Record<OptionalPart, RegExp>> = {
  json_schema: /response_format|json_schema|structured output|guided/i,
  json_object: /response_format|json_object|json mode/i,
  stream_options: /stream_options|include_usage/i,
  max_completion_tokens: /max_completion_tokens|extra (?:fields?|inputs?)|unrecognized/i,
  temperature: /temperature/i,
  seed: /\bseed\b/i,
};

/** Remembers, per model, what the server refused once, so that no later call pays for finding out again. */
export class OpenAiDialect {
  private readonly refused = new Map<string, Set<OptionalPart>>();

  uses(model: string, part: OptionalPart): boolean {
    return this.refused.get(model)?.has(part) !== true;
  }

  /** Drops what the error is about. False when it is about nothing that can be left out. */
  learn(model: string, status: number, message: string, sent: ReadonlySet<OptionalPart>): boolean {
    if (![400, 404, 415, 422, 501].includes(status)) return false;
    const guilty = OPTIONAL_PARTS.find((part) => sent.has(part) && NAMED_AS[part].test(message));
    if (guilty === undefined) return false;
    const known = this.refused.get(model) ?? new Set<OptionalPart>();
    known.add(guilty);
    this.refused.set(model, known);
    return true;
  }
}
