/** What `mge atomize PATH` shows: how a folder of sources falls into atoms. */
import type { AtomDraft, AtomizedFile } from './atomized-file.ts';
import { LIMITS } from './cuts.ts';
import { readSources } from './folder.ts';
import type { Atomizer } from './pool.ts';
import { linkNames } from './project-names.ts';
import { linkTests } from './project-tests.ts';
import type { SourceFile } from '../domain/index.ts';

export interface AtomizePathOptions {
  /** Join the atoms of every file again and compare the bytes. */
  readonly check?: boolean;
  /** How many of the worst atoms are listed; default 10. */
  readonly worst?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface LanguageStats {
  readonly files: number;
  readonly lines: number;
  readonly atoms: number;
  /** Mean lines of code per atom. */
  readonly avgLoc: number;
}

export interface WorstAtom {
  readonly file: string;
  readonly startLine: number;
  readonly endLine: number;
  readonly name: string;
  readonly loc: number;
  readonly bytes: number;
  readonly complexity: number;
  readonly atomicityScore: number;
  readonly reasons: readonly string[];
}

export interface AtomizeReport {
  readonly files: number;
  readonly bytes: number;
  readonly lines: number;
  readonly atoms: number;
  readonly byLanguage: Readonly<Record<string, LanguageStats>>;
  /** Atoms by lines of code: `histogram[i]` atoms have i; the last entry counts all that have more than 20. */
  readonly histogram: readonly number[];
  readonly loc: { readonly median: number; readonly max: number; readonly avg: number };
  /** Share of atoms within 5 to 15 lines of code, over files of 5 lines of code or more; 0 to 1. */
  readonly withinLimits: number;
  readonly avgComplexity: number;
  readonly avgAtomicity: number;
  readonly avgCompleteness: number;
  readonly atomic: number;
  /** Atoms larger than they should be, by reason. */
  readonly oversize: Readonly<Record<string, number>>;
  readonly worst: readonly WorstAtom[];
  readonly syntaxErrors: readonly {
    readonly file: string;
    readonly startLine: number;
    readonly endLine: number;
    readonly message: string;
  }[];
  readonly notes: readonly { readonly file: string; readonly note: string }[];
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
  /** Files whose atoms do not join to the file; undefined unless checked. */
  readonly lossy?: readonly string[];
  readonly durationMs: number;
}

const HISTOGRAM_END = 21;
const DEFAULT_WORST = 10;

const rounded = (value: number): number => Math.round(value * 10_000) / 10_000;
const mean = (atoms: readonly AtomDraft[], pick: (atom: AtomDraft) => number): number =>
  atoms.length === 0 ? 0 : rounded(atoms.reduce((sum, atom) => sum + pick(atom), 0) / atoms.length);

/** True when the atoms of a file, joined in order, are the file. */
export function isLossless(source: SourceFile, file: AtomizedFile): boolean {
  let at = 0;
  for (const { range } of file.atoms) {
    if (range.startByte !== at || range.endByte < range.startByte) return false;
    at = range.endByte;
  }
  return at === source.bytes.length && file.atoms.length > 0;
}

function languageStats(files: readonly AtomizedFile[]): Record<string, LanguageStats> {
  const stats: Record<string, LanguageStats> = {};
  for (const language of [...new Set(files.map((file) => file.language))].sort()) {
    const own = files.filter((file) => file.language === language);
    const atoms = own.flatMap((file) => file.atoms);
    const lines = own.reduce((sum, file) => sum + file.lines, 0);
    stats[language] = { files: own.length, lines, atoms: atoms.length, avgLoc: mean(atoms, (atom) => atom.loc) };
  }
  return stats;
}

function worstAtoms(files: readonly AtomizedFile[], count: number): WorstAtom[] {
  const listed = files.flatMap((file) => file.atoms.map((atom) => ({ file, atom })));
  listed.sort((a, b) => a.atom.atomicityScore - b.atom.atomicityScore || b.atom.loc - a.atom.loc);
  return listed.slice(0, count).map(({ file, atom }) => ({
    file: file.path,
    startLine: atom.range.startLine,
    endLine: atom.range.endLine,
    name: atom.name,
    loc: atom.loc,
    bytes: atom.range.endByte - atom.range.startByte,
    complexity: atom.complexity,
    atomicityScore: atom.atomicityScore,
    reasons: atom.violations.map((violation) => `${violation.name}: ${violation.message}`),
  }));
}

function oversizeReasons(atoms: readonly AtomDraft[]): Record<string, number> {
  const reasons: Record<string, number> = {};
  for (const { oversize } of atoms) {
    if (oversize === null) continue;
    const reason = oversize.replace(/\d+/g, 'N');
    reasons[reason] = (reasons[reason] ?? 0) + 1;
  }
  return reasons;
}

function locStats(files: readonly AtomizedFile[]): Pick<AtomizeReport, 'histogram' | 'loc' | 'withinLimits'> {
  const atoms = files.flatMap((file) => file.atoms);
  const histogram = new Array<number>(HISTOGRAM_END + 1).fill(0);
  for (const { loc } of atoms) {
    const slot = Math.min(loc, HISTOGRAM_END);
    histogram[slot] = (histogram[slot] ?? 0) + 1;
  }
  const sorted = atoms.map((atom) => atom.loc).sort((a, b) => a - b);
  const counted = files
    .filter((file) => file.atoms.reduce((sum, atom) => sum + atom.loc, 0) >= LIMITS.minLoc)
    .flatMap((file) => file.atoms);
  const within = counted.filter(({ loc }) => loc >= LIMITS.minLoc && loc <= LIMITS.maxLoc).length;
  return {
    histogram,
    loc: { median: sorted[sorted.length >> 1] ?? 0, max: sorted.at(-1) ?? 0, avg: mean(atoms, (atom) => atom.loc) },
    withinLimits: counted.length === 0 ? 1 : rounded(within / counted.length),
  };
}

/** The report over files that were atomized. */
export function reportOn(
  files: readonly AtomizedFile[],
  worst = DEFAULT_WORST,
): Omit<AtomizeReport, 'skipped' | 'durationMs' | 'lossy'> {
  const atoms = files.flatMap((file) => file.atoms);
  return {
    files: files.length,
    bytes: files.reduce((sum, file) => sum + file.bytes, 0),
    lines: files.reduce((sum, file) => sum + file.lines, 0),
    atoms: atoms.length,
    byLanguage: languageStats(files),
    ...locStats(files),
    avgComplexity: mean(atoms, (atom) => atom.complexity),
    avgAtomicity: mean(atoms, (atom) => atom.atomicityScore),
    avgCompleteness: mean(atoms, (atom) => atom.context.completeness_score),
    atomic: atoms.filter((atom) => atom.isAtomic).length,
    oversize: oversizeReasons(atoms),
    worst: worstAtoms(files, worst),
    syntaxErrors: files.flatMap((file) => file.syntaxErrors.map((error) => ({ file: file.path, ...error }))),
    notes: files.flatMap((file) => file.notes.map((note) => ({ file: file.path, note }))),
  };
}

/**
 * Atomizes every source under a folder (or one file) and says how it went. Respects .gitignore.
 * @throws {MgeError} NOT_FOUND when there is nothing at `path`; LIMIT_EXCEEDED when it is too much at once.
 */
export async function atomizePath(
  atomizer: Atomizer,
  path: string,
  options: AtomizePathOptions = {},
): Promise<AtomizeReport> {
  const started = performance.now();
  const { files: sources, skipped } = await readSources(path);
  const { signal, onProgress } = options;
  const cut = await atomizer.atomize(sources, {
    ...(signal === undefined ? {} : { signal }),
    ...(onProgress === undefined ? {} : { onProgress }),
  });
  const textOf = (index: number, atom: AtomDraft): string =>
    Buffer.from((sources[index] as SourceFile).bytes.subarray(atom.range.startByte, atom.range.endByte)).toString();
  const files = await linkTests(await linkNames(cut), textOf);
  const lossy = sources
    .filter((source, i) => !isLossless(source, files[i] as AtomizedFile))
    .map((source) => source.path);
  return {
    ...reportOn(files, options.worst),
    skipped,
    ...(options.check === true ? { lossy } : {}),
    durationMs: Math.round(performance.now() - started),
  };
}
