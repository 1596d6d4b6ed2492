/**
 * How well examples are found: recall@1, recall@5 and the mean reciprocal rank over labelled queries, with Chroma and the offline
 * embedding, beside the same by words alone and by embeddings alone. JSON on standard output.
 *
 *   tsx bench/retrieval/main.ts [--misses]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startServices } from '../../src/adapters/embedded/index.ts';
import { createLogger } from '../../src/adapters/telemetry/logger.ts';
import { openVectors } from '../../src/adapters/vectors/index.ts';
import { loadConfig } from '../../src/config/index.ts';
import { createPatternLibrary, type PatternQuestion } from '../../src/masterplan/index.ts';
import { blueprintPatterns } from '../../src/masterplan/patterns/blueprint-patterns.ts';
import { CURATED_EXAMPLES } from '../../src/masterplan/patterns/examples/index.ts';
import { wordsOf } from '../../src/masterplan/patterns/rank.ts';
import { QUERIES, UNRELATED, type LabelledQuery } from './queries.ts';

const { values } = parseArgs({ options: { misses: { type: 'boolean', default: false } } });
const DEPTH = 20;
const dataDir = mkdtempSync(join(tmpdir(), 'mge-bench-'));
const log = createLogger('silent');
const services = await startServices(loadConfig({ MGE_DATA_DIR: dataDir }, process.cwd()), log);
const vectors = openVectors(services.chromaUrl, log);
try {
  const library = createPatternLibrary({ vectors, log });
  const known = [
    ...CURATED_EXAMPLES.map((one) => ({ name: `example:${one.language}/${one.id}`, ...one })),
    ...(await blueprintPatterns()).map((one) => ({ name: `blueprint:${one.language}/${one.id}`, ...one })),
  ];
  const names = new Set(known.map((one) => one.name));
  const unknown = QUERIES.flatMap((query) => query.answers).filter((name) => !names.has(name));
  if (unknown.length > 0) throw new Error(`labels name patterns that do not exist: ${unknown.join(', ')}`);
  const texts = await vectors.embed(known.map((one) => one.purpose));
  const times: number[] = [];

  const ours = async (query: LabelledQuery) => {
    const began = performance.now();
    const found = await library.search({ text: query.text, path: query.path ?? '', language: query.language }, DEPTH);
    times.push(performance.now() - began);
    return found.map((one) => one.name);
  };
  const byWords = (query: LabelledQuery) => {
    const asked = wordsOf(query.text);
    const score = (purpose: string) => [...wordsOf(purpose)].filter((word) => asked.has(word)).length;
    return Promise.resolve(ordered((one) => score(`${one.name} ${one.purpose}`)));
  };
  const byMeaning = async (query: LabelledQuery) => {
    const [vector] = await vectors.embed([query.text]);
    return ordered((_one, at) => dot(vector ?? new Float32Array(), texts[at] ?? new Float32Array()));
  };
  const ordered = (score: (one: (typeof known)[number], at: number) => number) =>
    known
      .map((one, at) => ({ name: one.name, score: score(one, at) }))
      .sort((a, b) => b.score - a.score)
      .map((one) => one.name);

  /** Share of questions for which a prompt would show something. */
  const share = async (questions: readonly PatternQuestion[]) => {
    let shown = 0;
    for (const question of questions) if ((await library.find(question)).length > 0) shown += 1;
    return shown / questions.length;
  };

  const report = {
    queries: QUERIES.length,
    patterns: known.length,
    library: await measure(ours),
    words_alone: await measure(byWords),
    embeddings_alone: await measure(byMeaning),
    unrelated_shown: await share(UNRELATED.map((text) => ({ text, path: '', language: 'python' }))),
    related_shown: await share(QUERIES.map(({ text, language }) => ({ text, path: '', language }))),
    median_ms: times.sort((a, b) => a - b)[Math.floor(times.length / 2)],
  };
  console.log(JSON.stringify(report, null, 2));
} finally {
  await vectors.close();
  await services.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

async function measure(find: (query: LabelledQuery) => Promise<readonly string[]>) {
  const ranks: number[] = [];
  const missed: string[] = [];
  for (const query of QUERIES) {
    const at = (await find(query)).findIndex((name) => query.answers.includes(name));
    ranks.push(at === -1 ? Infinity : at + 1);
    if (at === -1 || at >= 5) missed.push(`${query.language}: ${query.text}`);
  }
  const share = (test: (rank: number) => boolean) => ranks.filter(test).length / ranks.length;
  return {
    recall_at_1: share((rank) => rank <= 1),
    recall_at_5: share((rank) => rank <= 5),
    mean_reciprocal_rank: ranks.reduce((sum, rank) => sum + 1 / rank, 0) / ranks.length,
    ...(values.misses ? { missed } : {}),
  };
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);
}
