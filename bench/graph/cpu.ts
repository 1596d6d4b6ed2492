/** What atoms, facts, edges and waves cost beside a bare parse of the same files, in CPU time, and the memory that it takes. */
import { decodeSource, openParser, type SourceParser } from '../../src/adapters/parser/index.ts';
import { atomizeInThread, type AtomizedFile } from '../../src/atomization/index.ts';
import type { SourceFile } from '../../src/domain/index.ts';
import { assembleGraph } from '../../src/graph/assemble.ts';
import { planWaves } from '../../src/graph/index.ts';

export interface CpuReport {
  readonly files: number;
  readonly lines: number;
  /** CPU milliseconds of a bare parse; each of the others is a multiple of it, and they add up to `all`. Medians of 3 rounds. */
  readonly parseMs: number;
  /** Parse, atoms and their context. */
  readonly atoms: number;
  readonly facts: number;
  readonly edges: number;
  readonly waves: number;
  readonly all: number;
  readonly linesPerSecond: number;
  /** Of the facts, which stay until the edges are found, and the most that the process has taken so far. Megabytes. */
  readonly factsMb: number;
  readonly peakMb: number;
}

interface Round {
  parse: number;
  atoms: number;
  withFacts: number;
  edges: number;
  waves: number;
}

function cpuOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
}

function oneRound(parser: SourceParser, projects: readonly (readonly SourceFile[])[]): Round & { factsMb: number } {
  const sources = projects.flat();
  const texts = sources.map((source) => decodeSource(source.bytes).text);
  const round = { parse: 0, atoms: 0, withFacts: 0, edges: 0, waves: 0, factsMb: 0 };
  round.parse = cpuOf(() => {
    sources.forEach((source, i) => parser.parse(source.language, texts[i] ?? '')?.delete());
  });
  let at = 0;
  for (const project of projects) {
    const first = at;
    at += project.length;
    let files: AtomizedFile[] = [];
    // Kept until the next project, as the files with facts are: what it costs to keep results belongs to both.
    round.atoms += cpuOf(() => {
      files = project.map((source) => atomizeInThread(parser, source));
    });
    round.withFacts += cpuOf(() => {
      files = project.map((source) => atomizeInThread(parser, source, { withFacts: true }));
    });
    let graph = { atomCount: 0, edges: [] } as Pick<ReturnType<typeof assembleGraph>, 'atomCount' | 'edges'>;
    round.edges += cpuOf(() => {
      graph = assembleGraph(files.map((file, i) => ({ file, text: () => texts[first + i] ?? '' })));
    });
    round.waves += cpuOf(() => planWaves(graph.atomCount, graph.edges));
    round.factsMb += files.reduce((sum, file) => sum + bytesOf(file), 0) / 1e6;
  }
  return round;
}

function bytesOf(file: AtomizedFile): number {
  const columns = Object.values(file.facts ?? {}) as unknown[];
  return columns.reduce<number>((sum, column) => sum + (ArrayBuffer.isView(column) ? column.byteLength : 0), 0);
}

/** Costs of projects of one language, in one thread; the first round warms up and does not count. */
export async function measureCpu(projects: readonly (readonly SourceFile[])[]): Promise<CpuReport> {
  const parser = await openParser();
  const rounds = Array.from({ length: 4 }, () => oneRound(parser, projects)).slice(1);
  parser.close();
  const of = (pick: (round: Round) => number): number => median(rounds.map(pick));
  const parse = of((round) => round.parse);
  const ratio = (ms: number): number => Number((ms / parse).toFixed(2));
  const sources = projects.flat();
  const lines = sources.reduce((sum, source) => sum + decodeSource(source.bytes).text.split('\n').length, 0);
  const all = of((round) => round.withFacts + round.edges + round.waves);
  return {
    files: sources.length,
    lines,
    parseMs: Math.round(parse),
    atoms: ratio(of((round) => round.atoms)),
    facts: ratio(of((round) => round.withFacts - round.atoms)),
    edges: ratio(of((round) => round.edges)),
    waves: ratio(of((round) => round.waves)),
    all: ratio(all),
    linesPerSecond: Math.round((lines / all) * 1_000),
    factsMb: Math.round(rounds[0]?.factsMb ?? 0),
    peakMb: Math.round(process.resourceUsage().maxRSS / 1_000),
  };
}
