/** What models call the languages of the parser table behind a fence. */
const TAGS: Readonly<Record<string, readonly string[]>> = {
  python: ['python', 'py', 'python3', 'pyi'],
  typescript: ['typescript', 'ts', 'mts', 'cts'],
  tsx: ['tsx', 'typescriptreact', 'typescript', 'ts'],
  javascript: ['javascript', 'js', 'mjs', 'cjs', 'jsx', 'node'],
  go: ['go', 'golang'],
  java: ['java'],
  rust: ['rust', 'rs'],
  csharp: ['csharp', 'cs', 'c#'],
  php: ['php'],
  ruby: ['ruby', 'rb'],
  html: ['html', 'htm', 'xml', 'svg', 'jinja', 'jinja2'],
  css: ['css'],
  scss: ['scss', 'sass'],
  json: ['json', 'jsonc', 'json5'],
  yaml: ['yaml', 'yml'],
  toml: ['toml', 'ini'],
  markdown: ['markdown', 'md'],
  bash: ['bash', 'sh', 'shell', 'zsh'],
  dockerfile: ['dockerfile', 'docker'],
  sql: ['sql', 'postgresql', 'postgres', 'sqlite'],
  text: ['text', 'txt', 'plaintext', 'ini', 'conf', 'env', 'gitignore', 'makefile', 'make', 'nginx', 'properties'],
};

const KNOWN = new Set(Object.values(TAGS).flat());

/** Whether a block with this tag is in that language; null where the tag says nothing. */
export function fitsLanguage(tag: string, language: string): boolean | null {
  const name = tag.replace(/[{:=].*$/, '');
  if (TAGS[language]?.includes(name) === true) return true;
  return KNOWN.has(name) ? false : null;
}

export function isProseLanguage(language: string): boolean {
  return language === 'markdown' || language === 'text';
}

const SCRIPTS: ReadonlySet<string> = new Set(['typescript', 'tsx', 'javascript']);

/** Lines that only Python or only the JavaScript family can begin with. */
const PYTHON_LINE =
  /^\s*(?:def \w+\(.*\).*:|(?:el)?if .+:|class \w+(?:\(.*\))?:|from [\w.]+ import \w.*|elif .+:|except.*:|with .+ as \w+:)\s*(?:#.*)?$/;
const SCRIPT_LINE =
  /^\s*(?:(?:export |declare )?(?:const|let|var) [\w{[].*=|(?:export )?(?:default )?(?:async )?function\b.*\{|import .+ from ['"].+['"];?|export (?:const|default|interface|type|class)\b|.*=>\s*\{\s*$|interface \w+.*\{)/;

/** The language that the text clearly is, when it is not the one expected; null otherwise. Only says so of the pairs it can tell apart. */
export function foreignLanguage(code: string, language: string): string | null {
  const lines = code.split('\n').filter((line) => line.trim() !== '');
  const python = lines.filter((line) => PYTHON_LINE.test(line)).length;
  const script = lines.filter((line) => SCRIPT_LINE.test(line)).length;
  if (language === 'python') return script >= 2 && python === 0 ? 'JavaScript or TypeScript' : null;
  if (SCRIPTS.has(language)) return python >= 2 && script === 0 ? 'Python' : null;
  return null;
}
