import type { SourceParser, SyntaxNode as Node } from '../../../adapters/parser/index.ts';
import type { StaticProblem } from '../../language-checks.ts';
import type { Example } from '../examples.ts';
import type { PythonFunction } from '../functions.ts';
import { examplesFor } from '../probe.ts';
import { problemAt } from '../problem.ts';
import { field } from '../tree.ts';
import { FileFolding } from './statements.ts';
import { equal, isKind, list, NotFolded, Raised, show, type Value, iterate } from './values.ts';

/** Steps for all examples of a file together. */
const STEPS = 60_000;
const MAX_EXAMPLES = 12;
const TOLERANCE = 1e-6;

function shown(value: Value): string {
  try {
    return show(value, true).slice(0, 120);
  } catch {
    return 'another value';
  }
}

/** What an example's call folds to, against what it expects; null where either does not fold, or they agree. */
function contradiction(
  parser: SourceParser,
  root: Node,
  steps: number,
  fn: PythonFunction,
  example: Example,
): string | null {
  const tree = parser.read(
    'python',
    `(${example.texts.join(', ')}${example.texts.length === 1 ? ',' : ''})\n(${example.expectedText ?? ''})\n`,
  );
  if (tree === null || tree.rootNode.hasError) return null;
  const folding = new FileFolding(root, steps);
  try {
    const nodes = tree.rootNode.namedChildren.map((statement) => statement?.namedChild(0) ?? null);
    const [given, wanted] = nodes;
    if (!given || !wanted) return null;
    const args = example.texts.length === 0 ? [] : iterate(folding.value(given));
    const expected = folding.value(wanted);
    const call = `${fn.name}(${example.texts.join(', ')})`.slice(0, 160);
    return outcome(folding, fn.name, args, expected, example.isPrinted, call);
  } catch (error) {
    if (error instanceof NotFolded || error instanceof Raised || error instanceof RangeError) return null;
    throw error;
  }
}

function outcome(
  folding: FileFolding,
  name: string,
  args: Value[],
  expected: Value,
  isPrinted: boolean,
  call: string,
): string | null {
  const target = folding.global(name);
  if (target === undefined || !isKind(target, 'function')) return null;
  let value: Value;
  try {
    value = target.call(args, new Map());
  } catch (error) {
    if (!(error instanceof Raised)) throw error;
    return `${call} should give ${shown(expected)}, but raises ${error.kind}`;
  }
  if (isPrinted && value === null) return null;
  const plain = isKind(value, 'iterator') ? list(value.items) : value;
  return equal(plain, expected, TOLERANCE) ? null : `${call} should give ${shown(expected)}, but gives ${shown(plain)}`;
}

/**
 * Examples that the text of a pure function contradicts. Their written-out arguments are folded through its statements as constants are,
 * within a number of steps; whatever is not known by heart (objects, input and output, other modules) says nothing.
 */
export function contradictedExamples(
  parser: SourceParser,
  root: Node,
  functions: readonly PythonFunction[],
  examples: readonly Example[],
): StaticProblem[] {
  return functions.flatMap((fn) => {
    if (fn.className !== null || fn.isNested || fn.isAsync || fn.isGenerator || fn.decorators.length > 0) return [];
    if (functions.filter(({ name, isNested }) => name === fn.name && !isNested).length > 1) return [];
    const usable = examplesFor(fn, examples).filter(
      ({ expectedText, isOpen, keywords }) => expectedText !== null && !isOpen && keywords.length === 0,
    );
    // Words about a task show examples loosely, and sometimes wrongly; what a dependent asserts comes first.
    const asserted = usable.filter(({ isPrinted }) => !isPrinted);
    const chosen = (asserted.length > 0 ? asserted : usable).slice(0, MAX_EXAMPLES);
    for (const example of chosen) {
      const message = contradiction(parser, root, Math.floor(STEPS / chosen.length), fn, example);
      if (message !== null)
        return [
          problemAt(
            field(fn.node, 'name') ?? fn.node,
            'semantics',
            'example-contradicted',
            message,
            'make it give what the example shows',
          ),
        ];
    }
    return [];
  });
}
