import type { AnswerCache, CachedQuestion } from '../../adapters/llm/answer-cache.ts';
import type { ModelAnswer, ModelClient, ModelRequest } from '../../adapters/llm/model-client.ts';

/** A question with its answer, which the cache keeps once somebody has found it good. */
export interface Asked {
  readonly answer: ModelAnswer;
  /** Keeps the answer, where it is repeatable. */
  keep(): Promise<void>;
}

/** A model request, what its prompt is a version of, and which plan asks. */
export interface Question {
  readonly promptVersion: string;
  readonly masterplanId: string | null;
  readonly request: ModelRequest;
}

/** Asks the cache first, then `call`. */
export async function askCached(
  cache: AnswerCache | null,
  client: ModelClient,
  question: Question,
  call: () => Promise<ModelAnswer>,
): Promise<Asked> {
  if (cache === null) return { answer: await call(), keep: () => Promise.resolve() };
  const cached: CachedQuestion = {
    ...question,
    provider: client.provider,
    model: client.modelOf(question.request.tier),
  };
  const kept = await cache.recall(cached);
  if (kept !== null) return { answer: kept, keep: () => Promise.resolve() };
  const answer = await call();
  return { answer, keep: () => cache.keep(cached, answer) };
}
