import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createMetrics } from '../../../src/adapters/telemetry/metrics.ts';
import { createLogger } from '../../../src/adapters/telemetry/logger.ts';
import { systemClock } from '../../../src/adapters/runtime.ts';
import { buildWorkerServer } from '../../../src/api/index.ts';
import { openDatabase } from '../../../src/db/index.ts';

const read = (path: string): string => readFileSync(new URL(`../../../deploy/${path}`, import.meta.url), 'utf8');

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string };
}
interface Panel {
  readonly title: string;
  readonly type: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string }[];
}

const rules = (parse(read('prometheus/alerts.yaml')) as { groups: { rules: Rule[] }[] }).groups.flatMap(
  (group) => group.rules,
);
const { panels } = JSON.parse(read('grafana/mge.json')) as { panels: Panel[] };
/** Series names by the metric's type, as /metrics has them. */
let series: Set<string>;
let labels: Map<string, Set<string>>;

beforeAll(async () => {
  const metrics = createMetrics({ version: 'test' });
  // Nothing listens on port 1: which names there are does not depend on any service.
  const database = openDatabase({
    url: 'postgresql://nobody@127.0.0.1:1/nothing',
    onIdleError: () => undefined,
  });
  const server = await buildWorkerServer({
    db: database.db,
    pool: database.pool,
    metrics,
    version: 'test',
    log: createLogger('silent'),
    clock: systemClock,
    redis: { url: 'redis://127.0.0.1:1' },
    draining: () => false,
  });
  const text = (await server.inject('/metrics')).body;
  await server.close();
  await database.close();
  series = new Set(['up']);
  for (const [, name = '', type] of text.matchAll(/^# TYPE (\S+) (\S+)$/gm)) {
    if (type === 'histogram') for (const suffix of ['_bucket', '_sum', '_count']) series.add(`${name}${suffix}`);
    else series.add(name);
  }
  labels = new Map();
  for (const metric of metrics.registry.getMetricsAsArray())
    labels.set(metric.name, new Set((metric as unknown as { labelNames: string[] }).labelNames));
});

/** Names of series in an expression: words that are no function, keyword, label or duration. */
function seriesOf(expr: string): string[] {
  const bare = expr
    .replaceAll(/"[^"]*"/g, '')
    .replaceAll(/\{[^}]*\}/g, '')
    .replaceAll(/\[[^\]]*\]/g, '')
    .replaceAll(/\b(by|without)\s*\([^)]*\)/g, '');
  const words = [...bare.matchAll(/[A-Za-z_:][\w:]*(?!\w*\s*\()/g)].map(([word]) => word);
  return words.filter((word) => !['and', 'or', 'unless', 'on', 'ignoring', 'sum', 'min', 'max'].includes(word));
}

/** Labels that an expression selects or groups by, with the series they belong to. */
function selectorsOf(expr: string): { name: string; label: string }[] {
  return [...expr.matchAll(/([A-Za-z_:][\w:]*)\{([^}]*)\}/g)].flatMap(([, name = '', inner = '']) =>
    [...inner.matchAll(/(\w+)\s*[=!]/g)].map(([, label = '']) => ({ name, label })),
  );
}

describe('alerts and dashboard', () => {
  const expressions = () => [
    ...rules.map((rule) => ({ where: rule.alert, expr: rule.expr })),
    ...panels.flatMap((panel) => (panel.targets ?? []).map(({ expr }) => ({ where: panel.title, expr }))),
  ];

  it('name only series that /metrics has', () => {
    for (const { where, expr } of expressions()) {
      expect(seriesOf(expr).length, where).toBeGreaterThan(0);
      for (const name of seriesOf(expr)) expect([...series], `${where}: ${expr}`).toContain(name);
    }
  });

  it('select only by labels that the series carry', () => {
    for (const { where, expr } of expressions())
      for (const { name, label } of selectorsOf(expr)) {
        if (name === 'up') continue;
        const carried = labels.get(name) ?? labels.get(name.replace(/_(bucket|sum|count)$/, ''));
        expect([...(carried ?? [])], `${where}: ${name}{${label}}`).toContain(label);
      }
  });

  it('show every metric of this program but the one that only names the build', () => {
    const shown = new Set(panels.flatMap((panel) => (panel.targets ?? []).flatMap(({ expr }) => seriesOf(expr))));
    const own = [...series].filter((name) => /^(mge|m10|http|flow)_/.test(name) && !/_(sum|count)$/.test(name));
    expect(own.filter((name) => !shown.has(name))).toEqual(['mge_build_info']);
  });

  it('alert on what the runbooks alert on, each with words for people', () => {
    const names = rules.map((rule) => rule.alert);
    expect(names).toEqual(
      expect.arrayContaining([
        'HighErrorRate',
        'HighResponseTime',
        'FlowProcessingFailure',
        'DatabaseConnectionFailure',
      ]),
    );
    const m10 = (name: string) => rules.find((rule) => rule.expr.includes(name))?.expr;
    expect(m10('m10_locks_failed_total')).toMatch(/\* 60 > 10$/);
    expect(m10('m10_replay_duplicates_total')).toMatch(/\* 60 > 5$/);
    expect(m10('m10_outbox_pending_gauge')).toMatch(/> 100$/);
    expect(m10('m10_outbox_retry_total')).toMatch(/\* 60 > 20$/);
    expect(new Set(names).size).toBe(names.length);
    for (const rule of rules) {
      expect(['critical', 'warning'], rule.alert).toContain(rule.labels.severity);
      expect(rule.for, rule.alert).toMatch(/^\d+[mh]$/);
      expect(rule.annotations.summary && rule.annotations.description, rule.alert).toBeTruthy();
    }
  });

  it('lays panels out without gaps or overlaps', () => {
    const taken = new Set<string>();
    for (const { gridPos, title } of panels) {
      expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1)
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          expect(taken.has(`${x},${y}`), title).toBe(false);
          taken.add(`${x},${y}`);
        }
    }
    expect(panels.filter((panel) => panel.type === 'row').map((panel) => panel.title)).toContain(
      'M10 Recovery Operations',
    );
  });

  it('are the same in the chart', () => {
    expect(read('helm/mge/alerts.yaml')).toBe(read('prometheus/alerts.yaml'));
  });
});
