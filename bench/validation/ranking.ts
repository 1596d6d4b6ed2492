/**
 * How well confidence ranks answers. Many answers to each case are judged with the tests that may be seen: right texts (the case's own
 * and harmless variants) and wrong ones, above all those that no visible test shows, of which the loop alone accepts too few to measure
 * anything. Each is taken as the answer that the loop ends with, after as many attempts as it would take. Answers weigh as much as they
 * come in a stream in which 13 % of the attempts are wrong. JSON on standard output.
 *
 *   node --import tsx bench/validation/ranking.ts --data DIR [--language python] [--every N (cases)] [--seen N (one of N faults that visible tests show, default 20)]
 *        [--benign N (variants of each case, default 2)] [--all-cases (unseen faults of all cases, whatever --every says)] [--lanes N] [--answers FILE]
 */
import { writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { detectSandbox } from '../../src/adapters/sandbox/index.ts';
import { createLogger } from '../../src/adapters/telemetry/logger.ts';
import { createValidation, type LevelReport, type Validation } from '../../src/validation/index.ts';
import { findData, loadCases, loadVariants, type PrecisionCase, type Variant } from './data.ts';
import {
  ATTEMPTS,
  BAD_TRANSPORT,
  confidenceIn,
  type FinalAnswer,
  rankingFigures,
  validateAnswer,
  WRONG,
  wrongInLowest,
} from './final-answers.ts';

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    language: { type: 'string' },
    every: { type: 'string', default: '1' },
    seen: { type: 'string', default: '20' },
    benign: { type: 'string', default: '2' },
    'all-cases': { type: 'boolean', default: false },
    lanes: { type: 'string', default: '16' },
    answers: { type: 'string' },
  },
});

/** Right texts; wrong ones that a visible test shows; wrong ones that none shows. */
type Group = 'right' | 'seen' | 'unseen';

function groupOf({ kind, visible_pass }: Variant): Group {
  if (kind === 'benign') return 'right';
  return visible_pass === false ? 'seen' : 'unseen';
}

/** A number from 0 to 1 that a name always gives. */
function chanceOf(name: string): number {
  return createHash('sha256').update(name).digest().readUInt32BE(0) / 2 ** 32;
}

/** After how many attempts the loop ends with an answer: those before it were refused. */
function attemptsOf(mid: string): number {
  const refused = WRONG + BAD_TRANSPORT;
  const whole = 1 - refused ** ATTEMPTS;
  let chance = chanceOf(mid) * whole;
  for (let attempt = 1; attempt < ATTEMPTS; attempt += 1) {
    const here = refused ** (attempt - 1) * (1 - refused);
    if (chance < here) return attempt;
    chance -= here;
  }
  return ATTEMPTS;
}

interface Judged extends FinalAnswer {
  readonly mid: string;
  readonly group: Group;
  readonly lines: number;
  readonly checks: LevelReport['checks'];
}

async function judgeOne(validation: Validation, item: PrecisionCase, variant: Variant): Promise<Judged> {
  const report = await validateAnswer(validation, item, variant.files, true);
  const accepted = report.outcome !== 'failed';
  const text = variant.files[item.target] ?? '';
  // What is refused in the end has used up its attempts.
  const attempts = accepted ? attemptsOf(variant.mid) : ATTEMPTS;
  return {
    mid: variant.mid,
    group: groupOf(variant),
    id: item.id,
    cls: variant.cls,
    language: variant.language,
    accepted,
    right: variant.kind === 'benign',
    attempts,
    confidence: confidenceIn(text, report, attempts),
    lines: text.split('\n').length,
    checks: report.checks,
  };
}

interface Selected {
  readonly variants: Variant[];
  /** How many there are of each group in the whole data. */
  readonly all: Record<Group, number>;
}

