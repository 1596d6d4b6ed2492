import { type ChildProcess, fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** What the type checker says about a place of a document. Lines and characters count from 0, in UTF-16. */
export interface TypeDiagnostic {
  readonly line: number;
  readonly character: number;
  readonly endLine: number;
  readonly endCharacter: number;
  /** The checker's rule (`reportCallIssue`); `syntax` where it names none. */
  readonly rule: string;
  readonly message: string;
}

export type TypeAnswer = { readonly diagnostics: readonly TypeDiagnostic[] } | { readonly unavailable: string };

/** Longest time of one document, in milliseconds. */
const TIMEOUT_MS = 20_000;
/** Documents after which the process is replaced: it keeps something of each. */
const DOCUMENTS_PER_PROCESS = 4_000;
const HEAP_MB = 1_024;
/** A folder that does not exist: the checker finds no configuration, no packages and no other files. */
const ROOT = 'file:///mge-documents';

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly result?: unknown;
  readonly params?: { readonly items?: readonly { readonly section?: string }[] };
}

interface ReportedDiagnostic {
  readonly range: {
    readonly start: { readonly line: number; readonly character: number };
    readonly end: { readonly line: number; readonly character: number };
  };
  readonly message: string;
  readonly code?: string;
}

const SETTINGS: Readonly<Record<string, unknown>> = {
  'python.analysis': {
    typeCheckingMode: 'basic',
    autoSearchPaths: false,
    diagnosticMode: 'openFilesOnly',
    useLibraryCodeForTypes: false,
    logLevel: 'Error',
  },
  // No interpreter is asked: names and types come from the stubs that the checker brings.
  python: { pythonPath: '/nonexistent/python' },
};

function toDiagnostic({ range, message, code }: ReportedDiagnostic): TypeDiagnostic {
  return {
    line: range.start.line,
    character: range.start.character,
    endLine: range.end.line,
    endCharacter: range.end.character,
    rule: code ?? 'syntax',
    message,
  };
}

/** One language server process and the requests that wait for it. */
class Server {
  documents = 0;
  private readonly child: ChildProcess;
  private readonly waiting = new Map<number, (result: unknown) => void>();
  private readonly ready: Promise<unknown>;
  private lastId = 0;
  private stopped: string | null = null;

  constructor(script: string) {
    this.child = fork(script, ['--node-ipc', `--clientProcessId=${process.pid}`], {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      execArgv: [`--max-old-space-size=${HEAP_MB}`],
      env: {},
    });
    this.child.on('message', (message) => this.receive(message as Message));
    this.child.on('error', (error) => this.stop(error.message));
    this.child.on('exit', () => this.stop('the process ended'));
    this.child.unref();
    this.child.channel?.unref();
    this.ready = this.request('initialize', {
      processId: process.pid,
      rootUri: ROOT,
      workspaceFolders: [{ uri: ROOT, name: 'mge' }],
      capabilities: { workspace: { configuration: true }, textDocument: { diagnostic: {} } },
    }).then(() => this.notify('initialized', {}));
  }

  get isUsable(): boolean {
    return this.stopped === null && this.documents < DOCUMENTS_PER_PROCESS;
  }

  async check(text: string): Promise<TypeAnswer> {
    const uri = `${ROOT}/document-${++this.documents}.py`;
    await this.ready;
    this.notify('textDocument/didOpen', { textDocument: { uri, languageId: 'python', version: 1, text } });
    const result = await this.request('textDocument/diagnostic', { textDocument: { uri } });
    this.notify('textDocument/didClose', { textDocument: { uri } });
    const items = (result as { items?: readonly ReportedDiagnostic[] } | null)?.items;
    if (items === undefined)
      return { unavailable: `the type checker gave no answer${this.stopped === null ? '' : `: ${this.stopped}`}` };
    return { diagnostics: items.map(toDiagnostic) };
  }

  /** True when no request waits for an answer. */
  get isIdle(): boolean {
    return this.waiting.size === 0;
  }

  stop(reason: string): void {
    if (this.stopped !== null) return;
    this.stopped = reason;
    for (const resolve of this.waiting.values()) resolve(null);
    this.waiting.clear();
    this.child.kill('SIGKILL');
  }

  private send(message: object): void {
    if (this.stopped === null && this.child.connected) this.child.send(message);
  }

  private notify(method: string, params: object): void {
    this.send({ jsonrpc: '2.0', method, params });
  }

  private request(method: string, params: object): Promise<unknown> {
    if (this.stopped !== null) return Promise.resolve(null);
    const id = ++this.lastId;
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.stop(`no answer within ${TIMEOUT_MS / 1_000} s`), TIMEOUT_MS);
      timer.unref();
      this.waiting.set(id, (result) => {
        clearTimeout(timer);
        resolve(result);
      });
      this.send({ jsonrpc: '2.0', id, method, params });
    });
  }

  private receive({ id, method, result, params }: Message): void {
    if (id === undefined) return;
    if (method === undefined) {
      this.waiting.get(id)?.(result ?? null);
      this.waiting.delete(id);
      return;
    }
    const asked = method === 'workspace/configuration' ? (params?.items ?? []) : null;
    const answer = asked === null ? null : asked.map(({ section }) => SETTINGS[section ?? ''] ?? {});
    this.send({ jsonrpc: '2.0', id, result: answer });
  }
}

function serverScript(): string | null {
  try {
    const require = createRequire(import.meta.url);
    return join(dirname(require.resolve('pyright/package.json')), 'dist', 'pyright-langserver.js');
  } catch {
    return null;
  }
}

/**
 * Python's types, by Pyright's language server: one warm process for all checking threads, started at the first question. It reads
 * stubs and the text that it is given, never runs it, and does not keep the program alive.
 */
export class PythonTypeService {
  private server: Server | null = null;
  private closed = false;
  private readonly script: string | null;

  constructor(script: string | null = serverScript()) {
    this.script = script;
  }

  async check(text: string): Promise<TypeAnswer> {
    if (this.closed) return { unavailable: 'the type checker is closed' };
    if (this.script === null) return { unavailable: 'the type checker (pyright) is not installed' };
    if (this.server?.isUsable !== true) this.replace(this.script);
    return this.server === null ? { unavailable: 'the type checker did not start' } : this.server.check(text);
  }

  close(): void {
    this.closed = true;
    this.server?.stop('closed');
  }

  private replace(script: string): void {
    const old = this.server;
    this.server = new Server(script);
    if (old === null) return;
    if (old.isIdle) old.stop('replaced');
    else setTimeout(() => old.stop('replaced'), TIMEOUT_MS).unref();
  }
}
