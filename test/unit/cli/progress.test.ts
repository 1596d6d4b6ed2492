import { describe, expect, it } from 'vitest';
import {
  Display,
  duration,
  lineKey,
  renderLine,
  renderRun,
  secondsLeft,
  type RunProgress,
} from '../../../src/cli/progress.ts';

const run: RunProgress = {
  atomsTotal: 30,
  atomsSucceeded: 10,
  atomsFailed: 0,
  atomsBlocked: 0,
  waves: [
    { waveNumber: 1, totalAtoms: 10, completedAtoms: 10, failedAtoms: 0 },
    { waveNumber: 2, totalAtoms: 20, completedAtoms: 0, failedAtoms: 0 },
  ],
  elapsedSeconds: 5,
};

/** A stream that remembers what was written. */
function recorder(isTTY: boolean) {
  const written: string[] = [];
  const stream = {
    isTTY,
    columns: 80,
    write: (text: string) => written.push(text) > 0,
  } as unknown as NodeJS.WriteStream;
  return { stream, written };
}

describe('progress of a run', () => {
  it('writes durations the way people say them', () => {
    expect([4, 65, 3725].map(duration)).toEqual(['4 s', '1 min 05 s', '1 h 02 min']);
  });

  it('expects the rest to take as long per atom as what is done', () => {
    expect(secondsLeft(run)).toBe(10);
    expect(secondsLeft({ ...run, atomsSucceeded: 0 })).toBeNull();
  });

  it('does not wait for blocked atoms', () => {
    expect(secondsLeft({ ...run, atomsFailed: 10, atomsBlocked: 10 })).toBe(0);
  });

  it('draws one bar per wave and the totals', () => {
    const rows = renderRun(run);
    expect(rows).toHaveLength(3);
    expect(rows[0]).toContain('█'.repeat(24));
    expect(rows[1]).toContain('·'.repeat(24));
    expect(rows[2]).toContain('10/30 atoms');
    expect(rows[2]).toContain('about 10 s left');
  });

  it('shows a failure even where it is less than one cell of the bar', () => {
    const rows = renderRun({
      ...run,
      waves: [{ waveNumber: 1, totalAtoms: 1000, completedAtoms: 500, failedAtoms: 1 }],
    });
    expect(rows[0]).toContain('▒');
    expect(rows[0]).toContain('1 failed');
  });

  it('sums up the waves that do not fit on the screen', () => {
    const waves = Array.from({ length: 40 }, (_, i) => ({
      waveNumber: i + 1,
      totalAtoms: 2,
      completedAtoms: 1,
      failedAtoms: 0,
    }));
    const rows = renderRun({ ...run, waves });
    expect(rows).toHaveLength(18);
    expect(rows[16]).toContain('+ 24 more');
    expect(rows[16]).toContain('24/48');
  });

  it('says what is going on when all atoms are done', () => {
    const done = { ...run, atomsSucceeded: 30 };
    expect(renderRun(done).at(-1)).toContain('checking the project as a whole');
    expect(renderLine(done)).toContain('checking the project as a whole');
  });

  it('has news for a log at every tenth, and at every failure', () => {
    const at = (atomsSucceeded: number, atomsFailed = 0) => lineKey({ ...run, atomsSucceeded, atomsFailed });
    expect(at(3)).toBe(at(5));
    expect(at(5)).not.toBe(at(6));
    expect(at(5)).not.toBe(at(5, 1));
  });

  it('names the wave at work in the plain line', () => {
    expect(renderLine(run)).toBe('10/30 atoms, wave 2 of 2, 5 s');
  });
});

describe('the display', () => {
  it('redraws over its own rows on a terminal', () => {
    const { stream, written } = recorder(true);
    const display = new Display(stream);
    display.show(['a', 'b'], 'x');
    display.show(['c', 'd'], 'y');
    expect(written.join('')).toBe('a\nb\n\u001b[2A\u001b[0Jc\nd\n');
  });

  it('prints plain lines elsewhere, and none twice', () => {
    const { stream, written } = recorder(false);
    const display = new Display(stream);
    display.show(['a'], 'x');
    display.show(['b'], 'x');
    display.show(['b'], 'y');
    expect(written.join('')).toBe('x\ny\n');
  });
});
