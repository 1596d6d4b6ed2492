import { eq } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/adapters/runtime.ts';
import { schema } from '../../../src/db/index.ts';
import { asId, ATOM_TRANSITIONS, type AtomStatus, type ReviewId } from '../../../src/domain/index.ts';
import { cancelExecution, retryAtom, retryFailed, type AtomBody } from '../../../src/execution/index.ts';
import { approve } from '../../../src/review/index.ts';
import { waitFor } from '../../support/wait-for.ts';
import { Harness, scriptedProvider, type Plan } from './harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.open();
  // Postgres itself writes down every change of state, whichever statement makes it.
  await harness.database.pool.query(`
    create table seen_transitions (before text, after text, primary key (before, after));
    create function see_transition() returns trigger language plpgsql as $$ begin
      insert into seen_transitions values (lower(old.status::text), lower(new.status::text)) on conflict do nothing;
      return null;
    end $$;
    create trigger see_transition after update of status on atomic_units for each row
      when (old.status is distinct from new.status) execute function see_transition();`);
});
afterEach(() => harness.stopWorkers());
afterAll(() => harness.close());

const by = (plan: Plan) => ({ masterplanId: plan.masterplanId, by: 'test' });
const draft = (name: string) => (name === 'a' ? 'a = BROKEN\n' : `${name} = 1\n`);
const CHAIN = { waves: [['a'], ['b'], ['c']], edges: [['b', 'a'] as const, ['c', 'b'] as const], draft };

async function seen(): Promise<string[]> {
  const { rows } = await harness.database.pool.query<{ pair: string }>(
    `select before || ' > ' || after as pair from seen_transitions order by 1`,
  );
  return rows.map((row) => row.pair);
}

/** What the table allows in one statement: one event, or becoming ready and being claimed at once. */
function allowed(): Set<string> {
  const pairs = new Set(['pending > running']);
  for (const [from, events] of Object.entries(ATOM_TRANSITIONS))
    for (const to of Object.values<AtomStatus>(events)) pairs.add(`${from} > ${to}`);
  return pairs;
}

describe('the states of atoms in the database', () => {
  it('change only as the table of the domain says', async () => {
    let answer = (n: number) => `a = BROKEN ${n}\n`;
    let calls = 0;
    const provider = scriptedProvider(() => answer((calls += 1)));
    await harness.worker({ provider });

    // Given up, what depends on it blocked; tried again in vain, then with success; accepted ones tried again in vain.
    const plan = await harness.plan(CHAIN);
    await harness.start(plan);
    await harness.until(plan, 'failed');
    answer = () => 'a = 1\n';
    await retryFailed(harness.deps, by(plan));
    await harness.until(plan, 'completed');
    answer = (n) => `a = BROKEN ${n}\n`;
    await retryAtom(harness.deps, { ...by(plan), atomId: plan.ids['a']! });
    await waitFor(async () => (await harness.atom(plan, 'a')).attempts > 5);
    await harness.until(plan, 'completed');

    // Given up, then approved as it is.
    const approved = await harness.plan(CHAIN);
    await harness.start(approved);
    await harness.until(approved, 'failed');
    const [item] = await harness.database.db
      .select()
      .from(schema.humanReviewQueue)
      .where(eq(schema.humanReviewQueue.atomId, approved.ids['a']!));
    await approve({ db: harness.database.db, clock: systemClock }, asId<ReviewId>(item!.reviewId), { reviewer: 'ann' });
    await harness.until(approved, 'completed');
    await harness.stopWorkers();

    // Cancelled while one atom runs and another waits.
    const body: AtomBody = (_atom, signal) =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve({ kind: 'released' })));
    await harness.worker({ body, slots: 1 });
    const cancelled = await harness.plan({ waves: [['x', 'y']], edges: [] });
    await harness.start(cancelled);
    await waitFor(
      async () =>
        Object.values(await harness.states(cancelled))
          .sort()
          .join() === 'ready,running',
    );
    await cancelExecution(harness.deps, by(cancelled));

    const pairs = await seen();
    expect(pairs.filter((pair) => !allowed().has(pair))).toEqual([]);
    // Each statement that changes states took part: what is missing here was not looked at.
    expect(pairs).toEqual([
      'blocked > pending',
      'completed > pending',
      'failed > completed',
      'failed > pending',
      'pending > blocked',
      'pending > ready',
      'pending > running',
      'ready > pending',
      'ready > running',
      'running > completed',
      'running > failed',
      'running > pending',
      'running > ready',
    ]);
  });
});
