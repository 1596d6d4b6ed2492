import { CommanderError } from 'commander';
import { MgeError } from '../domain/index.ts';
import { ConfigError } from '../config/index.ts';
import { EXIT } from './exit-codes.ts';
import { createProgram } from './program.ts';

/** Turns whatever ended a command into a sentence and an exit code that a script can use. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof ConfigError) {
    process.stderr.write(`mge: ${error.message}\n`);
    return EXIT.configuration;
  }
  if (error instanceof MgeError) {
    process.stderr.write(`mge: ${error.message} (${error.code})\n`);
    for (const field of error.fields) process.stderr.write(`  ${field.pointer}: ${field.detail}\n`);
    return EXIT.failed;
  }
  process.stderr.write(`mge: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return EXIT.failed;
}

try {
  await createProgram((code) => (process.exitCode = code)).parseAsync(process.argv);
} catch (error) {
  process.exitCode = exitCodeOf(error);
}
// A command that is done leaves nothing behind on purpose; a handle that a library keeps must not hold the shell.
if (process.exitCode !== undefined) setTimeout(() => process.exit(), 2_000).unref();
