import type { ChromaClient, Collection, Where } from 'chromadb';
import { MgeError } from '../../domain/index.ts';
import type { Logger } from '../telemetry/logger.ts';
import { createEmbedder } from './embedder.ts';

const TIMEOUT_MS = 10_000;
const RECORDS_PER_CALL = 200;

export type VectorMetadata = Readonly<Record<string, string | number | boolean>>;

export interface VectorRecord {
  /** A record with the same id is replaced. */
  readonly id: string;
  readonly text: string;
  readonly metadata?: VectorMetadata;
}

export interface VectorMatch {
  readonly id: string;
  readonly text: string;
  readonly metadata: VectorMetadata;
  /** Cosine similarity of the two texts: 1 the same, near 0 unrelated. */
  readonly similarity: number;
}

/** Texts by their meaning, kept in Chroma. Every method but embed and close throws VECTORS_UNAVAILABLE when Chroma does not answer. */
export interface Vectors {
  /** Settles when Chroma answers; gives the milliseconds it took. */
  heartbeat(): Promise<number>;
  upsert(collection: string, records: readonly VectorRecord[]): Promise<void>;
  /** The records nearest in meaning to `text`, the nearest first. `where` keeps only those whose metadata equal it. */
  query(
    collection: string,
    text: string,
    options?: { readonly limit?: number; readonly where?: VectorMetadata },
  ): Promise<VectorMatch[]>;
  remove(collection: string, ids: readonly string[]): Promise<void>;
  /** Records in a collection. */
  count(collection: string): Promise<number>;
  /** The vectors themselves, without Chroma. */
  embed(texts: readonly string[]): Promise<Float32Array[]>;
  close(): Promise<void>;
}

/**
 * Opens the vector store. Nothing is loaded and nobody is called before the first use.
 * `url` is null where Chroma does not run; its methods then throw VECTORS_UNAVAILABLE.
 */
export function openVectors(url: string | null, log: Logger): Vectors {
  const embedder = createEmbedder();
  const collections = new Map<string, Promise<Collection>>();
  let client: Promise<ChromaClient> | null = null;

  const embeddingFunction = {
    name: 'mge-minilm-l6-v2',
    generate: async (texts: string[]) => (await embedder.embed(texts)).map((vector) => [...vector]),
  };
  const connect = (): Promise<ChromaClient> => {
    if (url === null) throw unavailable('Chroma does not run here; set CHROMA_URL to a running one.');
    return (client ??= newClient(url));
  };
  const open = (name: string): Promise<Collection> => {
    const known = collections.get(name);
    if (known) return known;
    const opening = connect().then((chroma) =>
      chroma.getOrCreateCollection({ name, embeddingFunction, configuration: { hnsw: { space: 'cosine' } } }),
    );
    collections.set(name, opening);
    opening.catch(() => collections.delete(name));
    return opening;
  };
  const withCollection = <T>(name: string, use: (collection: Collection) => Promise<T>): Promise<T> =>
    guarded(log, async () => {
      try {
        return await use(await open(name));
      } catch (error) {
        // Chroma was started anew with other data: its collections have other numbers.
        if ((error as Error).name !== 'ChromaNotFoundError') throw error;
        collections.delete(name);
        return use(await open(name));
      }
    });

  return {
    heartbeat: async () => {
      const began = performance.now();
      await guarded(log, async () => (await connect()).heartbeat());
      return performance.now() - began;
    },
    upsert: async (name, records) => {
      for (let from = 0; from < records.length; from += RECORDS_PER_CALL) {
        const part = records.slice(from, from + RECORDS_PER_CALL);
        const embeddings = (await embedder.embed(part.map((record) => record.text))).map((vector) => [...vector]);
        await withCollection(name, (collection) =>
          collection.upsert({
            ids: part.map((record) => record.id),
            documents: part.map((record) => record.text),
            embeddings,
            // Chroma refuses a record whose metadata are empty.
            metadatas: part.map((record) => ({ text_length: record.text.length, ...record.metadata })),
          }),
        );
      }
    },
    query: async (name, text, options = {}) => {
      const queryEmbeddings = (await embedder.embed([text])).map((vector) => [...vector]);
      const result = await withCollection(name, (collection) =>
        collection.query({
          queryEmbeddings,
          nResults: options.limit ?? 10,
          ...(options.where ? { where: filter(options.where) } : {}),
        }),
      );
      return (result.rows()[0] ?? []).map((row) => ({
        id: row.id,
        text: row.document ?? '',
        metadata: plain(row.metadata),
        similarity: 1 - (row.distance ?? 1),
      }));
    },
    remove: async (name, ids) => {
      if (ids.length > 0) await withCollection(name, (collection) => collection.delete({ ids: [...ids] }));
    },
    count: (name) => withCollection(name, (collection) => collection.count()),
    embed: (texts) => embedder.embed(texts),
    close: () => embedder.close(),
  };
}

async function newClient(url: string): Promise<ChromaClient> {
  const { ChromaClient: Client } = await import('chromadb');
  const { hostname, port, protocol } = new URL(url);
  const ssl = protocol === 'https:';
  return new Client({ host: hostname, port: port === '' ? (ssl ? 443 : 80) : Number(port), ssl });
}

function filter(where: VectorMetadata): Where {
  const parts = Object.entries(where).map(([key, value]) => ({ [key]: value }));
  const [only] = parts;
  return parts.length === 1 && only ? only : { $and: parts };
}

function plain(metadata: Readonly<Record<string, unknown>> | null | undefined): VectorMetadata {
  const entries = Object.entries(metadata ?? {}).filter(([, value]) =>
    ['string', 'number', 'boolean'].includes(typeof value),
  );
  return Object.fromEntries(entries) as VectorMetadata;
}

/** Runs a call of Chroma with a time limit and turns its failures into ours. */
async function guarded<T>(log: Logger, call: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)), TIMEOUT_MS);
  });
  try {
    return await Promise.race([call(), timeout]);
  } catch (error) {
    if (error instanceof MgeError) throw error;
    const problem = error instanceof Error ? error.message : String(error);
    // A request that Chroma refuses is our mistake, not its absence.
    if (error instanceof Error && ['ChromaClientError', 'ChromaValueError'].includes(error.name)) throw error;
    log.warn({ problem }, 'vector store call failed');
    throw unavailable(`Chroma does not answer: ${problem}`, error);
  } finally {
    clearTimeout(timer);
  }
}

function unavailable(message: string, cause?: unknown): MgeError {
  return new MgeError('VECTORS_UNAVAILABLE', message, { retryAfterMs: 5_000, cause });
}
