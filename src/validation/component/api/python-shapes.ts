import type { SyntaxNode } from '../../../adapters/parser/index.ts';
import {
  argumentsOf,
  contentOf,
  lastName,
  type PythonProgram,
  pythonString,
  type PythonSource,
  statementsOf,
} from '../python/python-program.ts';
import { type Member, type Shape, TEXT, UNKNOWN, unionOf } from './shape.ts';

const NAMED: Readonly<Record<string, Shape>> = {
  int: { kind: 'number' },
  float: { kind: 'number' },
  conint: { kind: 'number' },
  confloat: { kind: 'number' },
  PositiveInt: { kind: 'number' },
  bool: { kind: 'boolean' },
  str: TEXT,
  constr: TEXT,
  EmailStr: TEXT,
  datetime: TEXT,
  date: TEXT,
  UUID: TEXT,
  None: { kind: 'null' },
};
/** Members are renamed on their way: what is written is not what is sent. */
const RENAMES =
  /\balias(?:_generator)?\s*=|serialization_alias|\bby_alias\b|RootModel|root_validator|model_serializer|computed_field|mode=["']before["']/;

/** The shapes that pydantic's annotations stand for. */
export class PythonShapes {
  private readonly classes = new Map<string, Shape>();
  private readonly program: PythonProgram;

  constructor(program: PythonProgram) {
    this.program = program;
  }

  /** The shape of an annotation; unknown for everything that is not pydantic's or Python's own. */
  of(file: PythonSource, node: SyntaxNode | null, depth = 0): Shape {
    if (node === null || depth > 12) return UNKNOWN;
    if (node.type === 'type') return this.of(file, node.namedChild(0), depth);
    if (node.type === 'none') return { kind: 'null' };
    if (node.type === 'binary_operator')
      return unionOf(
        [node.childForFieldName('left'), node.childForFieldName('right')].map((part) => this.of(file, part, depth + 1)),
      );
    if (node.type === 'string') return this.named(file, pythonString(node) ?? '', depth);
    if (node.type === 'generic_type' || node.type === 'subscript') return this.generic(file, node, depth);
    if (node.type === 'call') return this.named(file, node.childForFieldName('function')?.text ?? '', depth);
    return node.type === 'identifier' || node.type === 'attribute' || node.type === 'member_type'
      ? this.named(file, node.text, depth)
      : UNKNOWN;
  }

  /** The shape of a class of pydantic by its name in a file; null when it is none. */
  model(file: PythonSource, name: string): Shape | null {
    const found = this.program.definition(file, name);
    if (found?.node?.type !== 'class_definition') return null;
    const shape = this.classOf(found.file, found.node, 0);
    return shape.kind === 'object' ? shape : null;
  }

  private generic(file: PythonSource, node: SyntaxNode, depth: number): Shape {
    const head = lastName(node.childForFieldName('value') ?? node.namedChild(0));
    const list =
      node.type === 'subscript' ? node.childrenForFieldName('subscript') : (node.namedChild(1)?.namedChildren ?? []);
    const inner = (): Shape[] => list.map((part) => this.of(file, part, depth + 1));
    if (/^(?:list|List|set|Set|Sequence|Iterable|frozenset)$/.test(head))
      return { kind: 'array', item: inner()[0] ?? UNKNOWN };
    if (head === 'Optional' || head === 'Annotated') return inner()[0] ?? UNKNOWN;
    if (head === 'Union') return unionOf(inner());
    if (head !== 'Literal') return UNKNOWN;
    const values = list.map((part) => pythonString(part.type === 'type' ? part.namedChild(0) : part));
    return values.every((value) => value !== null) ? { kind: 'text', values: values } : UNKNOWN;
  }

  private named(file: PythonSource, name: string, depth: number): Shape {
    const found = this.program.definition(file, name);
    if (found === null || found.node === null) return NAMED[name.split('.').at(-1) ?? ''] ?? UNKNOWN;
    if (found.node.type === 'class_definition') return this.classOf(found.file, found.node, depth);
    const value = found.node.type === 'assignment' ? found.node.childForFieldName('right') : found.node.namedChild(1);
    return this.of(found.file, value, depth + 1);
  }

  private classOf(file: PythonSource, node: SyntaxNode, depth: number): Shape {
    const key = `${file.path}\n${String(node.startIndex)}`;
    const known = this.classes.get(key);
    if (known !== undefined) return known;
    this.classes.set(key, UNKNOWN);
    const shape = this.readClass(file, node, depth);
    this.classes.set(key, shape);
    return shape;
  }

  private readClass(file: PythonSource, node: SyntaxNode, depth: number): Shape {
    const bases = argumentsOf(node.childForFieldName('superclasses')).positional;
    const names = bases.map(lastName);
    if (names.some((name) => /^(?:Str|Text)?Enum$/.test(name))) return enumOf(node);
    const members = new Map<string, Member>();
    if (RENAMES.test(node.text)) return UNKNOWN;
    let isModel = false;
    let isStrict = false;
    for (const base of bases) {
      const found = this.program.definition(file, base.text);
      const shape =
        found?.node?.type === 'class_definition' && depth < 8 ? this.classOf(found.file, found.node, depth + 1) : null;
      if (shape?.kind === 'object') {
        isModel = true;
        isStrict ||= shape.isStrict === true;
        for (const [name, member] of shape.members) members.set(name, member);
      } else if (lastName(base) === 'BaseModel') isModel = true;
      else return UNKNOWN;
    }
    if (!isModel) return UNKNOWN;
    for (const [name, member] of this.fields(file, node, depth)) members.set(name, member);
    const body = node.childForFieldName('body')?.text ?? '';
    return {
      kind: 'object',
      members,
      isOpen: /extra\s*=\s*["']allow/.test(body),
      isStrict: isStrict || /extra\s*=\s*(?:["']|\w+\.)forbid/.test(body),
    };
  }

  private *fields(file: PythonSource, node: SyntaxNode, depth: number): Generator<[string, Member]> {
    const body = node.childForFieldName('body');
    for (const statement of body === null ? [] : statementsOf(body)) {
      const content = contentOf(statement);
      const [name, type] = [content?.childForFieldName('left'), content?.childForFieldName('type')];
      if (content?.type !== 'assignment' || name?.type !== 'identifier' || type === null || type === undefined)
        continue;
      if (/^(?:model_config|_)/.test(name.text) || /ClassVar/.test(type.text)) continue;
      const shape = this.of(file, type, depth + 1);
      const place = { path: file.path, text: file.text, position: name.startIndex };
      yield [name.text, { shape, isOptional: isOptional(content.childForFieldName('right'), type.text), place }];
    }
  }
}

function isOptional(value: SyntaxNode | null, type: string): boolean {
  // Whether `X | None` without a value may be left out differs between versions of pydantic.
  if (value === null) return /\bNone\b|\bOptional\b/.test(type);
  if (value.text === '...') return false;
  if (value.type !== 'call' || lastName(value.childForFieldName('function')) !== 'Field') return true;
  const { positional, keywords } = argumentsOf(value.childForFieldName('arguments'));
  const first = positional[0] ?? keywords.get('default');
  return first === undefined
    ? keywords.has('default_factory') || /\bNone\b|\bOptional\b/.test(type)
    : first.text !== '...';
}

function enumOf(node: SyntaxNode): Shape {
  const body = node.childForFieldName('body');
  const values: string[] = [];
  for (const statement of body === null ? [] : statementsOf(body)) {
    const content = contentOf(statement);
    if (content?.type !== 'assignment') continue;
    const value = pythonString(content.childForFieldName('right'));
    if (value === null) return UNKNOWN;
    values.push(value);
  }
  return values.length === 0 ? UNKNOWN : { kind: 'text', values };
}
