import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId, schema } from '../../../src/db/index.ts';
import { archiveDeadLetter } from '../../../src/db/queries/archive-dead-letter.ts';
import { insertAtom, insertGraph, insertMasterplan } from '../../support/factories.ts';
import { tokenFor } from '../../unit/api/api-fixture.ts';
import { expectProblem, startApi, type Answer, type ApiUnderTest } from './api-under-test.ts';

let api: ApiUnderTest;
let admin: string;
const BASE = '/api/v2/admin/dead-letters';

beforeAll(async () => {
  api = await startApi();
  admin = await tokenFor('operator', { role: 'admin' });
});
afterAll(() => api.close());

const ask = (path: string, method: 'GET' | 'POST' = 'GET'): Promise<Answer> =>
  api.call(method, `${BASE}${path}`, { token: admin });
const replay = (msgId: string): Promise<Answer> => ask(`/${encodeURIComponent(msgId)}/replay`, 'POST');
const messages = (answer: Answer): unknown[] =>
  (answer.body['data'] as { message_id: string }[]).map((letter) => letter.message_id);

async function archive(msgId: string, queueName: string, payload: Record<string, unknown>): Promise<string> {
  await archiveDeadLetter(api.database.db, { msgId, queueName, payload, reason: 'it failed each time', attempts: 5 });
  return msgId;
}

/** A stage job in a state, with the dead letter of it. */
async function deadStage(status: 'failed' | 'queued' | 'completed'): Promise<{ msgId: string; jobId: string }> {
  const { masterplanId } = await insertMasterplan(api.database.db, { userId: 'someone' });
  const jobId = newId<string>();
  await api.database.db
    .insert(schema.stageJobs)
    .values({ jobId, masterplanId, kind: 'decompose', status, attempts: 5, error: { code: 'INTERNAL', message: 'x' } });
  return { jobId, msgId: await archive(`stage:${jobId}`, 'stages', { job_id: jobId }) };
}

describe('dead letters', () => {
  it('are listed newest first, page by page, for admins only', async () => {
    const made: string[] = [];
    for (let n = 0; n < 3; n += 1) made.push(await archive(`list:${n}`, 'lists', { n }));
    const first = await ask('?limit=2&queue=lists');
    expect(messages(first)).toEqual(['list:2', 'list:1']);
    const { next_cursor: cursor } = first.body['page'] as { next_cursor: string };
    const second = await ask(`?limit=2&queue=lists&cursor=${cursor}`);
    expect(messages(second)).toEqual(['list:0']);
    expect((first.body['data'] as unknown[])[0]).toMatchObject({
      queue: 'lists',
      payload: { n: 2 },
      reason: 'it failed each time',
      attempts: 5,
      replayed_at: null,
    });
    expectProblem(await api.call('GET', BASE), 403, 'FORBIDDEN');
    expectProblem(await ask('/nothing'), 404, 'NOT_FOUND');
    expectProblem(await ask('?cursor=nonsense'), 400, 'VALIDATION_FAILED');
  });

  it('are replayed once: the job is queued again, the second time is refused and counted', async () => {
    const { msgId, jobId } = await deadStage('failed');
    const answer = await replay(msgId);
    expect(answer).toMatchObject({ status: 200, body: { message_id: msgId, replay: { by: 'operator' } } });
    // The failed job stays; the one that took its place waits, and is announced.
    const queued = `SELECT count(*) AS n FROM stage_jobs JOIN stage_jobs old USING (masterplan_id, kind)
      WHERE old.job_id = $1 AND old.status = 'failed' AND stage_jobs.status = 'queued'`;
    expect(await api.count(queued, [jobId])).toBe(1);
    const events = `SELECT count(*) AS n FROM m10_recovery.outbox o JOIN stage_jobs j ON j.job_id = o.aggregate_id
      JOIN stage_jobs old USING (masterplan_id, kind) WHERE old.job_id = $1 AND event_type = 'stage.queued'`;
    expect(await api.count(events, [jobId])).toBe(1);
    const audit = `SELECT count(*) AS n FROM audit_log WHERE actor = 'operator' AND action = 'dead_letter.replay' AND subject = $1`;
    expect(await api.count(audit, [`dead_letter:${msgId}`])).toBe(1);

    const before = (await api.deps.metrics.replayDuplicates.get()).values[0]?.value ?? 0;
    const again = await replay(msgId);
    expectProblem(again, 409, 'CONFLICT');
    expect(again.body).toMatchObject({
      replayed_by: 'operator',
      new_message_id: (answer.body['replay'] as { new_message_id: string }).new_message_id,
    });
    expect((await api.deps.metrics.replayDuplicates.get()).values[0]?.value).toBe(before + 1);
    expect(await api.count(events, [jobId])).toBe(1);
    expect(await api.count(audit, [`dead_letter:${msgId}`])).toBe(1);

    expect(messages(await ask('?queue=stages'))).not.toContain(msgId);
    expect(messages(await ask('/archive?queue=stages'))).toContain(msgId);
    expect((await ask(`/${encodeURIComponent(msgId)}`)).body['replayed_at']).toEqual(expect.any(String));
  });

  it('are replayed once when many ask at the same time', async () => {
    const { msgId, jobId } = await deadStage('failed');
    const answers = await Promise.all(Array.from({ length: 8 }, () => replay(msgId)));
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 409, 409, 409, 409, 409, 409, 409]);
    const jobs = `SELECT count(*) AS n FROM stage_jobs JOIN stage_jobs old USING (masterplan_id, kind) WHERE old.job_id = $1`;
    expect(await api.count(jobs, [jobId])).toBe(2);
  });

  it('stay open when what they ask for cannot be done', async () => {
    const { msgId } = await deadStage('completed');
    const gone = await archive('stage:gone', 'stages', { job_id: newId<string>() });
    const odd = await archive('stage:odd', 'stages', { job: 1 });
    const foreign = await archive('mail:1', 'mails', {});
    for (const id of [msgId, gone, odd, foreign]) {
      expectProblem(await replay(id), 409, 'CONFLICT');
      expect(
        await api.count('SELECT count(*) AS n FROM m10_recovery.replay_log WHERE original_msg_id = $1', [id]),
      ).toBe(0);
    }
    expectProblem(await replay('never:archived'), 404, 'NOT_FOUND');
  });

  it('of an atom give it another set of attempts and let its run go on', async () => {
    const { db } = api.database;
    const { masterplanId } = await insertMasterplan(db, { userId: 'someone' });
    const { atomId } = await insertAtom(db, { masterplanId, status: 'failed', attempts: 4 });
    const { graphId } = await insertGraph(db, { masterplanId, atomIds: [atomId] });
    const executionId = newId<string>();
    await db.insert(schema.executions).values({
      executionId,
      masterplanId,
      graphId,
      status: 'failed',
      provider: 'blueprint',
      concurrency: 1,
      maxAttempts: 4,
      startedBy: 'someone',
    });
    const payload = { execution_id: executionId, masterplan_id: masterplanId, atom_id: atomId };
    const msgId = await archive(`atom:${atomId}:t`, 'atoms', payload);
    expect((await replay(msgId)).status).toBe(200);
    const revived = `SELECT count(*) AS n FROM executions WHERE execution_id = $1 AND status = 'running'`;
    expect(await api.count(revived, [executionId])).toBe(1);
    expect(await api.count('SELECT count(*) AS n FROM atom_queue WHERE atom_id = $1', [atomId])).toBe(1);
    // Another letter of the same atom, which does not wait for a decision any more.
    expectProblem(await replay(await archive(`atom:${atomId}:u`, 'atoms', payload)), 409, 'CONFLICT');
  });
});
