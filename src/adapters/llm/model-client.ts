/** What every model looks like to this program, whatever protocol it speaks. */

/** What a call is for; each tier may use a model of its own. */
export const MODEL_TIERS = ['plan', 'draft', 'repair', 'escalate'] as const;
export type ModelTier = (typeof MODEL_TIERS)[number];

export type TierModels = Readonly<Record<ModelTier, string>>;

export interface ModelRequest {
  readonly tier: ModelTier;
  /** The same for all calls of a kind: it comes first, so that the API's prompt cache can keep it. */
  readonly system: string;
  readonly user: string;
  /** 0 to 1. */
  readonly temperature: number;
  readonly seed: number;
  readonly maxOutputTokens: number;
  /** Asks for JSON of this schema, where the API offers it; the prompt must ask for it as well. */
  readonly json?: { readonly name: string; readonly schema: Readonly<Record<string, unknown>> };
}

export interface ModelUsage {
  /** All input tokens, cached ones included. */
  readonly tokensIn: number;
  readonly tokensOut: number;
  /** Input tokens that the API read from its prompt cache. */
  readonly cachedIn: number;
  /** Input tokens that the API wrote to its prompt cache, where it charges for that. */
  readonly cacheWrites: number;
}

/** `stop` = the model was done; `cut_off` = the stream ended without saying why. */
export type FinishReason = 'stop' | 'length' | 'refusal' | 'cut_off';

export interface ModelAnswer {
  readonly text: string;
  readonly finish: FinishReason;
  readonly provider: string;
  readonly model: string;
  readonly usage: ModelUsage;
  readonly costUsd: number;
}

/** A model API, or several behind one face. */
export interface ModelClient {
  readonly provider: string;
  modelOf(tier: ModelTier): string;
  /** US dollars that the call costs at most. */
  reserveUsd(request: ModelRequest): number;
  /**
   * @param onText called with each piece of the answer as it arrives.
   * @throws {ModelCallError} when there is no answer; it says what the try has cost all the same.
   */
  complete(request: ModelRequest, signal: AbortSignal, onText?: (piece: string) => void): Promise<ModelAnswer>;
}
