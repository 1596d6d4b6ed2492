import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cuts } from '../../../src/atomization/cuts.ts';
import { linesOf } from '../../../src/atomization/lines.ts';
import { measureLines } from '../../../src/atomization/measure.ts';
import { choosePartition, partitionCost } from '../../../src/atomization/partition.ts';
import type { Units } from '../../../src/atomization/survey.ts';

interface Input {
  readonly blocks: readonly {
    readonly loc: number;
    readonly penalty: number;
    readonly forced: boolean;
    readonly callable: boolean;
  }[];
  readonly decisions: readonly number[];
}

const input: fc.Arbitrary<Input> = fc.record({
  blocks: fc.array(
    fc.record({
      loc: fc.nat({ max: 9 }),
      penalty: fc.integer({ min: 0, max: 30 }).map((tenths) => tenths / 10),
      forced: fc.boolean().map((yes) => yes),
      callable: fc.boolean(),
    }),
    { minLength: 1, maxLength: 9 },
  ),
  decisions: fc.array(fc.nat({ max: 400 }), { maxLength: 8 }),
});

/** A text of blocks of lines with a cut before each, and what the partition needs to know about it. */
function setUp({ blocks, decisions }: Input) {
  const text = blocks.map(({ loc }) => 'line\n'.repeat(loc) + '\n').join('');
  const lines = linesOf(text);
  const cuts: Cuts = { position: [0], line: [0], penalty: [0], callable: [-1], forced: [0] };
  let position = 0;
  let line = 0;
  const units: Units = { node: [], start: [], end: [], bits: [], parent: [] };
  blocks.forEach(({ loc, penalty, forced, callable }, i) => {
    const start = position;
    position += loc * 5 + 1;
    line += loc + 1;
    cuts.position.push(position);
    cuts.line.push(Math.min(line, lines.count - 1));
    cuts.penalty.push(penalty);
    cuts.forced.push(forced && i % 3 === 0 ? 1 : 0);
    cuts.callable.push(callable ? units.start.length : -1);
    if (!callable) return;
    units.start.push(start);
    units.end.push(position + 4);
  });
  return {
    cuts,
    measure: measureLines(lines),
    units,
    decisions: [...decisions].sort((a, b) => a - b),
    start: lines.start,
  };
}

/** All choices that begin with the first cut and end with the last. */
function* choices(count: number): Generator<number[]> {
  const inner = count - 2;
  for (let mask = 0; mask < 1 << inner; mask++) {
    yield [0, ...Array.from({ length: inner }, (_, i) => i + 1).filter((i) => (mask >> (i - 1)) & 1), count - 1];
  }
}

describe('choosePartition', () => {
  it('finds the least cost of all', () => {
    fc.assert(
      fc.property(input, (given) => {
        const { cuts, measure, units, decisions, start } = setUp(given);
        const costOf = (chosen: readonly number[]): number =>
          partitionCost(cuts, measure, units, decisions, start, chosen);
        const { chosen } = choosePartition(cuts, measure, units, decisions, start);
        const least = Math.min(...[...choices(cuts.position.length)].map(costOf));
        expect(costOf(chosen)).toBeCloseTo(least, 9);
      }),
      { numRuns: 150 },
    );
  });
});
