/** Answers as the loop of attempts ends with them: how sure the product is of each, and how well that ranks them. */
import { languageOf } from '../../src/adapters/parser/index.ts';
import { evidenceOf, scoreConfidence } from '../../src/review/index.ts';
import type { LevelReport, Validation } from '../../src/validation/index.ts';
import { caseRun } from './case-runs.ts';
import { contractOf } from './contract.ts';
import type { PrecisionCase, Variant } from './data.ts';

export const ATTEMPTS = 4;
/** Shares of the attempts that are wrong and that do not arrive whole. */
export const WRONG = 0.13;
export const BAD_TRANSPORT = 0.05;

/** A final answer of a case. */
export interface FinalAnswer {
  readonly id: string;
  readonly cls: string;
  readonly language: string;
  readonly accepted: boolean;
  readonly right: boolean;
  readonly attempts: number;
  readonly confidence: number;
  /** How often it comes among the others; default 1. */
  readonly weight?: number;
}

/** Level 1 of a text as the answer to its case, with the tests and examples that may be seen, or without any. */
export function validateAnswer(
  validation: Validation,
  item: PrecisionCase,
  files: Variant['files'],
  withTests: boolean,
): Promise<LevelReport> {
  const contract = contractOf(item, { files });
  const visible = withTests ? caseRun(item, files, 'visible') : null;
  return validation.validateAtom({
    path: item.target,
    language: languageOf(item.target),
    before: new Uint8Array(),
    candidate: Buffer.from(files[item.target] ?? ''),
    after: new Uint8Array(),
    atom: { name: item.entry ?? item.target, role: 'module', loc: 10, complexity: 1, isAtomic: true },
    contract: withTests ? contract : { ...contract, dependents: [] },
    ...(visible === null ? {} : { tests: [visible] }),
  });
}

/** The confidence in a text that ended the loop; the complexity of its atoms is taken from its length. */
export function confidenceIn(text: string, report: LevelReport | null, attempts: number): number {
  const accepted = report !== null && report.outcome !== 'failed';
  return scoreConfidence({
    checks: { atomic: accepted ? report.score : 0, module: null },
    evidence: report === null ? 0 : evidenceOf(report.checks),
    attempts,
    maxAttempts: ATTEMPTS,
    complexity: Math.min(10, 1 + text.split('\n').length / 15),
    integration: null,
  }).score;
}

const weightOf = ({ weight = 1 }: FinalAnswer): number => weight;
const sum = (answers: readonly FinalAnswer[]): number => answers.reduce((total, one) => total + weightOf(one), 0);
const rounded = (value: number): number => Math.round(value * 1_000) / 1_000;

/** Chance that a wrong answer has less confidence than a right one, each as often as its weight says; ties count half. */
export function auroc(answers: readonly FinalAnswer[]): number | null {
  const wrong = answers.filter(({ right }) => !right);
  const right = answers.filter((one) => one.right);
  if (wrong.length === 0 || right.length === 0) return null;
  let wins = 0;
  for (const bad of wrong)
    for (const good of right) {
      const win = bad.confidence < good.confidence ? 1 : bad.confidence === good.confidence ? 0.5 : 0;
      wins += win * weightOf(bad) * weightOf(good);
    }
  return rounded(wins / (sum(wrong) * sum(right)));
}

/** Share of the accepted and wrong answers that lie among the `share` of all answers with the lowest confidence; null where there is none. */
export function wrongInLowest(answers: readonly FinalAnswer[], share: number): number | null {
  const total = sum(answers);
  let below = 0;
  let found = 0;
  const sorted = [...answers].sort((a, b) => a.confidence - b.confidence);
  // Answers of one confidence come in or stay out together, in part where the line goes through them.
  for (let at = 0; at < sorted.length && below < share * total;) {
    const level = sorted[at]?.confidence;
    const tied = sorted.slice(at).filter(({ confidence }) => confidence === level);
    const fits = Math.min(1, (share * total - below) / sum(tied));
    found += fits * sum(tied.filter(({ accepted, right }) => accepted && !right));
    below += sum(tied);
    at += tied.length;
  }
  const wrong = sum(answers.filter(({ accepted, right }) => accepted && !right));
  return wrong === 0 ? null : rounded(found / wrong);
}

/** How confidence ranks final answers: all of them, and those that were accepted. */
export function rankingFigures(answers: readonly FinalAnswer[]): Record<string, unknown> {
  const accepted = answers.filter((answer) => answer.accepted);
  return {
    accepted: accepted.length,
    refused: answers.length - accepted.length,
    acceptedButWrong: accepted.filter(({ right }) => !right).length,
    rightButRefused: answers.filter((answer) => answer.right && !answer.accepted).length,
    auroc: auroc(answers),
    aurocOfAccepted: auroc(accepted),
    wrongInLowestFifth: wrongInLowest(answers, 0.2),
    wrongInLowestFifthOfAccepted: wrongInLowest(accepted, 0.2),
  };
}
