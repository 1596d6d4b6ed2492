import type { TestCase } from '../../domain/index.ts';

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function unescape(text: string): string {
  return text.replaceAll(
    /&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi,
    (whole, hex?: string, decimal?: string, name?: string) => {
      const code =
        hex === undefined ? (decimal === undefined ? null : Number.parseInt(decimal, 10)) : Number.parseInt(hex, 16);
      if (code !== null) return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
      return ENTITIES[name ?? ''] ?? whole;
    },
  );
}

function attributes(tag: string): ReadonlyMap<string, string> {
  return new Map([...tag.matchAll(/([\w:-]+)="([^"]*)"/g)].map((match) => [match[1] ?? '', unescape(match[2] ?? '')]));
}

/** A test case with the line on which its function starts. */
export interface PlacedTest extends TestCase {
  readonly file: string;
  /** 1-based; 0 when the report does not say. */
  readonly line: number;
}

/** pytest's node id: file, classes and function, joined with `::`. */
function nodeId(file: string, className: string, name: string): string {
  const module = file.replace(/\.py$/, '').replaceAll('/', '.');
  const classes = className.startsWith(`${module}.`) ? className.slice(module.length + 1).split('.') : [];
  return [file || className.replaceAll('.', '/'), ...classes, name].filter(Boolean).join('::');
}

function outcomeOf(body: string): Pick<TestCase, 'outcome' | 'message'> {
  const verdict = /<(failure|error|skipped)\b([^>]*?)(?:\/>|>([\s\S]*?)<\/\1>)/.exec(body);
  if (verdict === null) return { outcome: 'passed', message: null };
  const message = attributes(verdict[2] ?? '').get('message') ?? '';
  const detail = unescape(verdict[3] ?? '').trim();
  if (verdict[1] === 'skipped') return { outcome: 'skipped', message: message || detail };
  return { outcome: 'failed', message: (detail || message).slice(-4_000) };
}

/** Reads the JUnit XML that pytest writes with `junit_family=xunit1`. */
export function readJunitReport(xml: string): PlacedTest[] {
  const tests: PlacedTest[] = [];
  for (const match of xml.matchAll(/<testcase\b([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g)) {
    const fields = attributes(match[1] ?? '');
    const file = fields.get('file') ?? '';
    tests.push({
      name: nodeId(file, fields.get('classname') ?? '', fields.get('name') ?? ''),
      durationMs: Math.round(Number(fields.get('time') ?? 0) * 1_000),
      file,
      line: fields.has('line') ? Number(fields.get('line')) + 1 : 0,
      ...outcomeOf(match[2] ?? ''),
    });
  }
  return tests;
}
