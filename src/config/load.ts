import { resolve } from 'node:path';
import { LOG_LEVELS, PROVIDER_NAMES, SANDBOX_MODES, type Config } from './config.ts';
import { modelProblems, readModelSettings } from './model-settings.ts';
import { Reader, type Environment } from './reader.ts';

/** The environment does not make a configuration. `problems` lists everything that is wrong, one sentence each. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`the configuration has ${problems.length} problem(s):\n${problems.map((p) => `  - ${p}`).join('\n')}`);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/**
 * Turns the environment into a Config.
 * Defaults: PORT 8000 (8001 for `mge worker`), HOST 127.0.0.1 (0.0.0.0 in production), provider blueprint, budget 200 USD, concurrency 100, data folder `.mge`.
 * @throws {ConfigError} naming all problems at once.
 */
export function loadConfig(env: Environment, cwd: string): Config {
  const r = new Reader(env);
  const environment = r.oneOf('NODE_ENV', ['development', 'production', 'test'], 'development');
  const port = r.number('PORT', 8000, { min: 0, max: 65_535, integer: true });
  const config: Config = {
    environment,
    http: {
      host: r.text('HOST') ?? (environment === 'production' ? '0.0.0.0' : '127.0.0.1'),
      port,
      allowedOrigins: (r.text('ALLOWED_ORIGINS') ?? '')
        .split(',')
        .map((o) => o.trim())
        .filter(Boolean),
    },
    workerPort: r.text('PORT') === null ? 8001 : port,
    services: {
      databaseUrl: r.url('DATABASE_URL', ['postgresql:', 'postgres:'], null, true),
      redisUrl: r.url('REDIS_URL', ['redis:', 'rediss:'], null, true),
      chromaUrl: r.url('CHROMA_URL', ['http:', 'https:']),
    },
    dataDir: resolve(cwd, r.text('MGE_DATA_DIR') ?? '.mge'),
    auth: { jwtSecret: r.secret('JWT_SECRET', 16), jwksUrl: r.url('JWT_JWKS_URL', ['http:', 'https:']) },
    flags: {
      v2: r.flag('ENABLE_V2', true),
      atomization: r.flag('V2_ATOMIZATION_ENABLED', true),
      dependencyGraph: r.flag('V2_DEPENDENCY_GRAPH_ENABLED', true),
    },
    checkedGraph: r.flag('MGE_GRAPH_CHECKED', false),
    logLevel: r.oneOf('LOG_LEVEL', LOG_LEVELS, 'info'),
    sandbox: r.oneOf('MGE_SANDBOX', SANDBOX_MODES, 'auto'),
    provider: {
      name: r.oneOf('MGE_PROVIDER', PROVIDER_NAMES, 'blueprint'),
      model: r.text('MGE_MODEL'),
      openai: {
        baseUrl: r.url('OPENAI_BASE_URL', ['http:', 'https:'], 'https://api.openai.com/v1') ?? '',
        apiKey: r.secret('OPENAI_API_KEY'),
      },
      anthropic: {
        baseUrl: r.url('ANTHROPIC_BASE_URL', ['http:', 'https:'], 'https://api.anthropic.com') ?? '',
        apiKey: r.secret('ANTHROPIC_API_KEY'),
      },
      ...readModelSettings(r),
    },
    budgetUsd: r.number('MGE_BUDGET_USD', 200, { min: 0, max: 1_000_000, integer: false }),
    concurrency: r.number('MGE_CONCURRENCY', 100, { min: 1, max: 1_000, integer: true }),
  };
  if (config.auth.jwtSecret && config.auth.jwksUrl)
    r.problems.push('JWT_SECRET and JWT_JWKS_URL are both set; keep one');
  if (environment === 'production' && !config.auth.jwtSecret && !config.auth.jwksUrl)
    r.problems.push('NODE_ENV is production, so JWT_SECRET (or JWT_SECRET_FILE) or JWT_JWKS_URL must be set');
  r.problems.push(...modelProblems(config.provider));
  if (r.problems.length > 0) throw new ConfigError(r.problems);
  return deepFreeze(config);
}

function deepFreeze<T extends object>(value: T): T {
  for (const inner of Object.values(value))
    if (typeof inner === 'object' && inner !== null) deepFreeze(inner as object);
  return Object.freeze(value);
}
