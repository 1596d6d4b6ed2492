import { createHash } from 'node:crypto';
import type { PromptPattern } from '../../adapters/llm/provider.ts';
import type { Logger } from '../../adapters/telemetry/logger.ts';
import type { Metrics } from '../../adapters/telemetry/metrics.ts';
import type { VectorMetadata, VectorRecord, Vectors } from '../../adapters/vectors/index.ts';
import { blueprintPatterns } from './blueprint-patterns.ts';
import { CURATED_EXAMPLES } from './examples/index.ts';
import type { Pattern, PatternQuestion, PatternSource } from './pattern.ts';
import { rank, type Candidate } from './rank.ts';

/** An atom that a person found good. */
export interface ApprovedAtom {
  readonly atomId: string;
  /** Only this user's prompts show it. */
  readonly userId: string;
  readonly name: string;
  readonly description: string;
  readonly path: string;
  readonly language: string;
  readonly code: string;
}

export interface PatternLibrary extends PatternSource {
  /** The best matches with their scores, for benches and for people; unlike `find` it throws VECTORS_UNAVAILABLE. */
  search(question: PatternQuestion, limit: number): Promise<readonly Candidate[]>;
  /** Puts the program's own patterns in ahead of the first prompt; without the store it is left for later. */
  prepare(): Promise<void>;
  /** Keeps an approved atom for its owner's later prompts. @throws {MgeError} VECTORS_UNAVAILABLE */
  remember(atom: ApprovedAtom): Promise<void>;
}

export interface PatternLibraryOptions {
  readonly vectors: Vectors;
  readonly log: Logger;
  readonly metrics?: Metrics;
  /** Examples that one prompt is offered; default 3. */
  readonly perPrompt?: number;
  /** Milliseconds that a prompt waits for its examples; default 5000. */
  readonly patienceMs?: number;
}

const APPROVED = 'mge_approved_atoms';
/** Nearest records that each collection is asked for before they are ranked together. */
const CANDIDATES = 12;
/** What scores below is no help: the best match of the unrelated questions of bench/retrieval scores 0.22. */
const LEAST_SCORE = 0.23;
/** The embedding reads about 1,000 characters. */
const EMBEDDED_CHARACTERS = 1_000;

/**
 * Patterns in Chroma: those of the blueprints, curated examples, and atoms that people approved. The first two are part of the
 * program; they are put in when they are first asked for, under a name that changes with their content.
 */
export function createPatternLibrary(options: PatternLibraryOptions): PatternLibrary {
  const { vectors, log, metrics } = options;
  let shelves: Promise<readonly string[]> | null = null;
  let warned = false;

  const openShelves = (): Promise<readonly string[]> => {
    const opening = (shelves ??= Promise.all([
      fill(vectors, 'mge_examples', CURATED_EXAMPLES, 'example'),
      blueprintPatterns().then((patterns) => fill(vectors, 'mge_blueprint_patterns', patterns, 'blueprint')),
    ]));
    opening.catch(() => (shelves = null));
    return opening;
  };
  const search = async (question: PatternQuestion, limit: number) => {
    const text = textOf(question.text, question.path);
    const own = question.userId ?? null;
    const found = await Promise.all([
      ...(await openShelves()).map((shelf) => vectors.query(shelf, text, { limit: CANDIDATES })),
      own === null ? [] : vectors.query(APPROVED, text, { limit: CANDIDATES, where: { user_id: own } }),
    ]);
    return rank(question, found.flat()).slice(0, limit);
  };
  const find = async (question: PatternQuestion): Promise<PromptPattern[]> => {
    try {
      const found = await withPatience(search(question, options.perPrompt ?? 3), options.patienceMs ?? 5_000);
      warned = false;
      const good = found.filter((one) => one.score >= LEAST_SCORE);
      metrics?.patternLookups.inc({ result: good.length > 0 ? 'found' : 'none' });
      return good.map((one) => ({ name: one.name, text: one.code }));
    } catch (error) {
      metrics?.patternLookups.inc({ result: 'unavailable' });
      if (!warned) log.warn({ err: error }, 'no examples for prompts: the vector store did not answer');
      warned = true;
      return [];
    }
  };
  return {
    search,
    find,
    prepare: () =>
      openShelves().then(
        () => undefined,
        (error: unknown) => log.warn({ err: error }, 'examples for prompts are not there yet'),
      ),
    remember: (atom) => vectors.upsert(APPROVED, [approvedRecord(atom)]),
  };
}

/** A collection that holds exactly these patterns; its name says which, so that a program of another version has its own. */
async function fill(vectors: Vectors, base: string, patterns: readonly Pattern[], source: string): Promise<string> {
  const digest = createHash('sha256').update(JSON.stringify(patterns)).digest('hex').slice(0, 12);
  const name = `${base}_${digest}`;
  if ((await vectors.count(name)) >= patterns.length) return name;
  await vectors.upsert(
    name,
    patterns.map((pattern) => recordOf(pattern, source)),
  );
  return name;
}

function recordOf({ id, purpose, language, code }: Pattern, source: string): VectorRecord {
  return {
    id: `${source}:${language}/${id}`,
    text: textOf(purpose, ''),
    metadata: { language, code },
  };
}

function approvedRecord({ atomId, userId, name, description, path, language, code }: ApprovedAtom): VectorRecord {
  const metadata: VectorMetadata = { language, code, user_id: userId };
  return { id: `approved:${atomId}`, text: textOf(`${name}. ${description}`, path), metadata };
}

/** What is embedded: words. The words of a path say what a file is for. */
function textOf(text: string, path: string): string {
  const words = path.replace(/\.\w+$/, '').split(/[^A-Za-z0-9]+/);
  return [text, words.join(' ')].join('\n').trim().slice(0, EMBEDDED_CHARACTERS);
}

async function withPatience<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no examples within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
}
