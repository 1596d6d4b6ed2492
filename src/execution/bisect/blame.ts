import { posix } from 'node:path';
import { sql } from 'drizzle-orm';
import type { Db } from '../../db/index.ts';
import type { CheckResult, Finding, ProjectCheck } from '../../domain/index.ts';
import type { Validation } from '../../validation/index.ts';
import { rowsOf } from '../statements/json-rows.ts';
import { doubtFinding, holdsDoubt, type TestDoubt } from '../doubted-tests.ts';
import { loadDoubts } from '../weigh-tests.ts';
import { atomAt, filesWith, loadSlices, type Slice, type Slices } from './project-slices.ts';
import { findCulprits, ProbesUsedUp } from './search.ts';
import { framesOf, innermost, isTestFile } from './stack-frames.ts';

/** Runs of level 4 that one search may take. */
const MAX_RUNS = 8;
/** Dependencies of a failing test that are blamed together; of more nobody knows which. */
const MAX_GUESSED = 2;
/** Findings kept per atom. */
const MAX_FINDINGS = 10;

/** An atom that a failing level 2, 3 or 4 comes down to. */
export interface Blamed {
  readonly atom: Slice;
  /** The lowest of the levels that failed; 1 for a drafted test that refused text after text. */
  readonly level: 1 | 2 | 3 | 4;
  readonly findings: readonly Finding[];
  /** Nobody knows that this very atom is wrong (a test that fails by itself): a person looks, no new text is asked for. */
  readonly isGuess: boolean;
}

export interface Blame {
  readonly atoms: readonly Blamed[];
  /** Runs of level 4 that the search took. */
  readonly runs: number;
}

interface Where {
  readonly masterplanId: string;
  readonly executionId: string;
  readonly checks: readonly ProjectCheck[];
  readonly signal: AbortSignal;
}

/** Something that fails at level 4 and names no line of code. */
interface Unplaced {
  readonly check: CheckResult;
  /** Name of the failing test; null when the whole tool failed. */
  readonly test: string | null;
  readonly finding: Finding;
}

class Ledger {
  private readonly found = new Map<
    string,
    { atom: Slice; level: Blamed['level']; findings: Finding[]; isGuess: boolean }
  >();

  add(atom: Slice, level: Blamed['level'], finding: Finding, isGuess = false): void {
    const entry = this.found.get(atom.atomId) ?? { atom, level, findings: [], isGuess };
    entry.isGuess &&= isGuess;
    if (entry.findings.length < MAX_FINDINGS) entry.findings.push(finding);
    this.found.set(atom.atomId, entry);
  }

  get atoms(): Blamed[] {
    return [...this.found.values()];
  }
}

const isGrave = ({ severity }: Finding): boolean => severity === 'error' || severity === 'critical';

/**
 * The atoms that the failures of levels 2, 3 and 4 come down to. A finding with a line of code names its atom, a failing test the
 * innermost code of its stack trace. What names neither is searched for: atoms whose accepted text is not their draft carry the draft
 * again, group by group, until the failure is gone; at most 8 runs. Without such atoms, what a failing test depends on is taken when
 * it is one or two atoms; else the test itself, for a person to look at.
 */
export async function blameAtoms(
  deps: { readonly db: Db; readonly validation: Pick<Validation, 'validateSystem'> },
  of: Where,
  system: readonly CheckResult[],
): Promise<Blame> {
  const failed = system.filter((check) => check.outcome === 'failed');
  const lower = await lowerFindings(deps.db, of);
  const doubts = await loadDoubts(deps.db, of.masterplanId);
  if (failed.length === 0 && lower.length === 0 && doubts.length === 0) return { atoms: [], runs: 0 };
  const slices = await loadSlices(deps.db, of.masterplanId);
  const ledger = new Ledger();
  for (const { level, findings } of lower)
    for (const finding of findings.filter(isGrave)) {
      const atom = atomAt(slices, finding.file, finding.line);
      if (atom) ledger.add(atom, level, finding);
    }
  for (const doubt of doubts) blameDoubted(doubt, slices, ledger);
  const unplaced = failed.flatMap((check) => place(check, of.checks, slices, doubts, ledger));
  const runs = await search(deps, of, slices, unplaced, ledger);
  return { atoms: ledger.atoms, runs };
}

