import type { StaticKind, StaticProblem } from '../language-checks.ts';
import type { TaskContract } from '../contract/task-contract.ts';
import { moduleNames } from './dependents.ts';
import type { PlacedDiagnostic, Probe } from './probe.ts';
import type { TypeDiagnostic } from './type-service.ts';

/** The checker's rules that count in the file itself, and as what. */
const IN_FILE: Readonly<Record<string, StaticKind>> = {
  reportUndefinedVariable: 'names',
  reportUnboundVariable: 'names',
  reportAttributeAccessIssue: 'types',
  reportCallIssue: 'types',
  reportReturnType: 'types',
  reportArgumentType: 'types',
  reportOperatorIssue: 'types',
  reportIndexIssue: 'types',
  reportUnnecessaryComparison: 'types',
  reportMissingImports: 'names',
  reportMissingModuleSource: 'names',
};

/** Those that count in a use of it. */
const IN_USE: ReadonlySet<string> = new Set([
  'reportCallIssue',
  'reportAttributeAccessIssue',
  'reportUnnecessaryComparison',
  'reportOperatorIssue',
  'reportIndexIssue',
]);

/** The kind of a type that is written out; null for objects, unions and what is not known. */
function writtenKind(type: string): string | null {
  const [, literal] = /^Literal\[(.*)\]$/.exec(type) ?? [];
  if (literal !== undefined) {
    if (/^["']/.test(literal)) return 'str';
    return /^b["']/.test(literal) ? 'bytes' : 'number';
  }
  const name = /^(list|tuple|set|frozenset|dict|str|int|float|bool|bytes|complex)(?:\[.*\])?$/.exec(type)?.[1];
  if (name === undefined) return null;
  return /^(?:int|float|bool|complex)$/.test(name) ? 'number' : name;
}

/** A comparison that can never hold counts between values that are written out, not between objects and how they print. */
function isImpossible({ message }: PlacedDiagnostic): boolean {
  const [, left = '', right = ''] = /the types "(.*)" and "(.*)" have no overlap/.exec(message) ?? [];
  const kinds = [writtenKind(left), writtenKind(right)];
  return !kinds.includes(null) && kinds[0] !== kinds[1];
}

/** Types that differ only in what kind of number they hold, or in what a collection holds, are often meant loosely. */
function isLoose(message: string): boolean {
  const [, given = '', wanted = ''] =
    /[Tt]ype "(.*?)" (?:cannot be assigned to|is not assignable to) (?:parameter "\w+" of |return )type "(.*?)"/.exec(
      message,
    ) ?? [];
  const outer = (type: string): string => /^\w+/.exec(type)?.[0].toLowerCase() ?? '';
  if (given.startsWith('slice[')) return true;
  if (outer(given) === outer(wanted) && given.includes('[')) return true;
  const numbers = /^(?:int|float|bool|complex|Literal\[-?\d+\]| \| )+$/;
  return numbers.test(given) && numbers.test(wanted);
}

/** What is put into a collection or passed to a built-in class is often of another type than its first use told; an index is not. */
function isLooseItem(message: string): boolean {
  if (/"__(?:init|setitem)__"$/.test(message)) return true;
  return message.endsWith('"__getitem__"') && !/^Argument of type "(?:list|str|tuple|dict|set)\b/.test(message);
}

/** A use that breaks on something of another file: the class is not one that this file defines, or it takes over from others. */
function isForeign({ where, message, classes }: PlacedDiagnostic): boolean {
  if (where !== 'use') return false;
  const owner = /for class "(?:type\[)?(\w+)\*?\]?\*?"/.exec(message)?.[1];
  return owner === undefined || !classes.includes(owner);
}

const HARMLESS: Readonly<Record<string, (placed: PlacedDiagnostic) => boolean>> = {
  reportUnnecessaryComparison: (placed) => placed.where !== 'use' || placed.isDeclared || !isImpossible(placed),
  // What a path that ends without a value means is judged by the flow rules, which know loops that always return.
  reportReturnType: ({ message }) =>
    /must return value|Type "(?:bool|Literal\[(?:True|False)\])" is not|"None" is not assignable|\| None" is not assignable|to return type "None"/.test(
      message,
    ) || isLoose(message),
  reportArgumentType: ({ message }) => isLoose(message) || isLooseItem(message),
  reportCallIssue: ({ message }) => /No overloads for "__\w+__"/.test(message),
  reportOperatorIssue: ({ message }) => /"object"|None|Unknown/.test(message),
  reportAttributeAccessIssue: (placed) =>
    /^Cannot assign|"Unbound"|"type\[object\]|"object\*?"/.test(placed.message) || isForeign(placed),
};

function isHarmless(placed: PlacedDiagnostic): boolean {
  const message = placed.message.split('\n', 1)[0] ?? '';
  return HARMLESS[placed.rule]?.({ ...placed, message }) === true;
}

function kindOf(placed: PlacedDiagnostic): StaticKind | null {
  const { rule, where } = placed;
  if (isHarmless(placed)) return null;
  if (where === 'use')
    return IN_USE.has(rule) && (placed.isNamed || rule === 'reportAttributeAccessIssue') ? 'contracts' : null;
  return IN_FILE[rule] ?? null;
}

/** The module that an import names, of the checker's words; empty where they name none. */
function importedModule(message: string): string {
  return /^Import "([\w.]+)"/.exec(message)?.[1] ?? '';
}

/** True where the project has the module, or where nobody knows what the project has. */
function isProvided(message: string, contract: TaskContract | null): boolean {
  const module = importedModule(message);
  if (module.startsWith('.') || contract === null || contract.packages === null) return true;
  const [top = ''] = module.split('.');
  const normal = (name: string): string => name.toLowerCase().replaceAll(/[-_.]+/g, '-');
  if (contract.packages.some((name) => normal(name) === normal(top))) return true;
  const files = [...contract.siblings, ...contract.dependents];
  return files.some(({ path }) => moduleNames(path).has(module) || path.split('/').includes(top));
}

const IMPORT_RULES: ReadonlySet<string> = new Set(['reportMissingImports', 'reportMissingModuleSource']);

/** What the type checker's answer for a probe says about the file. */
export function typeProblems(
  probe: Probe,
  diagnostics: readonly TypeDiagnostic[],
  contract: TaskContract | null,
): StaticProblem[] {
  return diagnostics.flatMap((diagnostic) => {
    const placed = probe.place(diagnostic);
    const kind = kindOf(placed);
    if (kind === null) return [];
    const { start, end, rule, where, source } = placed;
    if (IMPORT_RULES.has(rule) && isProvided(placed.message, contract)) return [];
    const first = placed.message.split('\n')[0] ?? '';
    const used = where === 'use' ? `-in-use` : where === 'inserted' ? '-by-example' : '';
    return [
      {
        kind,
        start,
        end,
        rule: `${rule}${used}`,
        severity: 'error' as const,
        message: where === 'use' ? `${first}; where it is used: ${source.slice(0, 160)}` : first,
        suggestion: null,
      },
    ];
  });
}
