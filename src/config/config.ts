/** The one typed, frozen object that the environment is turned into. */

export const PROVIDER_NAMES = ['blueprint', 'openai', 'anthropic'] as const;
export type ProviderName = (typeof PROVIDER_NAMES)[number];

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

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
  readonly logLevel: LogLevel;
  readonly provider: {
    readonly name: ProviderName;
    readonly model: string | null;
    readonly openai: { readonly baseUrl: string; readonly apiKey: string | null };
    readonly anthropic: { readonly baseUrl: string; readonly apiKey: string | null };
  };
  /** US dollars per masterplan. */
  readonly budgetUsd: number;
  /** Atoms in flight at once per execution. */
  readonly concurrency: number;
}
