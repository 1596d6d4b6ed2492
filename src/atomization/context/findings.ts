/** What is known of the five parts of a context, and why. */
import type { AtomContext } from '../../domain/index.ts';
import type { Findings, PartFinding } from './completeness.ts';
import type { Effect } from './effects.ts';
import type { TypedName } from './types/typed-name.ts';

export interface AtomSpan {
  readonly start: number;
  readonly end: number;
  readonly role: string;
  readonly damaged: boolean;
  /** Units that begin in the atom, outermost only. */
  readonly begun: readonly number[];
  /** Unit whose header lies before the atom; -1 for none. */
  readonly enclosing: number;
}

export interface NameSummary {
  readonly defines: AtomContext['defines'];
  readonly uses: AtomContext['uses'];
  readonly imports: AtomContext['imports'];
  readonly used: number;
  readonly unresolved: readonly string[];
  readonly effects: ReadonlySet<Effect>;
}

export interface Behaviour {
  readonly preconditions: string[];
  readonly postconditions: string[];
  readonly changes: string[];
  /** Calls, and those of them whose target has no name. */
  calls: number;
}

export function findingsOf(
  span: AtomSpan,
  names: NameSummary,
  types: readonly TypedName[],
  behaviour: Behaviour,
): Findings {
  if (span.damaged) {
    const finding = { known: 0, needed: 1, reason: 'the text does not fit the grammar' };
    return { names: finding, types: finding, conditions: finding, effects: finding, tests: finding };
  }
  const known = types.filter(({ source }) => source !== 'none').length;
  const needsTests = span.role !== 'import' && (behaviour.calls > 0 || behaviour.postconditions.length > 0);
  return {
    names: namesFinding(names),
    types: {
      known,
      needed: types.length,
      reason:
        types.length === 0
          ? 'none needed: no function begins here'
          : `${String(known)} of ${String(types.length)} types known`,
    },
    conditions: conditionsFinding(behaviour),
    effects: effectsFinding(names, behaviour),
    tests: needsTests
      ? { known: 0, needed: 1, reason: 'no test of the project was found for it' }
      : { known: 0, needed: 0, reason: 'none needed: it calls and returns nothing' },
  };
}

function namesFinding(names: NameSummary): PartFinding {
  const missing = names.unresolved.length;
  const reason =
    names.used === 0
      ? 'none needed: uses no name from outside'
      : missing === 0
        ? `all ${String(names.used)} names resolved`
        : `${String(missing)} of ${String(names.used)} names come from nowhere: ${names.unresolved.slice(0, 5).join(', ')}`;
  return { known: names.used - missing, needed: names.used, reason };
}

function conditionsFinding({ preconditions, postconditions }: Behaviour): PartFinding {
  const found = preconditions.length + postconditions.length;
  return {
    known: 0,
    needed: 0,
    reason: found === 0 ? 'none needed: no guard, result or change in it' : `${String(found)} derived from the code`,
  };
}

function effectsFinding(names: NameSummary, { calls, changes }: Behaviour): PartFinding {
  if (calls === 0 && changes.length === 0)
    return { known: 0, needed: 0, reason: 'none needed: calls and changes nothing' };
  const missing = Math.min(names.unresolved.length, calls);
  return {
    known: calls - missing,
    needed: calls,
    reason: missing === 0 ? 'every call leads to a known name' : `${String(missing)} calls may do what cannot be seen`,
  };
}
