import type TypeScript from 'typescript';
import type { StaticProblem } from '../../language-checks.ts';
import { problemAt } from '../problem.ts';
import type { ScriptContext } from '../context.ts';
import { numberOf, type Rule } from './rule.ts';

/** Fewest entries of which all but one tell how the odd one should be. */
const FEWEST = 6;

function isRising(numbers: readonly number[]): boolean {
  return numbers.every((value, index) => index === 0 || value > (numbers[index - 1] ?? value));
}

/** Cases 1, 2, 3, 40, 5, 6: one stands where the row has a gap. */
const caseOutOfRow: Rule = ({ ts }, node) => {
  if (!ts.isSwitchStatement(node)) return [];
  const cases = node.caseBlock.clauses.filter((clause) => ts.isCaseClause(clause));
  const values = cases.map((clause) => numberOf(ts, clause.expression));
  if (cases.length < FEWEST || values.includes(null)) return [];
  const numbers = values.map((value) => value ?? 0);
  const odd = numbers.findIndex((value, index) => {
    const others = numbers.map((other, at) => (at === index ? (numbers[0] ?? 0) + index : other));
    const isRow = others.every((other, at) => at === 0 || other === (others[at - 1] ?? other) + 1);
    return index > 0 && isRow && value > (others.at(-1) ?? 0);
  });
  const clause = cases[odd];
  if (clause === undefined) return [];
  const message = `case ${numbers[odd] ?? ''} stands where ${(numbers[0] ?? 0) + odd} is missing`;
  return [problemAt(clause.expression, 'semantics', 'case-out-of-row', message)];
};

/** The numbers of a table: of a list of numbers, or of one member of a list of objects. */
function columnsOf(
  { ts }: ScriptContext,
  list: TypeScript.ArrayLiteralExpression,
): [TypeScript.Expression, number][][] {
  const columns = new Map<string, [TypeScript.Expression, number][]>();
  const put = (key: string, node: TypeScript.Expression): void => {
    const value = numberOf(ts, node);
    if (value !== null) columns.set(key, [...(columns.get(key) ?? []), [node, value]]);
  };
  for (const element of list.elements) {
    if (ts.isObjectLiteralExpression(element))
      for (const property of element.properties)
        if (ts.isPropertyAssignment(property)) put(property.name.getText(), property.initializer);
  }
  return [...columns.values()].filter((column) => column.length === list.elements.length);
}

/** Entries that rise or fall all the way, but for one that is many times as large as its neighbours. */
const entryOutOfOrder: Rule = (context, node) => {
  if (!context.ts.isArrayLiteralExpression(node) || node.elements.length < FEWEST) return [];
  return columnsOf(context, node).flatMap((column): StaticProblem[] => {
    const numbers = column.map(([, value]) => value);
    const inOrder = (values: readonly number[]): boolean => isRising(values) || isRising([...values].reverse());
    if (inOrder(numbers)) return [];
    const odd = numbers.findIndex((value, index) => {
      const around = [numbers[index - 1], numbers[index + 1]].filter((other) => other !== undefined);
      return around.every((other) => value >= 4 * other && other > 0) && inOrder(numbers.toSpliced(index, 1));
    });
    const entry = column[odd]?.[0];
    const message = `${numbers[odd] ?? ''} is out of the order that all other entries keep`;
    return entry === undefined ? [] : [problemAt(entry, 'semantics', 'entry-out-of-order', message)];
  });
};

/** A table of single characters with one key of more. */
const oddKey: Rule = ({ ts }, node) => {
  if (!ts.isObjectLiteralExpression(node) || node.properties.length < 2 * FEWEST) return [];
  const names = node.properties.map(({ name }) => name);
  const long = names.filter((name) => name === undefined || !/^(?:\w|(["']).\1)$/su.test(name.getText()));
  const [only] = long;
  if (long.length !== 1 || only === undefined || !/^["']?_?\w{1,2}_?["']?$/.test(only.getText())) return [];
  const message = `the key ${only.getText()} stands among single characters`;
  return [problemAt(only, 'semantics', 'odd-key', message)];
};

/** Rules about tables with one entry unlike all others. */
export const TABLE_RULES: readonly Rule[] = [caseOutOfRow, entryOutOfOrder, oddKey];
