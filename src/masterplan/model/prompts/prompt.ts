import type { Finding } from '../../../domain/index.ts';

/** A prompt with what went into it. */
export interface BuiltPrompt {
  readonly version: string;
  readonly system: string;
  readonly user: string;
  /** Labels of the parts that are in it, in their order. */
  readonly used: readonly string[];
  readonly leftOut: readonly string[];
}

export function decode(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}

/** Findings as a list, the worst first as they come; at most 12. */
export function findingsText(findings: readonly Finding[]): string {
  const lines = findings.slice(0, 12).map((finding) => {
    const hint = finding.suggestion === null ? '' : ` (${finding.suggestion})`;
    return `- line ${finding.line}: ${finding.rule}: ${finding.message}${hint}`;
  });
  if (findings.length > lines.length) lines.push(`- and ${findings.length - lines.length} more`);
  return lines.join('\n');
}
