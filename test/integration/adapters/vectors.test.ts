import { randomBytes } from 'node:crypto';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { createLogger } from '../../../src/adapters/telemetry/logger.ts';
import { DIMENSIONS, openVectors } from '../../../src/adapters/vectors/index.ts';
import { freePort } from '../../support/program.ts';

const log = createLogger('silent');
const vectors = openVectors(inject('chromaUrl'), log);
const collection = `test-${randomBytes(6).toString('hex')}`;
afterAll(() => vectors.close());

const LOGIN = {
  id: 'login',
  text: 'Users sign in with an e-mail address and a password',
  metadata: { kind: 'feature', year: 2024 },
};
const INVOICE = {
  id: 'invoice',
  text: 'Send a monthly invoice to each customer as a PDF',
  metadata: { kind: 'feature', year: 2025 },
};
const WEATHER = {
  id: 'weather',
  text: 'It will rain in the mountains tomorrow',
  metadata: { kind: 'news', year: 2025 },
};

describe('embeddings', () => {
  it('rank a related sentence above an unrelated one, as vectors of length one', async () => {
    const [question, near, far] = await vectors.embed(['authenticate a user account', LOGIN.text, WEATHER.text]);
    const cosine = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
    expect(question).toHaveLength(DIMENSIONS);
    expect(cosine(question!, question!)).toBeCloseTo(1, 4);
    expect(cosine(question!, near!)).toBeGreaterThan(cosine(question!, far!) + 0.2);
  });

  it('give the same vector for the same text, in order, for more texts than one call takes', async () => {
    const texts = Array.from({ length: 60 }, (_, i) => `sentence number ${i % 30}`);
    const found = await vectors.embed(texts);
    expect(found).toHaveLength(60);
    expect(found[0]).toBe(found[30]);
    expect(found[0]).not.toEqual(found[1]);
    const [alone] = await vectors.embed(['sentence number 17']);
    expect(alone).toEqual(found[17]);
  });
});

describe('the vector store', () => {
  it('answers its heartbeat', async () => {
    expect(await vectors.heartbeat()).toBeGreaterThan(0);
  });

  it('finds what was put in by its meaning, with metadata', async () => {
    await vectors.upsert(collection, [LOGIN, INVOICE, WEATHER]);
    const matches = await vectors.query(collection, 'how do I bill my clients?', { limit: 2 });
    expect(matches).toHaveLength(2);
    expect(matches[0]).toMatchObject({ id: 'invoice', text: INVOICE.text, metadata: INVOICE.metadata });
    expect(matches[0]!.similarity).toBeGreaterThan(matches[1]!.similarity);
  });

  it('keeps to the filter, also of two fields', async () => {
    const news = await vectors.query(collection, 'how do I bill my clients?', { where: { kind: 'news' } });
    expect(news.map((match) => match.id)).toEqual(['weather']);
    const both = await vectors.query(collection, 'rain', { where: { kind: 'feature', year: 2024 } });
    expect(both.map((match) => match.id)).toEqual(['login']);
  });

  it('replaces a record of the same id and removes one', async () => {
    await vectors.upsert(collection, [{ id: 'weather', text: 'Bill clients every month' }]);
    expect((await vectors.query(collection, 'bill clients monthly', { limit: 1 }))[0]!.id).toBe('weather');
    await vectors.remove(collection, ['weather']);
    expect((await vectors.query(collection, 'bill clients monthly')).map((match) => match.id).sort()).toEqual([
      'invoice',
      'login',
    ]);
  });

  it('says that it is unavailable when Chroma is down or not there at all', async () => {
    const down = openVectors(`http://127.0.0.1:${await freePort()}`, log);
    const unavailable = { code: 'VECTORS_UNAVAILABLE', retryable: true };
    await expect(down.heartbeat()).rejects.toMatchObject(unavailable);
    await expect(down.remove('x', ['1'])).rejects.toMatchObject(unavailable);
    await down.close();
    await expect(openVectors(null, log).heartbeat()).rejects.toMatchObject(unavailable);
  });
});
