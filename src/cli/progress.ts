/** Pure rendering of a run's progress: rows of text for a terminal, and one plain line for logs. */

export interface WaveProgress {
  readonly waveNumber: number;
  readonly totalAtoms: number;
  readonly completedAtoms: number;
  readonly failedAtoms: number;
}

export interface RunProgress {
  readonly atomsTotal: number;
  readonly atomsSucceeded: number;
  readonly atomsFailed: number;
  readonly atomsBlocked: number;
  readonly waves: readonly WaveProgress[];
  /** Seconds since the run started. */
  readonly elapsedSeconds: number;
}

const BAR_WIDTH = 24;
/** Waves shown at once; further ones are summed up, so that a long plan does not scroll the screen away. */
const MAX_ROWS = 16;

function bar(done: number, failed: number, total: number): string {
  const share = (n: number) => (total === 0 ? 0 : Math.round((n / total) * BAR_WIDTH));
  const filled = Math.min(BAR_WIDTH, share(done));
  const bad = Math.min(BAR_WIDTH - filled, failed > 0 ? Math.max(1, share(failed)) : 0);
  return '█'.repeat(filled) + '▒'.repeat(bad) + '·'.repeat(BAR_WIDTH - filled - bad);
}

/** A duration as `4 s`, `2 min 05 s` or `1 h 02 min`. */
export function duration(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${String(s % 60).padStart(2, '0')} s`;
  return `${Math.floor(s / 3600)} h ${String(Math.floor((s % 3600) / 60)).padStart(2, '0')} min`;
}

/** Seconds left at the pace so far; null until something is done. */
export function secondsLeft(progress: RunProgress): number | null {
  const done = progress.atomsSucceeded + progress.atomsFailed;
  const left = progress.atomsTotal - done - progress.atomsBlocked;
  return done === 0 ? null : (progress.elapsedSeconds / done) * left;
}

function counts(p: RunProgress): string {
  const parts = [`${p.atomsSucceeded}/${p.atomsTotal} atoms`];
  if (p.atomsFailed > 0) parts.push(`${p.atomsFailed} failed`);
  if (p.atomsBlocked > 0) parts.push(`${p.atomsBlocked} blocked`);
  return parts.join(', ');
}

/** The rows of a live display: one bar per wave, then the totals. */
export function renderRun(p: RunProgress): string[] {
  const rows = p.waves.slice(0, MAX_ROWS).map((wave) => {
    const label = `wave ${String(wave.waveNumber).padStart(2)}`;
    const done = `${wave.completedAtoms}/${wave.totalAtoms}`;
    return `  ${label} ${bar(wave.completedAtoms, wave.failedAtoms, wave.totalAtoms)} ${done}${wave.failedAtoms ? `, ${wave.failedAtoms} failed` : ''}`;
  });
  const rest = p.waves.slice(MAX_ROWS);
  if (rest.length > 0) {
    const sum = (pick: (w: WaveProgress) => number) => rest.reduce((total, wave) => total + pick(wave), 0);
    const done = sum((w) => w.completedAtoms);
    const total = sum((w) => w.totalAtoms);
    rows.push(
      `  +${String(rest.length).padStart(3)} more ${bar(
        done,
        sum((w) => w.failedAtoms),
        total,
      )} ${done}/${total}`,
    );
  }
  const left = secondsLeft(p);
  if (isDone(p))
    return [...rows, `  ${counts(p)}, ${duration(p.elapsedSeconds)} so far, checking the project as a whole`];
  rows.push(
    `  ${counts(p)}, ${duration(p.elapsedSeconds)} so far${left === null ? '' : `, about ${duration(left)} left`}`,
  );
  return rows;
}

/** Lines a log gets for a run: one per tenth of the atoms. */
const LOG_STEPS = 10;

function isDone(p: RunProgress): boolean {
  return p.atomsSucceeded + p.atomsFailed + p.atomsBlocked >= p.atomsTotal;
}

/** What a log already told: the same key means that there is nothing new to say. */
export function lineKey(p: RunProgress): string {
  if (isDone(p)) return 'done';
  return `${Math.floor((LOG_STEPS * (p.atomsSucceeded + p.atomsFailed)) / Math.max(1, p.atomsTotal))}:${p.atomsFailed}`;
}

/** One line for a log: what a person who reads it later wants to know. */
export function renderLine(p: RunProgress): string {
  const current = p.waves.find((wave) => wave.completedAtoms + wave.failedAtoms < wave.totalAtoms)?.waveNumber;
  const wave = isDone(p) ? 'checking the project as a whole' : `wave ${current ?? p.waves.length} of ${p.waves.length}`;
  return `${counts(p)}, ${wave}, ${duration(p.elapsedSeconds)}`;
}

/** Draws rows over the rows it drew before. On anything but a terminal it prints a plain line when there is news. */
export class Display {
  private drawn = 0;
  private lastKey = '';
  private readonly out: NodeJS.WriteStream;

  constructor(out: NodeJS.WriteStream) {
    this.out = out;
  }

  get live(): boolean {
    return this.out.isTTY === true && (this.out.columns ?? 0) >= 40;
  }

  /** @param key decides, where nothing can be redrawn, whether `line` is news. */
  show(rows: readonly string[], line: string, key = line): void {
    if (!this.live) {
      if (key !== this.lastKey) this.out.write(`${line}\n`);
      this.lastKey = key;
      return;
    }
    const width = this.out.columns;
    this.erase();
    this.out.write(rows.map((row) => `${row.slice(0, width - 1)}\n`).join(''));
    this.drawn = rows.length;
  }

  /** Prints a line that stays. */
  say(line: string): void {
    this.erase();
    this.out.write(`${line}\n`);
  }

  /** Leaves what is drawn and starts below it. */
  keep(): void {
    this.drawn = 0;
  }

  /** Takes back what is drawn. */
  erase(): void {
    if (this.drawn > 0) this.out.write(`\u001b[${this.drawn}A\u001b[0J`);
    this.drawn = 0;
  }
}
