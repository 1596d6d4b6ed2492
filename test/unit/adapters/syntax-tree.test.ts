import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Node, openParser, type SourceParser, type SyntaxNode } from '../../../src/adapters/parser/index.ts';

const PYTHON = `@d
async def f(a, *b: int, c=1, **d) -> str:
    """Doc."""
    x, y = a[1:2], a[1, 2]  # note
    if x == 1 and not y: return f"{a!r:>{b}}é"
    elif x is not None:
        raise E from e
    else: pass
    try:
        print(*b, end='')
    except (A, B) as error: ...
    return [x for x in b if x]
`;
const TYPESCRIPT = `export class A<T> extends B {\n  @d() readonly x?: number = 1;\n  get y() { return \`a\${this.x}\`; }\n}\n`;

/** Everything that rules ask of a node; without fields, only what it is and holds. */
function shown(node: Node | SyntaxNode, fields: readonly string[] | null): unknown {
  const { type, startIndex, endIndex, text, isNamed, isMissing, isError, isExtra, hasError, childCount } = node;
  const place = (other: Node | SyntaxNode | null): string | null => other && `${other.type} ${other.startIndex}`;
  return {
    ...{ type, startIndex, endIndex, text, isNamed, isMissing, isError, isExtra, hasError, childCount },
    position: [node.startPosition.row, node.startPosition.column],
    namedChildCount: node.namedChildCount,
    parent: place(node.parent),
    named: [place(node.firstNamedChild), place(node.lastNamedChild), place(node.namedChild(1)), place(node.child(1))],
    last: place(node.lastChild),
    next: fields && place(node.nextNamedSibling),
    fields: fields?.map((field) => [
      field,
      place(node.childForFieldName(field)),
      node.childrenForFieldName(field).map(place),
    ]),
    children: node.children.map((child) => child && shown(child, fields)),
  };
}

describe('SourceParser.read', () => {
  let parser: SourceParser;
  beforeAll(async () => {
    parser = await openParser();
  });
  afterAll(() => parser.close());

  function expectSame(language: string, text: string): void {
    const tree = parser.parse(language, text)!;
    // Around errors the public interface misses siblings and fields now and then.
    const fields = tree.rootNode.hasError ? null : tree.language.fields.filter((field) => field !== null);
    expect(shown(parser.read(language, text)!.rootNode, fields)).toEqual(shown(tree.rootNode, fields));
    tree.delete();
  }

  it.each([
    ['python', PYTHON],
    ['typescript', TYPESCRIPT],
  ])('gives the nodes that the public interface gives, in %s', (language, text) => {
    expectSame(language, text);
    expectSame(language, text.replaceAll('\n', '\r\n'));
    expectSame(language, text.replaceAll('\n', '\r'));
  });

  it.each([
    ['python', PYTHON],
    ['typescript', TYPESCRIPT],
  ])('does so in damaged text, in %s', (language, text) => {
    for (let cut = 5; cut < text.length; cut += 29)
      expectSame(language, `${text.slice(0, cut)})"}${text.slice(cut + 3)}`);
  });

  it('does so in a whole file', () => {
    expectSame('typescript', readFileSync(fileURLToPath(import.meta.url), 'utf8'));
  });

  it('finds descendants of a type, the node itself among them', () => {
    const root = parser.read('python', PYTHON)!.rootNode;
    const tree = parser.parse('python', PYTHON)!;
    const starts = (nodes: readonly (Node | SyntaxNode | null)[]): unknown[] => nodes.map((node) => node?.startIndex);
    expect(starts(root.descendantsOfType('identifier'))).toEqual(starts(tree.rootNode.descendantsOfType('identifier')));
    tree.delete();
    expect(root.descendantsOfType('module')).toEqual([root]);
  });

  it('keeps what it read last, and no more than it may', () => {
    const first = parser.read('python', 'first = 1\n');
    expect(parser.read('python', 'first = 1\n')).toBe(first);
    expect(parser.read('typescript', 'first = 1\n')).not.toBe(first);
    for (let i = 0; i < 12; i++) parser.read('python', `x = [${'1, '.repeat(5_000 + i)}]\n`);
    expect(parser.read('python', 'first = 1\n')).not.toBe(first);
  });

  it('knows no text of a language without a grammar', () => {
    expect(parser.read('sql', 'select 1')).toBeNull();
  });
});
