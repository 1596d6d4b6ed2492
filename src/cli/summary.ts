import { duration } from './progress.ts';

interface Part {
  readonly score: number | null;
  readonly ran: number;
  readonly passed: number;
  readonly why: readonly string[];
}

/** What the closing summary of a build tells. */
export interface BuildSummary {
  readonly project: string;
  readonly folder: string;
  readonly files: number;
  readonly atoms: {
    readonly total: number;
    readonly succeeded: number;
    readonly failed: number;
    readonly blocked: number;
  };
  readonly waves: number;
  readonly maxParallelism: number;
  readonly attempts: number;
  readonly precisionPercent: number | null;
  readonly precision: {
    readonly specConformance: Part;
    readonly integrationPass: Part;
    readonly validationPass: Part;
  } | null;
  readonly reviews: number;
  readonly costUsd: number;
  readonly seconds: number;
  readonly provider: string;
  readonly assumed: readonly string[];
  readonly leftOut: readonly string[];
}

function readPart(value: unknown): Part {
  const part = (value ?? {}) as { score?: number | null; ran?: number; passed?: number; why?: string[] };
  return { score: part.score ?? null, ran: part.ran ?? 0, passed: part.passed ?? 0, why: part.why ?? [] };
}

/** The stored composition of a precision; null while there is none. */
export function readPrecision(stored: Readonly<Record<string, unknown>> | null): BuildSummary['precision'] {
  if (stored === null) return null;
  return {
    specConformance: readPart(stored['spec_conformance']),
    integrationPass: readPart(stored['integration_pass']),
    validationPass: readPart(stored['validation_pass']),
  };
}

const row = (label: string, text: string) => `${label.padEnd(11)}${text}`;

function partRow(label: string, unit: string, part: Part): string {
  const text = part.score === null ? 'not run' : `${part.passed}/${part.ran} ${unit}`;
  return row('', `${label.padEnd(18)}${text}`);
}

function precisionRows(summary: BuildSummary): string[] {
  const { precision } = summary;
  const percent = summary.precisionPercent === null ? 'not measured' : `${summary.precisionPercent.toFixed(2)} %`;
  if (precision === null) return [row('precision', percent)];
  const reasons = [precision.specConformance, precision.integrationPass, precision.validationPass].flatMap(
    (part) => part.why,
  );
  return [
    row('precision', percent),
    partRow('spec conformance', 'acceptance criteria', precision.specConformance),
    partRow('integration', 'checks and tests of the project', precision.integrationPass),
    partRow('validation', 'atoms and files', precision.validationPass),
    ...[...new Set(reasons)].map((why) => row('', why)),
  ];
}

/** The rows that close a build. */
export function renderSummary(summary: BuildSummary): string[] {
  const { atoms } = summary;
  const trouble = [
    atoms.failed ? `${atoms.failed} failed` : '',
    atoms.blocked ? `${atoms.blocked} blocked` : '',
  ].filter(Boolean);
  return [
    row('project', `${summary.project}, ${summary.files} files in ${summary.folder}`),
    row('atoms', `${atoms.succeeded}/${atoms.total} accepted${trouble.length ? `, ${trouble.join(', ')}` : ''}`),
    row('waves', `${summary.waves}, at most ${summary.maxParallelism} atoms side by side`),
    row('attempts', `${summary.attempts}`),
    ...precisionRows(summary),
    row('review', summary.reviews === 0 ? 'nothing waits for a person' : `${summary.reviews} atoms wait for a person`),
    row('cost', `${summary.costUsd.toFixed(2)} USD`),
    row('time', duration(summary.seconds)),
    row('provider', summary.provider),
    ...summary.assumed.map((text) => row('assumed', text)),
    ...summary.leftOut.map((text) => row('left out', text)),
  ];
}