async function select(folder: string, cases: ReadonlyMap<string, PrecisionCase>): Promise<Selected> {
  const every = Number(values.every);
  const wanted = new Set([...cases.keys()].filter((_, index) => index % every === 0));
  const all: Record<Group, number> = { right: 0, seen: 0, unseen: 0 };
  const benign = new Map<string, number>();
  const variants: Variant[] = [];
  for await (const variant of loadVariants(folder, cases)) {
    if (values.language !== undefined && variant.language !== values.language) continue;
    const group = groupOf(variant);
    all[group] += 1;
    if (!wanted.has(variant.case) && !(values['all-cases'] && group === 'unseen')) continue;
    if (group === 'seen' && all.seen % Number(values.seen) !== 0) continue;
    if (variant.cls !== 'canonical' && group === 'right') {
      const count = (benign.get(variant.case) ?? 0) + 1;
      benign.set(variant.case, count);
      if (count > Number(values.benign)) continue;
    }
    variants.push(variant);
  }
  return { variants, all };
}

/** Gives each answer the weight that it has in the stream. */
function weighed(judged: readonly Judged[], all: Selected['all']): Judged[] {
  const wrong = all.seen + all.unseen;
  const shares: Record<Group, number> = {
    right: 1 - WRONG,
    seen: (WRONG * all.seen) / wrong,
    unseen: (WRONG * all.unseen) / wrong,
  };
  const counts = { right: 0, seen: 0, unseen: 0 };
  for (const { group } of judged) counts[group] += 1;
  return judged.map((answer) => ({ ...answer, weight: shares[answer.group] / Math.max(1, counts[answer.group]) }));
}

function quantile(sorted: readonly number[], share: number): number | null {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null;
}

function spread(answers: readonly Judged[]): Record<string, unknown> {
  const sorted = answers.map(({ confidence }) => confidence).sort((a, b) => a - b);
  return {
    answers: sorted.length,
    p10: quantile(sorted, 0.1),
    median: quantile(sorted, 0.5),
    p90: quantile(sorted, 0.9),
  };
}

/** What became of accepted and wrong answers by a name: how many there are, and how many lie in the lowest fifth of all. */
function wrongBy(answers: readonly Judged[], nameOf: (answer: Judged) => string): Record<string, unknown> {
  const wrong = answers.filter(({ accepted, right }) => accepted && !right);
  const names = [...new Set(wrong.map(nameOf))].sort();
  const figures = names.map((name) => {
    const others = answers.filter((answer) => !wrong.includes(answer) || nameOf(answer) === name);
    const own = wrong.filter((answer) => nameOf(answer) === name);
    return [name, { answers: own.length, inLowestFifth: wrongInLowest(others, 0.2) }];
  });
  return Object.fromEntries(figures) as Record<string, unknown>;
}

function figuresOf(answers: readonly Judged[]): Record<string, unknown> {
  const accepted = answers.filter((answer) => answer.accepted);
  return {
    ...rankingFigures(answers),
    confidence: {
      acceptedAndRight: spread(accepted.filter(({ right }) => right)),
      acceptedButWrong: spread(accepted.filter(({ right }) => !right)),
      refused: spread(answers.filter((answer) => !answer.accepted)),
    },
  };
}

async function measure(folder: string): Promise<void> {
  const cases = await loadCases(folder);
  const { variants, all } = await select(folder, cases);
  const validation = await createValidation({
    sandbox: await detectSandbox(createLogger('error')),
    threads: availableParallelism(),
  });
  const judged: Judged[] = [];
  const began = performance.now();
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let variant = variants[next++]; variant !== undefined; variant = variants[next++]) {
      const item = cases.get(variant.case);
      if (item !== undefined) judged.push(await judgeOne(validation, item, variant));
    }
  };
  await Promise.all(Array.from({ length: Number(values.lanes) }, lane));
  await validation.close();
  const answers = weighed(judged, all);
  const languages = [...new Set(answers.map(({ language }) => language))].sort();
  const report = {
    stream: figuresOf(answers),
    languages: Object.fromEntries(
      languages.map((language) => [language, figuresOf(answers.filter((answer) => answer.language === language))]),
    ),
    acceptedButWrong: {
      byClass: wrongBy(answers, ({ cls }) => cls),
      byLanguage: wrongBy(answers, ({ language }) => language),
    },
    seconds: Math.round((performance.now() - began) / 1_000),
  };
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  if (values.answers !== undefined) writeFileSync(values.answers, JSON.stringify(answers));
}

const data = findData(values.data);
if ('reason' in data) process.stdout.write(`${JSON.stringify({ skipped: true, reason: data.reason })}\n`);
else await measure(data.folder);
