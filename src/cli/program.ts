import { Command, InvalidArgumentError, Option } from 'commander';
import { loadConfig, type Config } from '../config/index.ts';
import type { ExportFormat, ExportGroup } from '../graph/index.ts';
import type { DbAction } from './commands/db.ts';
import type { GraphCommand } from './commands/graph.ts';
import { spanSeconds, TOKEN_ROLES, type TokenOptions } from './commands/token.ts';
import type { ExitCode } from './exit-codes.ts';
import { programVersion } from './program-version.ts';

/** Spelt out, so that the program starts without loading the stage that knows them. */
const GRAPH_FORMATS: readonly ExportFormat[] = ['json', 'dot', 'graphml', 'mermaid'];
const GRAPH_GROUPS: readonly ExportGroup[] = ['atoms', 'files', 'folders', 'waves'];

function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('it takes a whole number from 1');
  return value;
}

function span(text: string): string {
  try {
    spanSeconds(text);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
  return text;
}

const configuration = (): Config => loadConfig(process.env, process.cwd());

/**
 * The `mge` command line. Commands are loaded when they run, so that the small ones start fast.
 * @param finish receives the exit code of the command that ran.
 */
export function createProgram(finish: (code: ExitCode) => void): Command {
  const program = new Command('mge')
    .description('Masterplan Generation Engine: a request goes in, a tested project comes out.')
    .version(programVersion(), '-V, --version', 'tell the version')
    .showHelpAfterError('(mge --help lists the commands)')
    .exitOverride();
  addServices(program, finish);
  addPipeline(program, finish);
  addOperations(program, finish);
  return program;
}

function addServices(program: Command, finish: (code: ExitCode) => void): void {
  program
    .command('start')
    .description('run API and workers in one process, with embedded services for every URL that is not set')
    .action(async () =>
      finish(await (await import('./commands/serve.ts')).runService(configuration(), { api: true, worker: true })),
    );
  program
    .command('serve')
    .description('run the API alone')
    .action(async () =>
      finish(await (await import('./commands/serve.ts')).runService(configuration(), { api: true, worker: false })),
    );
  program
    .command('worker')
    .description('run workers alone')
    .action(async () =>
      finish(await (await import('./commands/serve.ts')).runService(configuration(), { api: false, worker: true })),
    );
}

function addPipeline(program: Command, finish: (code: ExitCode) => void): void {
  program
    .command('build')
    .description('plan, atomize, graph, execute, validate and write the project')
    .argument('<request>', 'what to build, in your own words')
    .requiredOption('--out <dir>', 'folder for the project: new, empty, or written by an earlier build')
    .option('--spec <file>', 'JSON file with entities, fields and relations')
    .option('--concurrency <n>', 'atoms in flight at once', positiveInteger)
    .option('--force', 'overwrite files of an earlier build that were changed since')
    .action(async (request: string, options: { out: string; spec?: string; concurrency?: number; force?: boolean }) =>
      finish(await (await import('./commands/build.ts')).runBuild(configuration(), { request, ...options })),
    );
  program
    .command('atomize')
    .description('cut a folder of sources into atoms and report on them (offline)')
    .argument('<path>', 'a file or folder; .gitignore is respected')
    .option('--json', 'print the report as JSON')
    .option('--check', 'prove that the atoms join to the same bytes; exit 1 if they do not')
    .action(async (path: string, options: { json?: boolean; check?: boolean }) =>
      finish(await (await import('./commands/atomize.ts')).runAtomize(path, options)),
    );
  program
    .command('graph')
    .description('draw the dependency graph of a folder of sources (offline)')
    .argument('<path>', 'a file or folder; .gitignore is respected')
    .option('--json', 'print atoms and edges as JSON')
    .addOption(new Option('--format <format>', 'print it in a format').choices(GRAPH_FORMATS))
    .addOption(new Option('--group <what>', 'join the atoms of each file, folder or wave').choices(GRAPH_GROUPS))
    .option('--checked', 'add what the TypeScript checker finds beyond the own resolver (slower)')
    .option('--neighbours <path:line>', 'what the atom there needs, and what needs it')
    .option('--impact <path:line>', 'all that waits for the atom there')
    .option('--from <path:line>', 'with --to: why the atom here waits …')
    .option('--to <path:line>', '… for the atom here')
    .action(async (path: string, options: GraphCommand) =>
      finish(await (await import('./commands/graph.ts')).runGraph(path, options)),
    );
}

function addOperations(program: Command, finish: (code: ExitCode) => void): void {
  program
    .command('token')
    .description('sign a bearer token with the secret of the service')
    .requiredOption('--sub <subject>', 'who the token is for')
    .addOption(new Option('--role <role>', 'what it may do').choices(TOKEN_ROLES).default('user'))
    .option('--expires-in <span>', 'lifetime: 90s, 30m, 12h, 7d', span, '12h')
    .action(async (options: TokenOptions) =>
      finish(await (await import('./commands/token.ts')).runToken(configuration(), options)),
    );

  const db = program.command('db').description('the schema of the database and its revisions');
  const runDb = async (action: DbAction, target?: string) =>
    finish(await (await import('./commands/db.ts')).runDb(configuration(), action, target));
  db.command('current')
    .description('the revision the database is at')
    .action(() => runDb('current'));
  db.command('history')
    .description('all revisions, applied or not')
    .action(() => runDb('history'));
  db.command('upgrade')
    .argument('[revision]', 'default: head', 'head')
    .description('migrate forward')
    .action((rev: string) => runDb('upgrade', rev));
  db.command('downgrade')
    .argument('<revision>', 'a revision, or base')
    .description('migrate back')
    .action((rev: string) => runDb('downgrade', rev));
  db.command('url')
    .description('the address of the database, password included')
    .action(() => runDb('url'));
  db.command('sql')
    .argument('<from:to>', 'e.g. 002:003; base and head are allowed')
    .description('print the SQL of a migration without running it')
    .action((range: string) => runDb('sql', range));

  const maintenance = program.command('maintenance').description('maintenance mode, seen by all replicas within 2 s');
  const runMaintenance = async (
    action: 'on' | 'off' | 'status',
    options: { message?: string; retryAfter?: string } = {},
  ) => finish(await (await import('./commands/maintenance.ts')).runMaintenance(configuration(), action, options));
  maintenance
    .command('on')
    .option('--message <text>', 'what clients are told')
    .option('--retry-after <span>', 'when clients should come back', span, '5m')
    .action((options: { message?: string; retryAfter?: string }) => runMaintenance('on', options));
  maintenance.command('off').action(() => runMaintenance('off'));
  maintenance
    .command('status')
    .description('prints it; exit 0 when off, 1 when on')
    .action(() => runMaintenance('status'));

  const config = program.command('config').description('the environment that configures the program');
  config
    .command('example')
    .description('print an environment file that documents every variable')
    .action(async () => finish((await import('./commands/config.ts')).printEnvironmentExample()));
  config
    .command('check')
    .description('check the environment; exit 78 and all problems when it is wrong')
    .action(async () => finish((await import('./commands/config.ts')).checkConfiguration(configuration())));

  program
    .command('doctor')
    .description('what this machine offers: services, sandbox layers, toolchains')
    .option('--json', 'print it as JSON')
    .action(async (options: { json?: boolean }) =>
      finish(await (await import('./commands/doctor.ts')).runDoctor(configuration(), options)),
    );
}
