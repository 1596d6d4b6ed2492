import type { SourceParser } from '../adapters/parser/index.ts';
import type { CheckResult } from '../domain/index.ts';
import type { Assembly } from './assembly.ts';
import type { AtomInput } from './atom-input.ts';
import {
  staticFindings,
  type StaticInput,
  type StaticKind,
  type StaticProblem,
  type StaticServices,
  type StaticVerdict,
} from './language-checks.ts';
import { keptVerdict } from './kept-verdicts.ts';
import { notRun } from './report.ts';
import { STATIC_RULES } from './static-rules.ts';

/** Judges a file by its language's rules; null where there are none. */
function judged(parser: SourceParser, services: StaticServices, input: StaticInput): Promise<StaticVerdict> | null {
  const rules = STATIC_RULES[input.language];
  return rules === undefined ? null : keptVerdict(input, services.verdicts, () => rules(parser, input, services));
}

interface Shown {
  readonly testType: string;
  readonly kinds: readonly StaticKind[];
}

const ATOM_CHECKS: readonly Shown[] = [
  { testType: 'semantics', kinds: ['names', 'semantics'] },
  { testType: 'types', kinds: ['types'] },
  { testType: 'contracts', kinds: ['contracts'] },
];

const MODULE_CHECKS: readonly Shown[] = [
  { testType: 'imports', kinds: ['names'] },
  { testType: 'semantics', kinds: ['semantics'] },
  { testType: 'types', kinds: ['types'] },
  { testType: 'contracts', kinds: ['contracts'] },
];

function show(
  input: StaticInput,
  shown: Shown,
  verdict: StaticVerdict | null,
  problems: readonly StaticProblem[],
  durationMs: number,
): CheckResult {
  const { testType, kinds } = shown;
  if (verdict === null) return notRun(testType, `no rules for ${input.language} at this level`);
  const reasons = kinds.map((kind) => verdict.notRun[kind]);
  const own = problems.filter(({ kind }) => kinds.includes(kind));
  const reason = reasons.find((text) => text !== undefined);
  if (own.length === 0 && reasons.every((text) => text !== undefined)) return notRun(testType, reason ?? 'not judged');
  const findings = staticFindings(input.path, input.text, own);
  const failed = findings.some(({ severity }) => severity === 'error' || severity === 'critical');
  return { testType, outcome: failed ? 'failed' : 'passed', reason: null, findings, durationMs };
}

/** A problem that the file has elsewhere, whoever wrote the candidate, is known by its rule and its words. */
function isKnown(problem: StaticProblem, known: readonly StaticProblem[]): boolean {
  return known.some(({ rule, message }) => rule === problem.rule && message === problem.message);
}

/** The problems that count against a candidate: inside its range, or elsewhere and only there since the candidate is in the file. */
async function counted(
  parser: SourceParser,
  services: StaticServices,
  input: AtomInput,
  assembly: Assembly,
  problems: readonly StaticProblem[],
): Promise<StaticProblem[]> {
  const isWhole = assembly.start === 0 && assembly.end === assembly.text.length;
  // What the file as a whole lacks (a start below 0) lies in no atom's range, unless the atom is the file.
  const inside = ({ start }: StaticProblem): boolean => isWhole || (start >= assembly.start && start <= assembly.end);
  if (problems.every(inside)) return [...problems];
  const draft = Buffer.concat([input.before, input.draft ?? new Uint8Array(), input.after]).toString('utf8');
  const { path, language, contract } = input;
  const baseline = await judged(parser, services, { path, language, text: draft, contract: contract ?? null });
  return problems.filter((problem) => inside(problem) || !isKnown(problem, baseline?.problems ?? []));
}

/** Names, semantics, types and contracts of a candidate inside its file. */
export async function atomStaticChecks(
  parser: SourceParser,
  services: StaticServices,
  input: AtomInput,
  assembly: Assembly,
  parses: boolean,
): Promise<CheckResult[]> {
  if (!parses) return ATOM_CHECKS.map(({ testType }) => notRun(testType, 'the file does not parse'));
  const { path, language, contract } = input;
  const whole: StaticInput = { path, language, text: assembly.text, contract: contract ?? null };
  const began = performance.now();
  const verdict = await judged(parser, services, whole);
  const problems = verdict === null ? [] : await counted(parser, services, input, assembly, verdict.problems);
  const durationMs = Math.round(performance.now() - began);
  return ATOM_CHECKS.map((shown) => show(whole, shown, verdict, problems, durationMs));
}

/** The same of an assembled file. */
export async function moduleStaticChecks(
  parser: SourceParser,
  services: StaticServices,
  input: StaticInput,
  parses: boolean,
): Promise<CheckResult[]> {
  if (!parses) return MODULE_CHECKS.map(({ testType }) => notRun(testType, 'the file does not parse'));
  const began = performance.now();
  const verdict = await judged(parser, services, input);
  const durationMs = Math.round(performance.now() - began);
  return MODULE_CHECKS.map((shown) => show(input, shown, verdict, verdict?.problems ?? [], durationMs));
}
