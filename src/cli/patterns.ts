import { openVectors } from '../adapters/vectors/index.ts';
import type { Logger } from '../adapters/telemetry/logger.ts';
import type { Metrics } from '../adapters/telemetry/metrics.ts';
import type { Config } from '../config/index.ts';
import { createPatternLibrary, type PatternLibrary } from '../masterplan/index.ts';

export interface Patterns {
  /** Null where they are switched off, or nothing here calls a model. */
  readonly library: PatternLibrary | null;
  close(): Promise<void>;
}

/** The examples that prompts show. */
export function openPatterns(deps: {
  readonly config: Pick<Config, 'provider'>;
  readonly chromaUrl: string | null;
  readonly log: Logger;
  readonly metrics: Metrics;
}): Patterns {
  const { provider } = deps.config;
  const callsModels =
    provider.name !== 'blueprint' || provider.openai.apiKey !== null || provider.anthropic.apiKey !== null;
  if (!provider.patterns || !callsModels) return { library: null, close: () => Promise.resolve() };
  const vectors = openVectors(deps.chromaUrl, deps.log);
  const library = createPatternLibrary({ vectors, log: deps.log, metrics: deps.metrics });
  void library.prepare();
  return {
    library,
    close: () => vectors.close(),
  };
}