/** Findings of levels 2 and 3 that failed, for the text that stands. */
async function lowerFindings(db: Db, of: Where): Promise<{ level: 2 | 3; findings: Finding[] }[]> {
  return rowsOf(
    db,
    sql`with latest as (
          select distinct on (level_number, scope) level_number, scope, error_details->>'fingerprint' as fingerprint
          from validation_results
          where execution_id = ${of.executionId}::uuid and level_number in (2, 3) and error_details ? 'fingerprint'
          order by level_number, scope, created_at desc, validation_id desc)
        select v.level_number as level, v.error_details->'findings' as findings
        from validation_results v join latest l on l.level_number = v.level_number and l.scope = v.scope
          and l.fingerprint = v.error_details->>'fingerprint'
        where v.execution_id = ${of.executionId}::uuid and v.outcome = 'failed' order by v.level_number, v.scope`,
  );
}

/** Books what names its code by itself; gives what does not. */
function place(
  check: CheckResult,
  parts: readonly ProjectCheck[],
  slices: Slices,
  doubts: readonly TestDoubt[],
  ledger: Ledger,
): Unplaced[] {
  if (check.testType === 'acceptance') return []; // The tests behind it failed by themselves.
  const part = parts.find(({ name }) => name === check.part);
  const failing = (check.cases ?? []).filter(({ outcome }) => outcome === 'failed');
  if (failing.length === 0) return placeFindings(check, part, slices, ledger);
  return failing.flatMap(({ name, message }) => {
    const finding = findingOf(check, name, message);
    const doubted = doubts.find((doubt) => isTestOf(doubt, name));
    if (doubted !== undefined) {
      for (const atom of holders(doubted, slices)) ledger.add(atom, 4, { ...finding, file: atom.filePath }, true);
      return [];
    }
    const frames = framesOf(message ?? '', part?.directory ?? '.', slices);
    const frame = innermost(frames, part?.toolchain ?? '');
    const atom = frame && atomAt(slices, frame.file, frame.line);
    if (!atom) return [{ check, test: name, finding }];
    ledger.add(atom, 4, { ...finding, file: atom.filePath, line: frame.line });
    return [];
  });
}

/** Atoms of a test's file that hold the expectation. */
function holders(doubt: TestDoubt, slices: Slices): Slice[] {
  return (slices.get(doubt.file) ?? []).filter(({ current }) => holdsDoubt(doubt, current.toString('utf8')));
}

/** A drafted test that is in doubt and stands as it was drafted is for a person to look at; one that was written anew is not. */
function blameDoubted(doubt: TestDoubt, slices: Slices, ledger: Ledger): void {
  for (const atom of holders(doubt, slices))
    if (atom.draft.equals(atom.current)) ledger.add(atom, 1, doubtFinding(doubt, 'error'), true);
}

/** Runners name a test by its file, below the part's folder, and its own name. */
function isTestOf({ file, test }: TestDoubt, name: string): boolean {
  const leaf = (of: string): string => of.split(/::| > /).at(-1) ?? of;
  return test !== null && leaf(test) === leaf(name) && name.includes(posix.basename(file));
}

function placeFindings(check: CheckResult, part: ProjectCheck | undefined, slices: Slices, ledger: Ledger): Unplaced[] {
  const grave = check.findings.filter(isGrave);
  let placed = 0;
  for (const finding of grave) {
    const atom = atomAt(slices, finding.file, finding.line);
    if (!atom) continue;
    ledger.add(atom, 4, finding);
    placed += 1;
  }
  const [first] = grave;
  if (placed > 0 || first === undefined) return [];
  const frame = innermost(framesOf(check.output ?? '', part?.directory ?? '.', slices), part?.toolchain ?? '');
  const atom = frame && atomAt(slices, frame.file, frame.line);
  if (!atom) return [{ check, test: null, finding: first }];
  ledger.add(atom, 4, { ...first, file: atom.filePath, line: frame.line });
  return [];
}

