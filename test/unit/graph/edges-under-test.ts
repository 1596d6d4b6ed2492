import { openParser, languageOf, tabulate, type SourceParser } from '../../../src/adapters/parser/index.ts';
import { extractFacts } from '../../../src/atomization/facts/extract.ts';
import type { DependencyEdge } from '../../../src/domain/index.ts';
import { resolveEdges, type ProgramFile, type ResolveOptions } from '../../../src/graph/index.ts';

/**
 * Resolves a project whose atoms are its paragraphs: text between blank lines that starts in column 0. Edges are read by line, as
 * `from -> to type`, e.g. `a.py:4 -> b.py:1 function_call`; lines are those where the paragraphs start.
 */
export class Project {
  readonly files: ProgramFile[];
  readonly edges: DependencyEdge[];
  private readonly places: string[] = [];

  private constructor(parser: SourceParser, sources: Record<string, string>, options: ResolveOptions) {
    this.files = Object.entries(sources).map(([path, text]) => this.file(parser, path, text));
    this.edges = resolveEdges(this.files, options);
  }

  static async of(sources: Record<string, string>, options: ResolveOptions = {}): Promise<Project> {
    const parser = await openParser();
    try {
      return new Project(parser, sources, options);
    } finally {
      parser.close();
    }
  }

  private file(parser: SourceParser, path: string, text: string): ProgramFile {
    const language = languageOf(path);
    const tree = parser.parse(language, text);
    const facts = tree === null ? null : extractFacts(tabulate(tree), text, language);
    tree?.delete();
    const starts = [0, ...[...text.matchAll(/\n\n+(?=\S)/g)].map((match) => match.index + match[0].length)];
    const atoms = starts.map((startIndex, i) => {
      const index = this.places.length;
      this.places.push(`${path}:${String(text.slice(0, startIndex).split('\n').length)}`);
      return { startIndex, endIndex: starts[i + 1] ?? text.length, index };
    });
    return { path, language, facts, atoms };
  }

  /** Edges that a compiler would draw: all but those that only order. */
  get names(): string[] {
    return this.written((edge) => edge.type !== 'temporal');
  }

  get order(): string[] {
    return this.written((edge) => edge.type === 'temporal');
  }

  reason(edge: string): string | undefined {
    return this.edges.find((candidate) => this.write(candidate) === edge)?.reason;
  }

  private written(keep: (edge: DependencyEdge) => boolean): string[] {
    return this.edges
      .filter(keep)
      .map((edge) => this.write(edge))
      .sort();
  }

  private write(edge: DependencyEdge): string {
    return `${this.places[edge.from] ?? '?'} -> ${this.places[edge.to] ?? '?'} ${edge.type}`;
  }
}
