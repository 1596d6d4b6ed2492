import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openParser, tabulate, type SourceParser } from '../../../src/adapters/parser/index.ts';
import { extractFacts } from '../../../src/atomization/facts/extract.ts';
import { DEF, SYMBOL, USE, USE_FLAG, USE_KIND } from '../../../src/atomization/index.ts';

let parser: SourceParser;
beforeAll(async () => {
  parser = await openParser();
});
afterAll(() => parser.close());

/** For each line that reads `x`: the lines of the definitions that reach it. */
function reaching(language: string, lines: readonly string[]): Record<number, number[]> {
  const text = lines.join('\n');
  const tree = parser.parse(language, text);
  const facts = tree && extractFacts(tabulate(tree), text, language);
  tree?.delete();
  if (!facts) throw new Error('the text gives no facts');
  const line = (position: number): number => text.slice(0, position).split('\n').length;
  const found: Record<number, number[]> = {};
  for (let use = 0; use < facts.uses.length / USE.width; use += 1) {
    const cell = (column: number): number => facts.uses[use * USE.width + column]!;
    const isRead = cell(USE.kind) === USE_KIND.name && (cell(USE.flags) & USE_FLAG.write) === 0;
    if (!isRead || facts.names[cell(USE.name)] !== 'x') continue;
    const defs = facts.symbols[cell(USE.target) * SYMBOL.width + SYMBOL.defs]!;
    expect(facts.lists[defs], 'x has several definitions').toBeGreaterThan(1);
    const pairs = new Set<number>();
    for (let i = 0; i < facts.reaching.length; i += 2)
      if (facts.reaching[i] === use) pairs.add(line(facts.defs[facts.reaching[i + 1]! * DEF.width + DEF.pos]!));
    if (pairs.size > 0) found[line(cell(USE.pos))] = [...pairs].sort((a, b) => a - b);
  }
  return found;
}

describe('assignments that reach a use in Python', () => {
  const python = (...lines: string[]) => reaching('python', ['def f(a):', ...lines.map((text) => `    ${text}`)]);

  it('leave an endless loop by `break` only', () => {
    expect(python('x = 1', 'while True:', '    x = 2', '    if a: break', '    x = 3', 'use(x)')).toEqual({ 7: [4] });
    expect(python('x = 1', 'while a:', '    x = 2', 'use(x)')).toEqual({ 5: [2, 4] });
  });

  it('pass by the `else` of a loop that is left by `break`', () => {
    expect(python('x = 1', 'for i in a:', '    x = 2', '    if i: break', 'else:', '    raise E', 'use(x)')).toEqual({
      8: [4],
    });
  });

  it('hold in `finally` whatever happened before', () => {
    expect(python('x = 1', 'try:', '    g()', '    x = 2', 'finally:', '    use(x)')).toEqual({ 7: [2, 5] });
    expect(python('x = 1', 'try:', '    x = g()', 'except E:', '    x = 3', 'use(x)')).toEqual({ 7: [4, 6] });
  });

  it('come from the test of a loop, not from before it', () => {
    expect(python('x = 1', 'while (x := a()):', '    pass', 'use(x)')).toEqual({ 5: [3] });
  });

  it('are still found in code that cannot be reached', () => {
    expect(python('x = 1', 'return a', 'x = 2', 'if a:', '    use(x)')).toEqual({ 6: [4] });
  });
});

describe('assignments that reach a use in TypeScript', () => {
  const script = (...lines: string[]) => reaching('typescript', ['function f(a) {', ...lines, '}']);

  it('go round through the step of a loop, also after `continue`', () => {
    expect(script('for (let x = 0; x < a; x += 2) {', 'if (a()) continue;', 'use(x);', '}')).toEqual({
      2: [2],
      4: [2],
    });
    expect(script('let x = 0;', 'for (;; x = 1) {', 'use(x);', 'if (a) continue;', 'x = 2;', '}')).toEqual({
      4: [2, 3],
    });
  });

  it('come out of the body of a `do` at least once', () => {
    expect(script('let x = 0;', 'do {', 'x = 1;', '} while (a());', 'use(x);')).toEqual({ 6: [4] });
  });

  it('are kept beside those that a logical assignment may make', () => {
    expect(script('let x = a;', 'x ??= 1;', 'use(x);')).toEqual({ 3: [2], 4: [2, 3] });
    expect(script('let x = a;', 'x += 1;', 'use(x);')).toEqual({ 3: [2], 4: [3] });
  });

  it('leave an endless loop by `break` only', () => {
    expect(script('let x = 0;', 'for (;;) {', 'x = 1;', 'if (a()) break;', 'x = 2;', '}', 'use(x);')).toEqual({
      8: [4],
    });
  });
});