/** The finding of a failing test: its name and what it said, the end of which tells expected and actual. */
function findingOf(check: CheckResult, test: string, message: string | null): Finding {
  const known = check.findings.find((finding) => finding.message.startsWith(`${test}: `));
  const text = `the test ${test} fails: ${(message ?? 'failed').slice(-1_500)}`;
  const base = { file: check.part ?? '.', line: 1, column: 1, rule: 'failing-test', suggestion: null };
  return { ...base, ...(known ?? {}), severity: 'error', message: text };
}

async function search(
  deps: { readonly db: Db; readonly validation: Pick<Validation, 'validateSystem'> },
  of: Where,
  slices: Slices,
  unplaced: readonly Unplaced[],
  ledger: Ledger,
): Promise<number> {
  const suspects = [...slices.values()]
    .flat()
    .filter(
      ({ filePath, status, draft, current }) =>
        status === 'COMPLETED' && draft.length > 0 && !draft.equals(current) && !isTestFile(filePath),
    );
  const byId = new Map(suspects.map((atom) => [atom.atomId, atom]));
  const probe = prober(deps.validation, of, slices);
  for (const failure of unplaced) {
    of.signal.throwIfAborted();
    const culprits = await findCulprits([...byId.keys()], (swapped) => probe.isGone(failure, swapped));
    for (const id of culprits) {
      const atom = byId.get(id);
      if (atom) ledger.add(atom, 4, failure.finding);
    }
    if (culprits.length === 0) await blameDependencies(deps.db, slices, failure, ledger);
  }
  return probe.runs();
}

/** Level 4 over the project with some drafts in place; each set of atoms and kind of check is run once. */
function prober(validation: Pick<Validation, 'validateSystem'>, of: Where, slices: Slices) {
  const known = new Map<string, Promise<readonly CheckResult[]>>();
  let runs = 0;
  const run = (check: CheckResult, swapped: ReadonlySet<string>): Promise<readonly CheckResult[]> => {
    const key = JSON.stringify([check.part, check.testType, [...swapped].sort()]);
    let result = known.get(key);
    if (result === undefined) {
      if (runs >= MAX_RUNS) throw new ProbesUsedUp('no run is left');
      runs += 1;
      const checks = of.checks.filter(({ name }) => check.part === undefined || name === check.part);
      result = validation
        .validateSystem({ files: filesWith(slices, swapped), checks, only: [check.testType] }, of.signal)
        .then((report) => report.checks);
      known.set(key, result);
    }
    return result;
  };
  return {
    runs: () => runs,
    isGone: async ({ check, test }: Unplaced, swapped: ReadonlySet<string>): Promise<boolean> => {
      const checks = await run(check, swapped);
      const same = checks.filter((one) => one.part === check.part && one.testType === check.testType);
      if (test === null) return same.length > 0 && same.every(({ outcome }) => outcome === 'passed');
      return same.some((one) => one.cases?.some(({ name, outcome }) => name === test && outcome === 'passed') === true);
    },
  };
}

/** What the failing test uses, when that is little; else the test, as a guess. */
async function blameDependencies(db: Db, slices: Slices, failure: Unplaced, ledger: Ledger): Promise<void> {
  const test = atomAt(slices, failure.finding.file, failure.finding.line);
  if (test === null) return;
  const used = await rowsOf<{ atomId: string }>(
    db,
    sql`select distinct d.to_atom_id as "atomId" from atom_dependencies d where d.from_atom_id = ${test.atomId}::uuid`,
  );
  const ids = new Set(used.map(({ atomId }) => atomId));
  const code = [...slices.values()].flat().filter(({ atomId, filePath }) => ids.has(atomId) && !isTestFile(filePath));
  if (code.length > 0 && code.length <= MAX_GUESSED) for (const atom of code) ledger.add(atom, 4, failure.finding);
  else ledger.add(test, 4, failure.finding, true);
}
