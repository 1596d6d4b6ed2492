/** What a comment opens with that announces a check, rather than explains a step. */
const ANNOUNCES = new RegExp(
  '^(?:(?:first|then|next|now)[, ]+)?(?:' +
    [
      String.raw`(?:check|verify|validate)(?:s|ing)?\b.*\b(?:if|whether|that|for|is|are|has|not|valid|empty|input|argument)`,
      String.raw`(?:ensure|make sure)\b.*\b(?:is|are) (?:not |an? |at least |all )?(?:valid|positive|negative|non-|empty|null|undefined|none|integers?|numbers?|greater|less|within|between|in range)`,
      String.raw`guard (?:against|for)\b`,
      String.raw`(?:base|edge|special|corner|trivial|terminating|stop(?:ping)?) cases?\b`,
      String.raw`handle (?:the )?(?:case|edge|empty|invalid|negative|zero|missing|null|undefined|none|special)\b`,
      String.raw`(?:return|exit|stop|bail out|throw|raise|skip|reject|ignore)\b.*\b(?:if|when|unless)\b`,
      String.raw`if\b.*,? (?:return|throw|raise|skip|stop)\b`,
    ].join('|') +
    ')',
  'i',
);

/** Calls that decide something by what they are called. */
const DECIDES =
  /(?:check|valid|ensure|assert|verify|guard|expect|require|test|match|some|every|any|all|include|contain|find|filter|exist|start|end|parse|max|min|clamp|search|fail|reject|throw|raise|default)|(?:^|[._])(?:is|has|can|should|get|in)(?:[A-Z_]|$)/i;

/** True where a comment says that something is checked, or that a case is taken care of, in what follows it. */
export function announcesCheck(comment: string): boolean {
  const words = comment
    .replaceAll(/^[ \t]*(?:\/\/+|\/\*+|\*+(?!\/)|#+)[ \t]?|\*+\/$/gm, '')
    .trim()
    .replace(/^(?:\d+[.)]|[-*•])\s*/, '');
  return ANNOUNCES.test(words) && !/\bhttps?:|\bif you\b/i.test(words);
}

/** True for the name of a function that may be the check itself. */
export function soundsLikeCheck(name: string): boolean {
  return DECIDES.test(name);
}
