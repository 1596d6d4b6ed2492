/** What the scripts of a package.json come to among the tools that this program has. */
import { PACKAGES_INSIDE } from './node-packages.ts';

/** Programs that scripts may start, and what runs instead. */
const TOOLS: ReadonlyMap<string, readonly string[]> = new Map([
  ['node', ['node']],
  ['tsc', ['node', `${PACKAGES_INSIDE}/typescript/bin/tsc`]],
  ['vite', ['node', `${PACKAGES_INSIDE}/vite/bin/vite.js`]],
]);

/** Commands of a script in their order, or why it is not run. */
export type ScriptCommands =
  | { readonly commands: readonly (readonly string[])[]; readonly problem: null }
  | { readonly commands: null; readonly problem: string };

/** Signs that only a shell understands; there is none. */
const SHELL = /[|;<>$`*?(){}\\"'~]|&(?!&)/;

/** Takes a script apart: programs of `TOOLS`, one after the other. */
export function commandsOf(script: string): ScriptCommands {
  const parts = script.split('&&').map((part) => part.trim().split(/\s+/));
  if (SHELL.test(script.replaceAll('&&', ' ')))
    return { commands: null, problem: `the script "${script}" needs a shell` };
  const unknown = parts.find(([program = '']) => !TOOLS.has(program));
  if (unknown !== undefined)
    return {
      commands: null,
      problem: `the script "${script}" starts "${unknown[0] ?? ''}"; known are ${[...TOOLS.keys()].join(', ')}`,
    };
  return { commands: parts.map(([program = '', ...args]) => [...(TOOLS.get(program) ?? []), ...args]), problem: null };
}
