/**
 * The languages this service knows by name. Adding one is one entry here (and, for cutting along the tree, one table in
 * src/atomization/rules).
 */

/** Where a grammar's WebAssembly lies: an installed package and the file inside it. */
interface GrammarSource {
  readonly packageName: string;
  readonly file: string;
}

interface LanguageEntry {
  readonly extensions: readonly string[];
  /** Whole file names, lower case. */
  readonly fileNames?: readonly string[];
  /** Names of interpreters in a `#!` line. */
  readonly interpreters?: readonly string[];
  /** Absent where no grammar is installed: such files are cut by text rules. */
  readonly grammar?: GrammarSource;
}

const grammar = (packageName: string, file: string): GrammarSource => ({ packageName, file });

const LANGUAGES: Readonly<Record<string, LanguageEntry>> = {
  python: {
    extensions: ['py', 'pyi', 'pyw'],
    interpreters: ['python', 'python2', 'python3'],
    grammar: grammar('tree-sitter-python', 'tree-sitter-python.wasm'),
  },
  typescript: {
    extensions: ['ts', 'mts', 'cts'],
    interpreters: ['tsx', 'ts-node', 'deno', 'bun'],
    grammar: grammar('tree-sitter-typescript', 'tree-sitter-typescript.wasm'),
  },
  tsx: { extensions: ['tsx'], grammar: grammar('tree-sitter-typescript', 'tree-sitter-tsx.wasm') },
  javascript: {
    extensions: ['js', 'jsx', 'mjs', 'cjs'],
    interpreters: ['node', 'nodejs'],
    grammar: grammar('tree-sitter-javascript', 'tree-sitter-javascript.wasm'),
  },
  go: { extensions: ['go'], grammar: grammar('tree-sitter-go', 'tree-sitter-go.wasm') },
  java: { extensions: ['java'], grammar: grammar('tree-sitter-java', 'tree-sitter-java.wasm') },
  rust: { extensions: ['rs'], grammar: grammar('tree-sitter-rust', 'tree-sitter-rust.wasm') },
  csharp: { extensions: ['cs', 'csx'], grammar: grammar('tree-sitter-c-sharp', 'tree-sitter-c_sharp.wasm') },
  php: {
    extensions: ['php', 'phtml'],
    interpreters: ['php'],
    grammar: grammar('tree-sitter-php', 'tree-sitter-php.wasm'),
  },
  ruby: {
    extensions: ['rb', 'rake', 'gemspec', 'ru'],
    fileNames: ['gemfile', 'rakefile', 'vagrantfile'],
    interpreters: ['ruby'],
    grammar: grammar('tree-sitter-ruby', 'tree-sitter-ruby.wasm'),
  },
  html: { extensions: ['html', 'htm', 'xhtml'], grammar: grammar('tree-sitter-html', 'tree-sitter-html.wasm') },
  css: { extensions: ['css'], grammar: grammar('tree-sitter-css', 'tree-sitter-css.wasm') },
  scss: { extensions: ['scss'] },
  json: {
    extensions: ['json', 'jsonc', 'webmanifest', 'map', 'geojson'],
    fileNames: ['.prettierrc', '.babelrc', '.eslintrc'],
    grammar: grammar('tree-sitter-json', 'tree-sitter-json.wasm'),
  },
  yaml: {
    extensions: ['yaml', 'yml'],
    grammar: grammar('@tree-sitter-grammars/tree-sitter-yaml', 'tree-sitter-yaml.wasm'),
  },
  toml: {
    extensions: ['toml'],
    fileNames: ['pipfile', 'poetry.lock', 'cargo.lock', 'uv.lock'],
    grammar: grammar('@tree-sitter-grammars/tree-sitter-toml', 'tree-sitter-toml.wasm'),
  },
  markdown: { extensions: ['md', 'markdown', 'mdx'] },
  bash: {
    extensions: ['sh', 'bash', 'ksh'],
    fileNames: ['.bashrc', '.profile', '.bash_profile', '.envrc'],
    interpreters: ['sh', 'bash', 'dash', 'ksh', 'zsh'],
    grammar: grammar('tree-sitter-bash', 'tree-sitter-bash.wasm'),
  },
  dockerfile: { extensions: ['dockerfile', 'containerfile'], fileNames: ['dockerfile', 'containerfile'] },
  sql: { extensions: ['sql', 'ddl', 'psql'] },
  text: { extensions: ['txt', 'text', 'csv', 'ini', 'cfg', 'conf', 'env', 'log', 'rst'] },
};

/** All language ids, `text` last. */
export const LANGUAGE_IDS: readonly string[] = Object.keys(LANGUAGES);

function indexBy(keysOf: (entry: LanguageEntry) => readonly string[] | undefined): Map<string, string> {
  const index = new Map<string, string>();
  for (const [id, entry] of Object.entries(LANGUAGES)) for (const key of keysOf(entry) ?? []) index.set(key, id);
  return index;
}

const BY_EXTENSION = indexBy((entry) => entry.extensions);
const BY_FILE_NAME = indexBy((entry) => entry.fileNames);
const BY_INTERPRETER = indexBy((entry) => entry.interpreters);

/** The interpreter that a `#!` line names, without its folder; undefined when the file does not start with one. */
function interpreterOf(head: Uint8Array): string | undefined {
  if (head[0] !== 0x23 || head[1] !== 0x21) return undefined;
  const line =
    Buffer.from(head.subarray(2, 200))
      .toString('latin1')
      .split(/[\r\n]/, 1)[0] ?? '';
  const words = line.trim().split(/\s+/);
  const command = words[0]?.split('/').at(-1);
  if (command !== 'env') return command;
  return words.slice(1).find((word) => !word.startsWith('-') && !word.includes('='));
}

/**
 * The language id of a file, from its name and, where the name says nothing, from a `#!` line in `head` (its first bytes).
 * Anything unknown is `text`.
 */
export function languageOf(path: string, head?: Uint8Array): string {
  const name = (path.split(/[/\\]/).at(-1) ?? '').toLowerCase();
  const byName = BY_FILE_NAME.get(name);
  if (byName !== undefined) return byName;
  if (name.startsWith('dockerfile.') || name.startsWith('containerfile.')) return 'dockerfile';
  const dot = name.lastIndexOf('.');
  const byExtension = dot >= 0 ? BY_EXTENSION.get(name.slice(dot + 1)) : undefined;
  if (byExtension !== undefined) return byExtension;
  const interpreter = head === undefined ? undefined : interpreterOf(head);
  if (interpreter === undefined) return 'text';
  return BY_INTERPRETER.get(interpreter) ?? BY_INTERPRETER.get(interpreter.replace(/[\d.]+$/, '')) ?? 'text';
}

/** True where a grammar is installed for the language: its files can be parsed. */
export function hasGrammar(language: string): boolean {
  return LANGUAGES[language]?.grammar !== undefined;
}

/** Package and file of the language's grammar; undefined for languages without one. */
export function grammarOf(language: string): GrammarSource | undefined {
  return LANGUAGES[language]?.grammar;
}
