import { Give } from './signals.ts';

/** Steps that may still be taken. */
export class StepBudget {
  private left: number;
  private readonly all: StepBudget | null;

  /** `all`: a budget of several, from which each step is taken too. */
  constructor(steps: number, all: StepBudget | null = null) {
    this.left = steps;
    this.all = all;
  }

  get isSpent(): boolean {
    return this.left <= 0;
  }

  /** @throws {Give} when nothing is left. */
  take(steps = 1): void {
    this.left -= steps;
    if (this.left < 0) throw new Give('too many steps');
    this.all?.take(steps);
  }
}
