import { type Mutant, MUTATION_KINDS } from './mutant.ts';

/** Orders a list so that any beginning of it is spread over the whole: first, last, middle, quarters. */
export function spreadOut<T>(items: readonly T[]): T[] {
  const order: number[] = [];
  const seen = new Set<number>();
  const take = (index: number): void => {
    if (seen.has(index)) return;
    seen.add(index);
    order.push(index);
  };
  take(0);
  take(items.length - 1);
  for (let parts = 2; seen.size < items.length; parts *= 2)
    for (let part = 1; part < parts; part += 2) take(Math.floor(((items.length - 1) * part) / parts));
  return order.flatMap((index) => items.slice(index, index + 1));
}

/**
 * At most `most` of the mutants: kinds by turns, those first that say most of tests, each spread over the lines; no line gets a third
 * mutant before every line that has any got one. The same text always gives the same choice.
 */
export function chooseMutants(mutants: readonly Mutant[], most: number): Mutant[] {
  const queues = MUTATION_KINDS.map((kind) => spreadOut(mutants.filter((mutant) => mutant.kind === kind)));
  const turns: Mutant[] = [];
  for (let turn = 0; turns.length < mutants.length; turn += 1)
    turns.push(...queues.flatMap((queue) => queue.slice(turn, turn + 1)));
  const perLine = new Map<number, number>();
  const chosen: Mutant[] = [];
  for (const limit of [1, 2, Infinity])
    for (const mutant of turns) {
      const count = perLine.get(mutant.line) ?? 0;
      if (chosen.length >= most || count >= limit || chosen.includes(mutant)) continue;
      perLine.set(mutant.line, count + 1);
      chosen.push(mutant);
    }
  return chosen.sort((a, b) => a.start - b.start);
}
