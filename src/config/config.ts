/** The one typed, frozen object that the environment is turned into. */

export const PROVIDER_NAMES = ['blueprint', 'openai', 'anthropic'] as const;
export type ProviderName = (typeof PROVIDER_NAMES)[number];

/** The providers that call a model. */
export const MODEL_PROVIDER_NAMES = ['openai', 'anthropic'] as const;
export type ModelProviderName = (typeof MODEL_PROVIDER_NAMES)[number];

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** The best sandbox, programs in namespaces only, WebAssembly interpreters only, or none. */
export const SANDBOX_MODES = ['auto', 'namespaces', 'wasm', 'off'] as const;
export type SandboxMode = (typeof SANDBOX_MODES)[number];

export interface Config {
  readonly environment: 'development' | 'production' | 'test';
  readonly http: { readonly host: string; readonly port: number; readonly allowedOrigins: readonly string[] };
  /** Where a process that runs workers alone shows its health and metrics: PORT, or 8001 so that it may stand beside an API. */
  readonly workerPort: number;
  /** A URL that is null means: start an embedded server. */
  readonly services: {
    readonly databaseUrl: string | null;
    readonly redisUrl: string | null;
    readonly chromaUrl: string | null;
  };
  /** Folder for embedded data, generated secrets and logs of embedded servers. Absolute. */
  readonly dataDir: string;
  readonly auth: {
    /** Null with no JWKS address: a secret is made and kept in the data folder. */
    readonly jwtSecret: string | null;
    readonly jwksUrl: string | null;
  };
  readonly flags: { readonly v2: boolean; readonly atomization: boolean; readonly dependencyGraph: boolean };
  /** Whether graphs are made with what the TypeScript checker finds, too. */
  readonly checkedGraph: boolean;
  readonly logLevel: LogLevel;
  /** Where generated code runs. */
  readonly sandbox: SandboxMode;
  readonly provider: {
    readonly name: ProviderName;
    readonly model: string | null;
    readonly openai: { readonly baseUrl: string; readonly apiKey: string | null };
    readonly anthropic: { readonly baseUrl: string; readonly apiKey: string | null };
    /** The provider that is asked while the first one is away; null = none. */
    readonly fallback: ModelProviderName | null;
    /** Models per tier where they differ from `model`. */
    readonly tiers: {
      readonly plan: string | null;
      readonly draft: string | null;
      readonly repair: string | null;
      readonly escalate: string | null;
    };
    /** US dollars per million tokens, by the beginning of a model's name: `[input, output]` or `[input, output, cached input]`. */
    readonly prices: Readonly<Record<string, readonly number[]>>;
    /** Per API key and minute, over all workers; null = what the API states in its answers. */
    readonly requestsPerMinute: number | null;
    readonly tokensPerMinute: number | null;
    /** How long accepted answers of repeatable calls are kept; 0 = not at all. */
    readonly answerCacheHours: number;
    /** Whether prompts show examples that are found by meaning. */
    readonly patterns: boolean;
  };
  /** US dollars per masterplan. */
  readonly budgetUsd: number;
  /** Atoms in flight at once per execution. */
  readonly concurrency: number;
}
