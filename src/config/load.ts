import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { LOG_LEVELS, PROVIDER_NAMES, type Config } from './config.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment does not make a configuration. `problems` lists everything that is wrong, one sentence each. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`the configuration has ${problems.length} problem(s):\n${problems.map((p) => `  - ${p}`).join('\n')}`);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/** Reads variables one by one and remembers every problem instead of stopping at the first. */
class Reader {
  readonly problems: string[] = [];
  private readonly env: Environment;

  constructor(env: Environment) {
    this.env = env;
  }

  text(name: string): string | null {
    const value = this.env[name]?.trim();
    return value ? value : null;
  }

  /** A secret: NAME, or the content of the file that NAME_FILE names. */
  secret(name: string, minLength = 1): string | null {
    const direct = this.text(name);
    const file = this.text(`${name}_FILE`);
    if (direct && file) this.problems.push(`${name} and ${name}_FILE are both set; keep one`);
    let value = direct;
    if (!direct && file) {
      try {
        value = readFileSync(file, 'utf8').trim() || null;
        if (!value) this.problems.push(`${name}_FILE names an empty file: ${file}`);
      } catch (error) {
        this.problems.push(`${name}_FILE cannot be read: ${(error as Error).message}`);
      }
    }
    if (value && value.length < minLength) this.problems.push(`${name} is shorter than ${minLength} characters`);
    return value;
  }

  number(name: string, fallback: number, range: { min: number; max: number; integer: boolean }): number {
    const raw = this.text(name);
    if (raw === null) return fallback;
    const value = Number(raw);
    if (
      Number.isFinite(value) &&
      value >= range.min &&
      value <= range.max &&
      (!range.integer || Number.isInteger(value))
    )
      return value;
    const kind = range.integer ? 'a whole number' : 'a number';
    this.problems.push(`${name} is "${raw}"; it takes ${kind} from ${range.min} to ${range.max}`);
    return fallback;
  }

  flag(name: string, fallback: boolean): boolean {
    const raw = this.text(name)?.toLowerCase();
    if (raw === undefined) return fallback;
    if (['true', '1', 'yes', 'on'].includes(raw)) return true;
    if (['false', '0', 'no', 'off'].includes(raw)) return false;
    this.problems.push(`${name} is "${raw}"; it takes true or false`);
    return fallback;
  }

  oneOf<const T extends string>(name: string, values: readonly T[], fallback: T): T {
    const raw = this.text(name)?.toLowerCase();
    if (raw === undefined) return fallback;
    const found = values.find((value) => value === raw);
    if (found) return found;
    this.problems.push(`${name} is "${raw}"; it takes one of ${values.join(', ')}`);
    return fallback;
  }

  url(name: string, protocols: readonly string[], fallback: string | null = null, isSecret = false): string | null {
    const raw = isSecret ? this.secret(name) : this.text(name);
    if (raw === null) return fallback;
    try {
      const { protocol } = new URL(raw);
      if (protocols.includes(protocol)) return raw;
      this.problems.push(`${name} starts with "${protocol}"; it takes ${protocols.join(' or ')}`);
    } catch {
      this.problems.push(`${name} is not a URL; it looks like ${protocols[0]}//host:port`);
    }
    return fallback;
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
    logLevel: r.oneOf('LOG_LEVEL', LOG_LEVELS, 'info'),
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
    },
    budgetUsd: r.number('MGE_BUDGET_USD', 200, { min: 0, max: 1_000_000, integer: false }),
    concurrency: r.number('MGE_CONCURRENCY', 100, { min: 1, max: 1_000, integer: true }),
  };
  if (config.auth.jwtSecret && config.auth.jwksUrl)
    r.problems.push('JWT_SECRET and JWT_JWKS_URL are both set; keep one');
  if (environment === 'production' && !config.auth.jwtSecret && !config.auth.jwksUrl)
    r.problems.push('NODE_ENV is production, so JWT_SECRET (or JWT_SECRET_FILE) or JWT_JWKS_URL must be set');
  if (r.problems.length > 0) throw new ConfigError(r.problems);
  return deepFreeze(config);
}

function deepFreeze<T extends object>(value: T): T {
  for (const inner of Object.values(value))
    if (typeof inner === 'object' && inner !== null) deepFreeze(inner as object);
  return Object.freeze(value);
}
