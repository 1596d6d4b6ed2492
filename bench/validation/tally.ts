import type { Verdict } from './judge.ts';

interface Count {
  all: number;
  found: number;
}

/** Counts per language and class, times, and what was missed or flagged wrongly. */
export class Tally {
  readonly faults = new Map<string, Map<string, Count>>();
  readonly benign = new Map<string, Map<string, Count>>();
  readonly times = new Map<string, number[]>();
  readonly misses: Record<string, string[]> = {};
  readonly alarms: Record<string, string[]> = {};
  /** Of each rule: how many wrong ones it found, of these how many it alone did, and how many right ones it flagged. */
  readonly rules = new Map<string, { found: number; alone: number; alarms: number }>();

  add(verdict: Verdict): void {
    const { variant, atomFailed, moduleFailed } = verdict;
    const failed = atomFailed || moduleFailed;
    const group = variant.kind === 'fault' ? this.faults : this.benign;
    const classes = group.get(variant.language) ?? new Map<string, Count>();
    group.set(variant.language, classes);
    const count = classes.get(variant.cls) ?? { all: 0, found: 0 };
    classes.set(variant.cls, count);
    count.all += 1;
    if (failed) count.found += 1;
    const times = this.times.get(variant.language) ?? [];
    this.times.set(variant.language, times);
    times.push(verdict.atomMs);
    this.note(verdict, failed);
  }

  private note({ variant, rules, messages }: Verdict, failed: boolean): void {
    const isFault = variant.kind === 'fault';
    const key = `${variant.language} ${variant.cls}`;
    if (isFault && !failed) (this.misses[key] ??= []).push(variant.mid);
    if (!isFault && failed) (this.alarms[key] ??= []).push(`${variant.mid} | ${messages.join(' | ')}`);
    for (const rule of rules) {
      const entry = this.rules.get(rule) ?? { found: 0, alone: 0, alarms: 0 };
      this.rules.set(rule, entry);
      if (!isFault) entry.alarms += 1;
      else {
        entry.found += 1;
        if (rules.length === 1) entry.alone += 1;
      }
    }
  }
}

function share({ all, found }: Count): string {
  return `${found}/${all} ${((100 * found) / Math.max(1, all)).toFixed(1)} %`;
}

function sum(counts: Iterable<Count>): Count {
  const total = { all: 0, found: 0 };
  for (const { all, found } of counts) {
    total.all += all;
    total.found += found;
  }
  return total;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.round((sorted[Math.floor(sorted.length * share)] ?? 0) * 10) / 10;
}

/** The figures of a run as one object. */
export function figures(tally: Tally): Record<string, unknown> {
  const perLanguage = [...new Set([...tally.faults.keys(), ...tally.benign.keys()])].map((language) => {
    const faults = tally.faults.get(language) ?? new Map<string, Count>();
    const benign = tally.benign.get(language) ?? new Map<string, Count>();
    const times = tally.times.get(language) ?? [];
    return [
      language,
      {
        recall: share(sum(faults.values())),
        falseAlarms: share(sum(benign.values())),
        levelOneMs: { median: quantile(times, 0.5), p95: quantile(times, 0.95) },
        faults: Object.fromEntries([...faults].sort().map(([cls, count]) => [cls, share(count)])),
        benign: Object.fromEntries([...benign].sort().map(([cls, count]) => [cls, share(count)])),
      },
    ];
  });
  const rules = [...tally.rules].sort(([, a], [, b]) => b.found - a.found);
  return { languages: Object.fromEntries(perLanguage) as unknown, rules: Object.fromEntries(rules) };
}
