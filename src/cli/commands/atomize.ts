import { atomizePath, createAtomizer, type AtomizeReport } from '../../atomization/index.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { Display } from '../progress.ts';

export interface AtomizeOptions {
  readonly json?: boolean;
  readonly check?: boolean;
}

const BAR_WIDTH = 40;
/** Entries of each list that are shown; the JSON form has all. */
const SHOWN = 10;
const LAST_BAR = 16;

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

function histogram(counts: readonly number[]): string[] {
  const shown = [...counts.slice(0, LAST_BAR), counts.slice(LAST_BAR).reduce((sum, n) => sum + n, 0)];
  const most = Math.max(1, ...shown);
  return shown.map((count, loc) => {
    const label = loc === LAST_BAR ? '>15' : String(loc);
    return `  ${label.padStart(3)} ${'█'.repeat(Math.round((count / most) * BAR_WIDTH)).padEnd(BAR_WIDTH)} ${count}`;
  });
}

function listed(title: string, rows: readonly string[]): string[] {
  if (rows.length === 0) return [];
  const more = rows.length > SHOWN ? [`  … and ${rows.length - SHOWN} more (--json lists them)`] : [];
  return ['', title, ...rows.slice(0, SHOWN).map((row) => `  ${row}`), ...more];
}

/** The report as people read it. */
export function renderAtomizeReport(report: AtomizeReport): string[] {
  const languages = Object.entries(report.byLanguage).map(
    ([language, own]) =>
      `${language.padEnd(12)} ${own.files} files, ${own.lines} lines, ${own.atoms} atoms of ${own.avgLoc.toFixed(1)} lines`,
  );
  return [
    `${report.files} files, ${report.lines} lines, ${report.atoms} atoms in ${(report.durationMs / 1000).toFixed(1)} s`,
    `lines of code per atom: median ${report.loc.median}, largest ${report.loc.max}, ${percent(report.withinLimits)} within 5 to 15`,
    `context ${percent(report.avgCompleteness)} complete, complexity ${report.avgComplexity.toFixed(2)}, ${report.atomic} of ${report.atoms} atomic`,
    ...(report.lossy === undefined ? [] : [lossLine(report.lossy)]),
    '',
    ...histogram(report.histogram),
    ...listed('languages', languages),
    ...listed(
      'larger than they should be, by reason',
      Object.entries(report.oversize).map(([reason, count]) => `${count}: ${reason}`),
    ),
    ...listed(
      'worst atoms',
      report.worst.map(
        (atom) => `${atom.file}:${atom.startLine}-${atom.endLine} ${atom.name} (${atom.reasons.join('; ')})`,
      ),
    ),
    ...listed(
      'damaged regions',
      report.syntaxErrors.map((error) => `${error.file}:${error.startLine}-${error.endLine} ${error.message}`),
    ),
    ...listed(
      'left out',
      report.skipped.map((file) => `${file.path}: ${file.reason}`),
    ),
  ];
}

function lossLine(lossy: readonly string[]): string {
  return lossy.length === 0
    ? 'lossless: the atoms of every file join to the same bytes'
    : `NOT lossless: the atoms of ${lossy.length} files do not join to the file: ${lossy.slice(0, SHOWN).join(', ')}`;
}

/** Atomizes a folder and reports on it; with `check`, exit code 1 when any file would lose a byte. */
export async function runAtomize(path: string, options: AtomizeOptions): Promise<ExitCode> {
  const atomizer = createAtomizer();
  const display = new Display(process.stderr);
  const onProgress = (done: number, total: number) => {
    if (display.live) display.show([`${done}/${total} files`], '');
  };
  try {
    const report = await atomizePath(atomizer, path, { check: options.check === true, onProgress });
    display.erase();
    const text = options.json ? JSON.stringify(report, null, 2) : renderAtomizeReport(report).join('\n');
    process.stdout.write(`${text}\n`);
    return (report.lossy ?? []).length > 0 ? EXIT.failed : EXIT.ok;
  } finally {
    await atomizer.close();
  }
}
