import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createProgram } from '../../../src/cli/program.ts';
import { loadConfig } from '../../../src/config/index.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const DEPLOY = join(ROOT, 'deploy');
const read = (path: string): string => readFileSync(join(DEPLOY, path), 'utf8');

interface Service {
  readonly image?: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>> | readonly string[];
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
  readonly stop_grace_period?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
}

const compose = parse(read('compose.yaml'), { merge: true }) as {
  services: Record<string, Service>;
  volumes: Record<string, null>;
};
const { services } = compose;
const service = (name: string): Service => {
  const found = services[name];
  if (!found) throw new Error(`compose.yaml has no service ${name}`);
  return found;
};
const OWN = ['api', 'worker', 'migrate'];

/** `${NAME:?why}` and `${NAME:-standard}` as Compose resolves them. */
function resolved(environment: Readonly<Record<string, string>>): Record<string, string> {
  const given: Record<string, string> = { POSTGRES_PASSWORD: 'secret', JWT_SECRET: 'sixteen characters or more' };
  const fill = (text: string) =>
    text.replaceAll(
      /\$\{(\w+):([?-])([^}]*)\}/g,
      (_all, name: string, kind: string, rest: string) => given[name] ?? (kind === '-' ? rest : ''),
    );
  return Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, fill(value)]));
}

describe('compose.yaml', () => {
  it('has the services that the runbooks stop, start and look into', () => {
    expect(Object.keys(services)).toEqual(expect.arrayContaining([...OWN, 'postgres', 'redis', 'chroma']));
  });

  it('gives the program an environment that it accepts', () => {
    for (const name of OWN) {
      const config = loadConfig(resolved(service(name).environment ?? {}), '/');
      expect(config.environment, name).toBe('production');
      expect(new URL(config.services.databaseUrl ?? '').host).toBe('postgres:5432');
      expect(new URL(config.services.redisUrl ?? '').host).toBe('redis:6379');
      expect(config.services.chromaUrl).toBe('http://chroma:8000');
    }
    expect(loadConfig(resolved(service('worker').environment ?? {}), '/').workerPort).toBe(8001);
  });

  it('runs commands that the program knows', () => {
    const program = createProgram(() => undefined);
    for (const name of OWN) {
      const [binary, ...words] = service(name).command ?? [];
      expect(binary).toBe('mge');
      let level = program;
      for (const word of words) {
        const next = level.commands.find((command) => command.name() === word);
        expect(next, `${name}: ${word}`).toBeDefined();
        if (next) level = next;
      }
    }
  });

  it('starts in order: servers, the migration, the program', () => {
    const needs = (name: string) => service(name).depends_on as Record<string, { condition: string }>;
    for (const name of ['api', 'worker'])
      expect(needs(name)).toMatchObject({
        postgres: { condition: 'service_healthy' },
        redis: { condition: 'service_healthy' },
        migrate: { condition: 'service_completed_successfully' },
      });
    for (const name of ['postgres', 'redis']) expect(service(name).healthcheck?.test, name).toBeDefined();
    for (const [name, { depends_on: dependencies = {} }] of Object.entries(services))
      for (const other of Array.isArray(dependencies) ? (dependencies as string[]) : Object.keys(dependencies))
        expect(Object.keys(services), name).toContain(other);
  });

  it('runs the program unprivileged and gives it time to drain', () => {
    for (const name of OWN) expect(service(name)).toMatchObject({ read_only: true, cap_drop: ['ALL'] });
    for (const name of ['api', 'worker'])
      expect(parseInt(service(name).stop_grace_period ?? '0', 10)).toBeGreaterThan(30);
  });

  it('opens ports on this machine only, and names volumes and files that exist', () => {
    for (const [name, { ports = [], volumes = [] }] of Object.entries(services)) {
      for (const port of ports) expect(port, name).toMatch(/^127\.0\.0\.1:/);
      for (const volume of volumes) {
        const [source = ''] = volume.split(':');
        if (source.startsWith('.')) expect(existsSync(join(DEPLOY, source)), volume).toBe(true);
        else if (volume.includes(':')) expect(Object.keys(compose.volumes), name).toContain(source);
      }
    }
  });

  it('lets Redis refuse rather than forget', () => {
    expect(service('redis').command?.join(' ')).toContain('--maxmemory-policy noeviction');
  });
});

describe('the Dockerfile', () => {
  const lines = read('Dockerfile').replaceAll('\\\n', ' ').split('\n');
  const last = (instruction: string) => lines.filter((line) => line.startsWith(`${instruction} `)).at(-1) ?? '';

  it('copies what exists, and what its ignore file lets through', () => {
    const allowed = read('Dockerfile.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    const copied = lines
      .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
      .flatMap((line) => line.split(/\s+/).slice(1, -1));
    expect(copied.length).toBeGreaterThan(5);
    for (const path of copied) {
      expect(existsSync(join(ROOT, path)), path).toBe(true);
      expect(allowed, path).toContain(path);
    }
    expect(allowed.filter((path) => !copied.includes(path))).toEqual([]);
  });

  it('runs as a user of its own, under an init, with a health check, and starts the API', () => {
    expect(last('USER')).toBe('USER 10001:10001');
    expect(last('ENTRYPOINT')).toBe('ENTRYPOINT ["tini", "--"]');
    expect(last('CMD')).toBe('CMD ["mge", "serve"]');
    expect(last('HEALTHCHECK')).toContain('/health/live');
    expect(lines.filter((line) => line.startsWith('FROM '))).toHaveLength(2);
  });

  it('is what compose.yaml builds', () => {
    expect(service('api').build).toEqual({ context: '..', dockerfile: 'deploy/Dockerfile' });
  });
});
