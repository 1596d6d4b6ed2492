import type { Masked } from './mask.ts';

/** Something that code should not do, as a pattern over one file without its comments. */
export interface SecurityRule {
  readonly rule: string;
  readonly language: 'python' | 'script';
  /** Over the text with its strings, or over code without what strings say. */
  readonly over: keyof Masked;
  readonly pattern: RegExp;
  readonly message: string;
  readonly suggestion: string;
}

const SQL = String.raw`\s*(?:SELECT\s|INSERT\s+INTO\s|UPDATE\s+\w+\s+SET\s|DELETE\s+FROM\s|DROP\s)`;

export const SECURITY_RULES: readonly SecurityRule[] = [
  {
    rule: 'dynamic-code',
    language: 'python',
    over: 'code',
    // A name or an expression as argument: what it holds is run.
    pattern: /(?<![\w.]|\bdef )(?:eval|exec)\(\s*(?!["'][^"']*["']\s*[,)])[^)\s]/g,
    message: 'text that is worked out at run time is run as code',
    suggestion: 'parse the input, for literals with ast.literal_eval',
  },
  {
    rule: 'shell-command',
    language: 'python',
    over: 'text',
    pattern: /\bos\.(?:system|popen)\(\s*(?:f["']|["'][^"'\n]*["']\s*(?:%|\+|\.format)|[A-Za-z_]\w*\s*(?:\)|\+|%))/g,
    message: 'a shell command is put together from values',
    suggestion: 'use subprocess.run with a list of arguments',
  },
  {
    rule: 'shell-command',
    language: 'python',
    over: 'code',
    pattern:
      /\bsubprocess\.\w+\(\s*(?:f["']|\w+\s*[,+%]|["'] *["']\s*(?:%|\+|\.format))[^()]*(?:\([^()]*\)[^()]*)*\bshell\s*=\s*True/g,
    message: 'a command that holds values is handed to a shell',
    suggestion: 'pass a list of arguments, without shell=True',
  },
  {
    rule: 'sql-injection',
    language: 'python',
    over: 'text',
    pattern: new RegExp(
      String.raw`\.(?:execute|executemany|executescript|raw)\(\s*(?:text\(\s*)?(?:[fF]("""|"|')${SQL}[^"']*\{|("""|"|')${SQL}[\s\S]{0,400}?\2\s*(?:%\s*[\w(]|\+\s*\w|\.format\())`,
      'gi',
    ),
    message: 'a statement of SQL is put together from values',
    suggestion: 'pass values as parameters of the statement',
  },
  {
    rule: 'unsafe-yaml',
    language: 'python',
    over: 'code',
    pattern: /\byaml\.(?:load|load_all)\((?![^()]*(?:\([^()]*\)[^()]*)*(?:SafeLoader|CSafeLoader|BaseLoader))/g,
    message: 'yaml.load makes any object that its input names',
    suggestion: 'use yaml.safe_load',
  },
  {
    rule: 'unsafe-pickle',
    language: 'python',
    over: 'code',
    pattern:
      /\b(?:pickle|cPickle|dill|marshal)\.loads?\(\s*(?:await\s+)?(?:request|req|body|payload|data\b|content|message|flask\.request)/g,
    message: 'unpickling data from outside runs whatever it holds',
    suggestion: 'use a format of data, such as JSON',
  },
  {
    rule: 'debug-mode',
    language: 'python',
    over: 'code',
    pattern: /(?:\.run|\b(?:FastAPI|Starlette))\([^()]*(?:\([^()]*\)[^()]*)*\bdebug\s*=\s*True/g,
    message: 'debug mode shows the inside of the program to everyone, and in Flask lets them run code',
    suggestion: 'switch it on by the environment of a developer',
  },
  {
    rule: 'open-cors',
    language: 'python',
    over: 'text',
    pattern:
      /allow_origins\s*=\s*\[\s*["']\*["']\s*\][^()]{0,300}allow_credentials\s*=\s*True|allow_credentials\s*=\s*True[^()]{0,300}allow_origins\s*=\s*\[\s*["']\*["']/g,
    message: 'every site may send requests with the credentials of a user',
    suggestion: 'name the origins that may',
  },
  {
    rule: 'dynamic-code',
    language: 'script',
    over: 'code',
    pattern:
      /(?<![\w.$]|\bfunction )(?:eval|new\s+Function)\(\s*(?![^()]*\)\s*(?::[^{};]*)?\{)(?!["'][^"']*["']\s*\))[^)\s]/g,
    message: 'text that is worked out at run time is run as code',
    suggestion: 'parse the input, or look the function up in a map',
  },
  {
    rule: 'shell-command',
    language: 'script',
    over: 'text',
    pattern: /(?<![\w.$])(?:child_process\.|cp\.)?(?:exec|execSync)\(\s*(?:`[^`]*\$\{|["'][^"'\n]*["']\s*\+)/g,
    message: 'a shell command is put together from values',
    suggestion: 'use execFile with a list of arguments',
  },
  {
    rule: 'sql-injection',
    language: 'script',
    over: 'text',
    pattern: new RegExp(
      String.raw`\.(?:query|execute|exec|raw|unsafe)\(\s*(?:${'`'}${SQL}[^${'`'}]*\$\{|(["'])${SQL}[^\n]{0,300}?\1\s*\+\s*\w)`,
      'gi',
    ),
    message: 'a statement of SQL is put together from values',
    suggestion: 'pass values as parameters of the statement',
  },
  {
    rule: 'raw-html',
    language: 'script',
    over: 'code',
    pattern: /\.(?:innerHTML|outerHTML)\s*\+?=(?!=)\s*(?!["'`]\s*["'`]\s*;?)[A-Za-z_$(]/g,
    message: 'data becomes HTML of the page: what it holds is run',
    suggestion: 'set textContent, or clean the HTML first',
  },
  {
    rule: 'raw-html',
    language: 'script',
    over: 'code',
    pattern:
      /dangerouslySetInnerHTML\s*=\s*\{\s*\{\s*__html\s*:\s*(?!["'][^"']*["']\s*\}|(?:DOMPurify\.)?sanitize)[A-Za-z_$(]/g,
    message: 'data becomes HTML of the page: what it holds is run',
    suggestion: 'render it as text, or clean the HTML first',
  },
  {
    rule: 'open-cors',
    language: 'script',
    over: 'text',
    pattern:
      /\borigin\s*:\s*["']\*["'][^{}()]{0,200}\bcredentials\s*:\s*true|\bcredentials\s*:\s*true[^{}()]{0,200}\borigin\s*:\s*["']\*["']/g,
    message: 'every site may send requests with the credentials of a user',
    suggestion: 'name the origins that may',
  },
];
