import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { openVectors } from '../../../src/adapters/vectors/index.ts';
import { createLogger } from '../../../src/adapters/telemetry/logger.ts';
import { createMetrics } from '../../../src/adapters/telemetry/metrics.ts';
import { createPatternLibrary } from '../../../src/masterplan/index.ts';

const log = createLogger('silent');
const vectors = openVectors(inject('chromaUrl'), log);
const metrics = createMetrics({ version: 'test' });
const library = createPatternLibrary({ vectors, log, metrics, patienceMs: 60_000 });
afterAll(() => vectors.close());

describe('examples for prompts', () => {
  it('are found by meaning, in the language that is asked for', async () => {
    const found = await library.find({
      text: 'try a flaky network call again, waiting longer each time',
      path: 'app/net.py',
      language: 'python',
    });
    expect(found.map((one) => one.name)).toContain('example:python/retry-with-backoff');
    expect(found.find((one) => one.name.includes('retry'))?.text).toContain('def retry');
  });

  it('come from the blueprints as well', async () => {
    const found = await library.search(
      { text: 'repository of tasks with search and pages', path: 'app/repositories/task.py', language: 'python' },
      5,
    );
    expect(found.some((one) => one.name.startsWith('blueprint:python/'))).toBe(true);
  });

  it('hold what their owner approved, and nobody else sees it', async () => {
    const [mine, other] = [randomUUID(), randomUUID()];
    const atomId = randomUUID();
    await library.remember({
      atomId,
      userId: mine,
      name: 'barycentric_weights',
      description: 'Barycentric weights of a point in a triangle.',
      path: 'geometry/triangle.py',
      language: 'python',
      code: 'def barycentric_weights(): ...',
    });
    const question = { text: 'barycentric weights of a triangle', path: '', language: 'python' };
    expect((await library.search({ ...question, userId: mine }, 5))[0]?.name).toBe(`approved:${atomId}`);
    const others = await library.search({ ...question, userId: other }, 20);
    expect(others.map((one) => one.name)).not.toContain(`approved:${atomId}`);
    expect((await library.search(question, 20)).map((one) => one.name)).not.toContain(`approved:${atomId}`);
  });

  it('are none when the store is away: a run goes on without', async () => {
    const away = openVectors(null, log);
    const without = createPatternLibrary({ vectors: away, log, metrics });
    expect(await without.find({ text: 'anything', path: '', language: 'python' })).toEqual([]);
    await away.close();
    expect(await metrics.registry.metrics()).toContain('mge_pattern_lookups_total{result="unavailable"} 1');
  });
});
