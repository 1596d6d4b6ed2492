import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { listRevisions, renderSql } from '../../../src/db/migrations.ts';

const folders: string[] = [];
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true })));

function folderWith(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'mge-migrations-'));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

describe('the list of revisions', () => {
  test('holds every step in order, each with its way back', () => {
    const names = listRevisions().map((r) => r.revision);
    expect(names.slice(0, 3)).toEqual(['001_mvp_baseline', '002_mge_v2_schema', '003_m10_recovery']);
    for (const revision of listRevisions()) expect(revision.down).toMatch(/DROP/);
  });

  test('is the same whatever line endings a checkout has', () => {
    const [unix] = listRevisions(folderWith({ '001_a.up.sql': 'SELECT 1;\nSELECT 2;\n', '001_a.down.sql': '' }));
    const [windows] = listRevisions(folderWith({ '001_a.up.sql': 'SELECT 1;\r\nSELECT 2;\r\n', '001_a.down.sql': '' }));
    expect(windows?.sha256).toBe(unix?.sha256);
  });

  test('notices a step without a way back, a gap, and an empty installation', () => {
    expect(() => listRevisions(folderWith({ '001_a.up.sql': '' }))).toThrow(/001_a cannot be read in both directions/);
    const gap = { '001_a.up.sql': '', '001_a.down.sql': '', '003_c.up.sql': '', '003_c.down.sql': '' };
    expect(() => listRevisions(folderWith(gap))).toThrow(/003_c is number 2/);
    expect(() => listRevisions(folderWith({}))).toThrow(/installation is incomplete/);
  });
});

describe('rendered SQL', () => {
  test('is one transaction per step, in order, and records each', () => {
    const text = renderSql('001', 'head');
    const steps = [...text.matchAll(/^-- Running (\w+) (\w+)$/gm)].map((m) => `${m[1]} ${m[2]}`);
    expect(steps).toEqual(['upgrade 002_mge_v2_schema', 'upgrade 003_m10_recovery']);
    expect(text.match(/^BEGIN;$/gm)).toHaveLength(2);
    expect(text.match(/^COMMIT;$/gm)).toHaveLength(2);
    expect(text).toContain("INSERT INTO mge_migrations (revision, checksum) VALUES ('003_m10_recovery'");
  });

  test('runs backwards when the target is older, and is empty when there is nothing to do', () => {
    const steps = [...renderSql('head', '001').matchAll(/^-- Running (\w+) (\w+)$/gm)].map((m) => `${m[1]} ${m[2]}`);
    expect(steps).toEqual(['downgrade 003_m10_recovery', 'downgrade 002_mge_v2_schema']);
    expect(renderSql('2', 'mge_v2_schema')).toBe('');
  });

  test.each(['', '9', 'nonsense', '00', '1x'])('refuses the name "%s" and lists those that exist', (name) => {
    expect(() => renderSql('base', name)).toThrow(/there are: base, 001_mvp_baseline, .*head/);
  });
});
