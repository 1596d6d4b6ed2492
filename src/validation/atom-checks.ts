import type { CheckResult, Finding } from '../domain/index.ts';
import type { SourceParser } from '../adapters/parser/index.ts';
import { assemble, type Assembly } from './assembly.ts';
import { attributableProblems, type Baseline } from './attribution.ts';
import { atomicityFindings } from './atomicity.ts';
import type { AtomInput } from './atom-input.ts';
import type { StaticServices } from './language-checks.ts';
import { notRun } from './report.ts';
import { residueFindings } from './residue.ts';
import { secretFindings } from './security.ts';
import { atomStaticChecks } from './static-checks.ts';
import { judgeSyntax } from './syntax.ts';
import type { SyntaxProblem } from './syntax-problem.ts';
import { TextPositions } from './text-position.ts';

export type { AtomInput };

/** Runs a check and times it (from `began`, where its work started earlier). It fails when a finding is an error or worse. */
export function timed(testType: string, run: () => readonly Finding[], began = performance.now()): CheckResult {
  const findings = run();
  const failed = findings.some((finding) => finding.severity === 'critical' || finding.severity === 'error');
  return {
    testType,
    outcome: failed ? 'failed' : 'passed',
    reason: null,
    findings,
    durationMs: Math.round(performance.now() - began),
  };
}

export function toFindings(path: string, text: string, problems: readonly SyntaxProblem[]): Finding[] {
  const positions = new TextPositions(text);
  return problems.map(({ start, rule, message, certain = true }) => ({
    file: path,
    ...positions.at(start),
    rule,
    severity: certain ? 'error' : 'warning',
    message,
    suggestion: certain
      ? null
      : 'Only the grammar stumbles here, and grammars are sometimes wrong: look whether it is meant so.',
  }));
}

/** Takes off the indentation that all lines share, so that a slice from inside a class reads as a text of its own. */
function dedent(text: string): string {
  const indents = text
    .split('\n')
    .filter((line) => /\S/.test(line))
    .map((line) => /^[ \t]*/.exec(line)?.[0].length ?? 0);
  const common = indents.length === 0 ? 0 : Math.min(...indents);
  return text.replaceAll(new RegExp(`^[ \\t]{${common}}`, 'gm'), '');
}

function isCleanAlone(parser: SourceParser, input: AtomInput, candidate: string): boolean {
  const text = dedent(candidate);
  const forms = input.language === 'python' ? [text] : [text, `class Slice {\n${text}\n}`];
  return forms.some((form) => {
    const verdict = judgeSyntax(parser, input, form);
    return 'problems' in verdict && verdict.problems.length === 0;
  });
}

function baselineOf(parser: SourceParser, input: AtomInput): Baseline {
  const assembly = assemble(input.before, input.draft ?? new Uint8Array(), input.after);
  const verdict = judgeSyntax(parser, input, assembly.text);
  return { assembly, problems: 'problems' in verdict ? verdict.problems : [] };
}

function syntaxCheck(parser: SourceParser, input: AtomInput, assembly: Assembly): CheckResult {
  const began = performance.now();
  const verdict = judgeSyntax(parser, input, assembly.text);
  if ('notRun' in verdict) return notRun('syntax', verdict.notRun);
  const counted = attributableProblems(assembly, verdict.problems, () => baselineOf(parser, input), {
    candidate: () => isCleanAlone(parser, input, assembly.text.slice(assembly.start, assembly.end)),
    draft: () => input.draft !== undefined && isCleanAlone(parser, input, Buffer.from(input.draft).toString('utf8')),
  });
  return timed('syntax', () => toFindings(input.path, assembly.text, counted), began);
}

/** The level 1 checks that look at a candidate's text and form, inside its file. */
export function checkAtom(
  parser: SourceParser,
  input: AtomInput,
  assembly = assemble(input.before, input.candidate, input.after),
): CheckResult[] {
  const { text, start, end } = assembly;
  const candidate = text.slice(start, end);
  const draft = input.draft === undefined ? null : Buffer.from(input.draft).toString('utf8');
  const place = { file: input.path, ...new TextPositions(text).at(start) };
  const { path, language, atom } = input;
  return [
    syntaxCheck(parser, input, assembly),
    timed('residue', () => residueFindings({ path, language, text, start, end, draft, loc: atom.loc })),
    timed('security', () => secretFindings(path, text, start, end)),
    timed('atomicity', () => atomicityFindings(place, candidate, atom)),
  ];
}

/** All level 1 checks of a candidate: its text and form, then names, semantics, types and contracts by its language's rules. */
export async function checkAtomInFile(
  parser: SourceParser,
  services: StaticServices,
  input: AtomInput,
): Promise<CheckResult[]> {
  const assembly = assemble(input.before, input.candidate, input.after);
  const checks = checkAtom(parser, input, assembly);
  const parses = checks.every(({ testType, outcome }) => testType !== 'syntax' || outcome === 'passed');
  return [...checks, ...(await atomStaticChecks(parser, services, input, assembly, parses))];
}
