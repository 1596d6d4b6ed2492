import { describe, expect, it } from 'vitest';
import {
  ACTIVE_EXECUTION_STATES,
  ATOM_STATES,
  ATOM_TRANSITIONS,
  EXECUTION_STATES,
  EXECUTION_TRANSITIONS,
  nextState,
  REVIEW_STATES,
  REVIEW_TRANSITIONS,
  statesAllowing,
} from '../../../src/domain/index.ts';

type Table = Readonly<Record<string, Readonly<Record<string, string | undefined>>>>;

/** All states that events lead to from the first one. */
function reachable(table: Table, first: string): Set<string> {
  const seen = new Set([first]);
  for (const state of seen) for (const next of Object.values(table[state] ?? {})) if (next) seen.add(next);
  return seen;
}

describe.each([
  ['atom', ATOM_STATES, ATOM_TRANSITIONS, 'pending'],
  ['execution', EXECUTION_STATES, EXECUTION_TRANSITIONS, 'queued'],
  ['review', REVIEW_STATES, REVIEW_TRANSITIONS, 'pending'],
] as const)('the states of an %s', (_name, states, table, first) => {
  it('are the states of the table, each reachable from the first', () => {
    expect(Object.keys(table).sort()).toEqual([...states].sort());
    expect([...reachable(table, first)].sort()).toEqual([...states].sort());
  });
});

describe('transitions', () => {
  it('lead from a state by an event, or nowhere', () => {
    expect(nextState(ATOM_TRANSITIONS, 'running', 'accepted')).toBe('completed');
    expect(nextState(ATOM_TRANSITIONS, 'completed', 'claimed')).toBeUndefined();
  });

  it('never bring a cancelled execution back', () => {
    expect(Object.keys(EXECUTION_TRANSITIONS.cancelled)).toEqual([]);
    expect(statesAllowing(EXECUTION_TRANSITIONS, 'cancelled').sort()).toEqual([...ACTIVE_EXECUTION_STATES].sort());
  });

  it('let an atom run only when it was ready', () => {
    expect(statesAllowing(ATOM_TRANSITIONS, 'claimed')).toEqual(['ready']);
  });
});
