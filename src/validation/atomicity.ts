import type { Finding, Severity } from '../domain/index.ts';

const MAX_LOC = 15;
const COMPLEXITY_INFO = 3;
const COMPLEXITY_WARNING = 5;

/** Lines of a slice that hold something other than space or a line comment. */
export function countLoc(text: string): number {
  return text.split(/\r\n|\r|\n/).filter((line) => /\S/.test(line) && !/^\s*(?:#(?!!)|\/\/)/.test(line)).length;
}

/** How far a candidate is from the size of an atom: warnings and hints, never a failure (what cannot be cut stays whole). */
export function atomicityFindings(
  at: { file: string; line: number; column: number },
  candidate: string,
  atom: { readonly complexity: number; readonly isAtomic: boolean },
): Finding[] {
  const findings: Finding[] = [];
  const add = (rule: string, severity: Severity, message: string, suggestion: string): void => {
    findings.push({ ...at, rule, severity, message, suggestion });
  };
  const loc = countLoc(candidate);
  if (loc > MAX_LOC)
    add('too-long', 'warning', `${loc} lines of code, more than ${MAX_LOC}`, 'split it into smaller declarations');
  if (atom.complexity > COMPLEXITY_INFO) {
    const severity = atom.complexity > COMPLEXITY_WARNING ? 'warning' : 'info';
    add(
      'complex',
      severity,
      `complexity ${atom.complexity}, more than ${COMPLEXITY_INFO}`,
      'move branches into functions of their own',
    );
  }
  if (!atom.isAtomic)
    add('not-atomic', 'info', 'the atom does not meet all criteria of atomicity', 'see its atomicity violations');
  return findings;
}
