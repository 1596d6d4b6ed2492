/** What a model leaves behind that is no code. */
export interface ResidueRule {
  readonly rule: string;
  readonly pattern: RegExp;
  readonly message: string;
  /** Only inside comments: the same words are harmless in a string or a document. */
  readonly inComment?: boolean;
}

export const FENCE: ResidueRule = {
  rule: 'markdown-fence',
  pattern: /^[ \t]*(?:`{3,}|~{3,})[\w+#.-]*[ \t]*$/gm,
  message: 'a Markdown fence stands in the code; send the code alone',
};

const MODEL_VOICE: ResidueRule = {
  rule: 'model-voice',
  pattern: /\bas an? (?:AI|artificial intelligence)(?: language)?(?: model| assistant)\b/gi,
  message: 'the model speaks about itself instead of writing code',
};

const REFUSAL: ResidueRule = {
  rule: 'refusal',
  pattern:
    /^[ \t]*(?:#|\/\/|\*|--)?[ \t]*I(?:['’]m| am) (?:sorry|unable|not able)\b[^\n]*\b(?:can(?:no|['’])t|unable|assist|help|provide|comply|generate)\b/gim,
  message: 'the model refuses instead of writing code',
};

const PREAMBLE: ResidueRule = {
  rule: 'chat-preamble',
  pattern:
    /^(?:Sure|Certainly|Of course|Absolutely)[,!.][^\n]*$|^Here(?: is|['’]s) (?:the|an?|your) (?:\w+ ){0,3}(?:code|implementation|function|file|version|solution)\b[^\n]*:[ \t]*$/gim,
  message: 'the answer begins with chat instead of code',
};

/** Text that talks to whoever checks the code. It changes nothing here; that it is there is reason enough not to accept it. */
const INJECTIONS: readonly ResidueRule[] = [
  /\bignore (?:all |any )?(?:the )?(?:previous|prior|above|preceding) instructions\b/gi,
  /\b(?:mark|treat|consider|accept) this (?:atom|code|file|task|answer|candidate) as (?:valid|passed|correct|approved|complete)\b/gi,
  /\b(?:skip|bypass|disable)\b[^\n]{0,30}\b(?:human review|the validators?|validation of this)\b/gi,
  /\bdo(?: not|n['’]t) run the tests (?:for|of|on) this\b/gi,
  /\ball validators? (?:have )?passed\b/gi,
  /^[ \t]*(?:#|\/\/)?[ \t]*validators?:[ \t]*\{[ \t]*"/gim,
].map((pattern) => ({ rule: 'injection', pattern, message: 'the text talks to the validator instead of being code' }));

const ELISIONS: readonly ResidueRule[] = [
  /(?:\.{3}|…)\s*\(?(?:the\s+)?(?:rest|existing|remaining|previous|unchanged|same as|other (?:code|methods|functions|imports|fields)|more (?:code|methods|functions|fields)|omitted)\b[^\n]*/gi,
  /\b(?:rest|remainder) of (?:the |your |this )?(?:\w+ ){0,2}(?:code|file|function|class|method|implementation|component|logic|module)\b[^\n]*\b(?:unchanged|omitted|(?:goes|stays|remains|follows|is)(?: the)?(?: same| here)|as before|here|above)\b[^\n]*/gi,
  /\b(?:your|existing|previous|original|same|remaining|other) (?:code|implementation|logic|imports|methods|functions)(?: here)?\s*(?:\.{3}|…|here\b|goes here\b|unchanged\b|remains? the same\b)[^\n]*/gi,
].map((pattern) => ({ rule: 'elision', pattern, message: 'a part is left out instead of written', inComment: true }));

const PLACEHOLDER_COMMENTS: readonly ResidueRule[] = [
  /\b(?:TODO|FIXME)\b[:\s(-]*(?:please )?(?:implement(?: (?:this|me|it|here|(?:the )?(?:function|method|body|logic|rest)))?|add (?:the )?(?:implementation|logic|code)|fill (?:this )?in|write (?:this|the code|the logic))[ \t]*[.!)]?[ \t]*(?:\*\/)?[ \t]*\r?$/gim,
  /\bimplementation (?:is )?(?:left as an exercise|goes here|omitted|to follow)\b/gi,
  /\bimplement(?: the)? (?:logic|function|method|rest) here\b/gi,
].map((pattern) => ({
  rule: 'placeholder',
  pattern,
  message: 'a note stands where the code should be',
  inComment: true,
}));

const PROSE_LANGUAGES: ReadonlySet<string> = new Set(['markdown', 'text']);

/** The rules for a language. A document may show fences and talk about the rest of a file; it may not be the model's chat. */
export function residueRules(language: string): readonly ResidueRule[] {
  if (PROSE_LANGUAGES.has(language)) return [MODEL_VOICE, REFUSAL, ...INJECTIONS];
  return [FENCE, MODEL_VOICE, REFUSAL, PREAMBLE, ...INJECTIONS, ...ELISIONS, ...PLACEHOLDER_COMMENTS];
}

/** A statement that stands for code that is not there. */
export const PLACEHOLDER_STATEMENT =
  /^(?:pass|\.\.\.|raise NotImplementedError(?:\(.*\))?|throw new Error\(\s*['"`](?:not implemented|to ?do|unimplemented)[^)]*\);?|(?:unimplemented|todo)!\(.*\);?)(?:\s*#.*)?$/i;
