import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ERROR_KIND,
  NODE_EXTRA,
  NODE_MISSING,
  NODE_NAMED,
  openParser,
  readsMemory,
  tabulate,
  type SourceParser,
  type Tree,
} from '../../../src/adapters/parser/index.ts';

/** One line per node, read through the public interface. */
function viaCursor(tree: Tree): string[] {
  const cursor = tree.walk();
  const lines: string[] = [];
  for (;;) {
    const node = cursor.currentNode;
    const { isNamed, isExtra, isMissing } = node;
    const flags = [isNamed, isExtra, isMissing].map(Number).join('');
    lines.push(
      [cursor.currentDepth, node.type, node.startIndex, node.endIndex, cursor.currentFieldName ?? '', flags].join(' '),
    );
    if (cursor.gotoFirstChild()) continue;
    while (!cursor.gotoNextSibling()) if (!cursor.gotoParent()) return lines;
  }
}

function viaTable(tree: Tree): string[] {
  const table = tabulate(tree);
  const depth: number[] = [];
  return Array.from({ length: table.count }, (_, i) => {
    const parent = table.parent[i]!;
    depth[i] = parent < 0 ? 0 : depth[parent]! + 1;
    expect(parent).toBeLessThan(i);
    if (parent >= 0) expect(table.after[i]).toBeLessThanOrEqual(table.after[parent]!);
    const type = table.kind[i] === ERROR_KIND ? 'ERROR' : table.types[table.kind[i]!];
    const flags = [NODE_NAMED, NODE_EXTRA, NODE_MISSING].map((bit) => Number((table.flags[i]! & bit) !== 0)).join('');
    return [depth[i], type, table.start[i], table.end[i], table.fields[table.field[i]!] ?? '', flags].join(' ');
  });
}

const SAMPLES: Record<string, string> = {
  python:
    '@d\nasync def f(a, *b: int, **c) -> str:\n    """Doc."""\n    print(f"{a!r:>{b}}")  # note\n    return [x for x in b if x]\n',
  typescript:
    'export class A<T> extends B implements C {\n  @d() readonly x?: number = 1;\n  get y() { return `a${this.x}`; }\n}\n',
  tsx: 'export const V = () => <A b={1} {...c}>text &amp; <></></A>;\n',
  javascript: 'label: for (const [a, {b: c = 1}] of d) if (a?.b) continue label;\n',
  go: 'package a\nfunc (s *S) F(x int) (err error) { go func() {}(); return }\n',
  java: 'class A<T extends B> { @X int f(int... a) throws E { return a.length; } }\n',
  rust: 'impl<T: A> B for C<T> { fn f(&self) -> Option<u8> { match self { _ => None } } }\n',
  csharp: 'namespace N { record R(int X); class A { public int P { get; set; } = 1; } }\n',
  php: '<p><?php namespace A; class B { public function __construct(private int $x) {} } ?></p>\n',
  ruby: 'class A < B\n  def f(a:, *b) = a&.c { |x| "#{x}" }\nend\n',
  html: '<!DOCTYPE html><p class="a">text<br><script>let a = 1;</script></p>\n',
  css: '@media (min-width: 1px) { a:hover > b { color: red !important } }\n',
  json: '{"a": [1, true, null, {"b": "\\n"}]}\n',
  yaml: 'a: &x\n  - 1\n  - {b: *x}\n---\nc: |\n  text\n',
  toml: '[a.b]\nc = [1, 2.0, "x"]\n[[d]]\ne = 1979-05-27\n',
  bash: 'f() { local a="$(b | c)"; }\nfor i in *; do [[ -f $i ]] && echo "${i%.*}"; done\n',
};

describe('tabulate', () => {
  let parser: SourceParser;
  beforeAll(async () => {
    parser = await openParser();
  });
  afterAll(() => parser.close());

  function expectSame(language: string, text: string): void {
    const tree = parser.parse(language, text)!;
    expect(readsMemory(tree)).toBe(true);
    expect(viaTable(tree)).toEqual(viaCursor(tree));
    tree.delete();
  }

  it.each(Object.entries(SAMPLES))('agrees with the public interface in %s', (language, text) => {
    expectSame(language, text);
  });

  it.each(Object.entries(SAMPLES))('agrees on damaged text in %s', (language, text) => {
    for (let cut = 5; cut < text.length; cut += 17)
      expectSame(language, `${text.slice(0, cut)})"}${text.slice(cut + 3)}`);
  });

  it('agrees on a whole file and on deep nesting', () => {
    expectSame('typescript', readFileSync(fileURLToPath(import.meta.url), 'utf8').repeat(3));
    expectSame('python', `x = ${'('.repeat(3_000)}1${')'.repeat(3_000)}\n`);
  });
});
