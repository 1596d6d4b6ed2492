/** The types of expressions, as far as the file itself shows them. Empty text stands for "not known". */
import { BIT } from '../../rules/language-rules.ts';
import type { Units } from '../../survey.ts';
import type { CompiledContext } from '../context-rules.ts';
import type { Observations } from '../observe.ts';
import type { TypedName } from './typed-name.ts';
import { NameIndex } from './name-index.ts';
import { TreeReader } from './tree-reader.ts';
import type { TypeTables } from './type-tables.ts';
import { ClassReader } from './types-of-classes.ts';
import type { SyntaxTable } from '../../../adapters/parser/index.ts';

/** Steps from name to name and call to call that one answer may take. */
const MAX_DEPTH = 6;
const MAX_UNION = 4;
const MAX_TYPE = 120;

const COMPARISONS = new Set(['==', '!=', '===', '!==', '<', '>', '<=', '>=', 'in', 'instanceof']);
const CLASS_NAME = /^_?[A-Z]\w*[a-z]\w*$/;

/** What a call or access starts from: `os.path.join` as `os` and the whole. */
interface Path {
  readonly root: string;
  readonly dotted: string;
  readonly last: string;
}

export interface Signatures {
  /** Parameters and result of a callable, read once. */
  read(unit: number): readonly TypedName[];
}

export class TypeFinder {
  readonly reader: TreeReader;
  readonly tables: TypeTables;
  readonly classes: ClassReader;
  private readonly units: Units;
  private readonly context: CompiledContext;
  private readonly seen: Observations;
  private readonly signatures: Signatures;
  private index: NameIndex | undefined;

  constructor(
    text: string,
    table: SyntaxTable,
    context: CompiledContext,
    units: Units,
    seen: Observations,
    tables: TypeTables,
    signatures: Signatures,
  ) {
    this.reader = new TreeReader(text, table);
    this.tables = tables;
    this.classes = new ClassReader(this.reader, units, tables.self);
    this.units = units;
    this.context = context;
    this.seen = seen;
    this.signatures = signatures;
  }

  get names(): NameIndex {
    return (this.index ??= new NameIndex(this.seen, this.units));
  }

  /** The type of the value of an expression inside unit `scope` (-1: the module). */
  typeOf(node: number, scope: number, depth = 0): string {
    if (node < 0 || depth > MAX_DEPTH) return '';
    const { reader, tables } = this;
    const type = reader.type(node);
    switch (type) {
      case 'parenthesized_expression':
      case 'non_null_expression':
      case 'sequence_expression':
        return this.typeOf(reader.parts(node).at(-1) ?? -1, scope, depth);
      case 'await':
      case 'await_expression':
        return this.awaited(this.typeOf(reader.parts(node)[0] ?? -1, scope, depth + 1));
      case 'identifier':
      case 'undefined':
        return type === 'undefined' ? 'undefined' : this.nameType(reader.slice(node), scope, depth);
      case 'this':
        return this.classes.nameOf(this.classes.around(scope));
      case 'call':
      case 'call_expression':
        return this.callType(node, scope, depth);
      case 'new_expression':
        return this.constructed(reader.slice(reader.field(node, 'constructor')));
      case 'attribute':
      case 'member_expression':
        return this.memberType(node, scope, depth);
      case 'subscript':
      case 'subscript_expression':
        return this.elementType(node, scope, depth);
      case 'binary_operator':
      case 'binary_expression':
        return this.operation(node, scope, depth);
      case 'boolean_operator':
        return this.union([reader.field(node, 'left'), reader.field(node, 'right')], scope, depth);
      case 'conditional_expression': {
        const [value = -1, , other = -1] = reader.parts(node);
        return this.union([value, other], scope, depth);
      }
      case 'ternary_expression':
        return this.union([reader.field(node, 'consequence'), reader.field(node, 'alternative')], scope, depth);
      case 'unary_operator':
      case 'unary_expression':
        return this.unary(node, scope, depth);
      case 'update_expression':
        return tables.number;
      case 'as_expression':
      case 'satisfies_expression': {
        const [value = -1, target = -1] = reader.parts(node);
        return target < 0 || reader.slice(target) === 'const' ? this.typeOf(value, scope, depth) : this.flat(target);
      }
      case 'named_expression':
        return this.typeOf(reader.field(node, 'value'), scope, depth);
      case 'assignment_expression':
      case 'augmented_assignment_expression':
        return this.typeOf(reader.field(node, 'right'), scope, depth);
      default:
        return this.context.literals.get(reader.table.kind[node] as number) ?? '';
    }
  }

  /** All of the types, or nothing where one of them is not known. */
  union(nodes: readonly number[], scope: number, depth: number): string {
    return this.join(nodes.map((node) => this.typeOf(node, scope, depth + 1)));
  }

  join(types: readonly string[]): string {
    const [only = ''] = types;
    if (types.length <= 1 && !only.includes(' | ')) return only;
    const parts = new Set(types.flatMap((type) => type.split(' | ')));
    if (parts.size === 0 || parts.has('')) return '';
    if (parts.size > MAX_UNION && !(parts.has('None') || parts.has('null')))
      return [...parts].sort().slice(0, 8).join(' | ');
    return [...parts].sort().join(' | ');
  }

  private flat(node: number): string {
    return this.reader
      .slice(node)
      .replace(/^(:|->)\s*/, '')
      .replace(/\s+/g, ' ')
      .slice(0, MAX_TYPE);
  }

  private constructed(name: string): string {
    if (!/^[\w$.]+$/.test(name)) return '';
    return /(^|\.)[A-Z]\w*$/.test(name) ? name : `InstanceType<typeof ${name}>`;
  }

  private awaited(type: string): string {
    const inner = /^(?:Promise|PromiseLike|Awaitable|Coroutine)[<[](.*)[>\]]$/.exec(type)?.[1];
    return inner ?? (type.startsWith('ReturnType<') ? `Awaited<${type}>` : type);
  }

  private unary(node: number, scope: number, depth: number): string {
    const { reader, tables } = this;
    const operator = reader.slice(reader.children(node)[0] ?? -1);
    if (operator === '!' || operator === 'delete') return tables.boolean;
    if (operator === 'typeof') return tables.string;
    if (operator === 'void') return 'undefined';
    const inner = this.typeOf(reader.parts(node).at(-1) ?? -1, scope, depth + 1);
    return inner === '' ? tables.number : inner;
  }

  private operation(node: number, scope: number, depth: number): string {
    const { reader, tables } = this;
    const left = reader.field(node, 'left');
    const right = reader.field(node, 'right');
    const operator = reader.slice(reader.field(node, 'operator')) || reader.slice(reader.children(node)[1] ?? -1);
    if (COMPARISONS.has(operator)) return tables.boolean;
    if (operator === '&&' || operator === '||' || operator === '??') return this.union([left, right], scope, depth);
    const types = [this.typeOf(left, scope, depth + 1), this.typeOf(right, scope, depth + 1)];
    if (tables.namesTypesByOrigin) {
      if (operator !== '+') return tables.number;
      if (types.includes(tables.string)) return tables.string;
      return types.every((type) => type === tables.number) ? tables.number : '';
    }
    const [first = '', second = ''] = types;
    if (operator === '%' && first === 'str') return 'str';
    if (operator === '/') return first === 'int' || first === 'float' ? 'float' : '';
    if (first === second) return first;
    if (types.includes('float') && types.includes('int')) return 'float';
    if (operator === '*' && types.includes('int')) return types.find((type) => type !== 'int') ?? '';
    // Strings, lists and tuples add only to their own kind.
    if (operator === '+') return [first, second].find((type) => /^(str|bytes|list|tuple)\b/.test(type)) ?? '';
    return '';
  }

  private pathOf(node: number): Path | undefined {
    const dotted = this.reader.slice(node);
    if (!/^[\w$]+(\.[\w$]+)*$/.test(dotted)) return undefined;
    const parts = dotted.split('.');
    return { root: parts[0] ?? '', dotted, last: parts.at(-1) ?? '' };
  }

  private callType(node: number, scope: number, depth: number): string {
    const { reader } = this;
    const callee = reader.field(node, 'function');
    const path = this.pathOf(callee);
    const unit = this.unitOfCallee(callee, scope);
    if (unit >= 0) return this.resultOf(unit);
    if (path !== undefined) {
      const known = this.knownResult(path, scope);
      if (known !== '') return known;
    }
    if (!/^(attribute|member_expression)$/.test(reader.type(callee))) return '';
    const receiver = this.typeOf(reader.field(callee, 'object'), scope, depth + 1);
    const method = reader.slice(reader.parts(callee).at(-1) ?? -1);
    return this.methodResult(receiver, method);
  }

  /** What a call of something imported, built in or of a class gives. */
  private knownResult({ root, dotted, last }: Path, scope: number): string {
    const { tables, names } = this;
    const definition = names.definition(root, scope);
    const module = names.importedFrom(root);
    if (definition !== undefined && module === undefined) {
      const isClass = definition.nodes.some((node) => /class/.test(this.reader.type(this.reader.parent(node))));
      return isClass && root === dotted ? root : '';
    }
    const result =
      tables.results.get(dotted) ?? (module === undefined ? undefined : tables.results.get(`${module}.${dotted}`));
    if (result !== undefined) return result;
    if (module === undefined) return CLASS_NAME.test(dotted) && this.context.rules.builtins.has(dotted) ? dotted : '';
    if (!tables.namesTypesByOrigin) return CLASS_NAME.test(last) ? dotted : '';
    return `ReturnType<typeof ${dotted}>`;
  }

  private methodResult(receiver: string, method: string): string {
    const { tables } = this;
    if (receiver === tables.string && (tables.members.get(tables.string)?.has(method) ?? false)) {
      const known = tables.methodResults.get(method);
      if (known !== undefined) return known;
      if (/^(replace|join|translate|slice|concat|at|normalize)$/.test(method)) return tables.string;
      if (/^(count|index|find)$/.test(method)) return 'int';
      return method === 'encode' ? 'bytes' : method === 'split' ? 'list[str]' : '';
    }
    if (receiver === 'dict' && method === 'copy') return 'dict';
    if (tables.namesTypesByOrigin && CLASS_NAME.test(receiver)) return `ReturnType<${receiver}['${method}']>`;
    return tables.methodResults.get(method) ?? (method === 'format' && receiver !== '' ? tables.string : '');
  }

  /** The function of this file that an expression names: `f`, `self.f`, a class's constructor; -1 for none. */
  unitOfCallee(callee: number, scope: number): number {
    const { reader, tables } = this;
    if (reader.type(callee) === 'identifier') {
      const definition = this.names.definition(reader.slice(callee), scope);
      return definition?.nodes.length === 1 ? this.callableAt(reader.parent(definition.nodes[0] as number)) : -1;
    }
    const object = reader.field(callee, 'object');
    if (!tables.self.has(reader.slice(object))) return -1;
    const owner = this.classes.around(scope);
    if (owner < 0) return -1;
    return this.classes.members(owner).methods.get(reader.slice(reader.parts(callee).at(-1) ?? -1)) ?? -1;
  }

  /** The callable unit at a declaration, or that is its value. */
  callableAt(node: number): number {
    const unit = this.unitAt(node);
    if (unit >= 0 && ((this.units.bits[unit] as number) & BIT.callable) !== 0) return unit;
    const value = this.reader.field(node, 'value');
    const inner = value < 0 ? -1 : this.unitAt(value);
    return inner >= 0 && ((this.units.bits[inner] as number) & BIT.callable) !== 0 ? inner : -1;
  }

  unitAt(node: number): number {
    const { node: nodes } = this.units;
    let low = 0;
    let high = nodes.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const at = nodes[middle] as number;
      if (at === node) return middle;
      if (at < node) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }

  private resultOf(unit: number): string {
    return this.signatures.read(unit).find(({ name }) => name === 'return')?.type ?? '';
  }

  private memberType(node: number, scope: number, depth: number): string {
    const { reader, tables } = this;
    const object = reader.field(node, 'object');
    const member = reader.slice(reader.parts(node).at(-1) ?? -1);
    if (member === 'length') return tables.number;
    if (tables.self.has(reader.slice(object))) return this.attributeType(this.classes.around(scope), member, depth);
    const path = this.pathOf(node);
    if (path !== undefined && tables.results.has(path.dotted) && /\.(linesep|sep)$/.test(path.dotted))
      return tables.string;
    if (member === '__name__' || member === '__qualname__' || member === '__doc__') return 'str';
    if (member === '__class__') return 'type';
    if (!tables.namesTypesByOrigin) return '';
    if (path !== undefined && this.names.importedFrom(path.root) !== undefined) return `typeof ${path.dotted}`;
    const owner = this.typeOf(object, scope, depth + 1);
    return CLASS_NAME.test(owner) ? `${owner}['${member}']` : '';
  }

  /** The type of an attribute of a class of this file, from its declarations and what is assigned to it. */
  attributeType(owner: number, name: string, depth: number): string {
    if (owner < 0 || depth > MAX_DEPTH) return '';
    const { reader } = this;
    const members = this.classes.members(owner);
    const method = members.methods.get(name);
    if (method !== undefined) {
      return this.isGetter(this.units.node[method] as number) ? this.resultOf(method) : this.tables.callable;
    }
    const found: string[] = [];
    for (const node of members.attributes.get(name) ?? []) {
      const declared = reader.field(node, 'type');
      if (declared >= 0) return this.flat(declared);
      const value = reader.field(node, 'right') >= 0 ? reader.field(node, 'right') : reader.field(node, 'value');
      found.push(this.typeOf(value, this.scopeAt(value, owner), depth + 1));
    }
    const known = found.filter((type) => type !== '');
    // What is only reset to nothing somewhere has the type that it gets elsewhere.
    const telling = known.filter((type) => type !== 'None' && type !== 'null' && type !== 'undefined');
    return telling.length === 0 || known.length < found.length ? '' : this.join(known);
  }

  /** `get x() {}`, or decorated as a property. */
  private isGetter(node: number): boolean {
    const { reader } = this;
    if (/^(static\s+)?get\s/.test(reader.slice(node).slice(0, 20))) return true;
    const above = reader.parent(node);
    if (reader.type(above) !== 'decorated_definition') return false;
    return reader.parts(above).some((part) => /^@([\w.]+\.)?\w*property\b/.test(reader.slice(part).slice(0, 60)));
  }

  /** The innermost callable or type around a node, at or inside unit `from`. */
  scopeAt(node: number, from: number): number {
    if (node < 0) return from;
    const { start, end, bits } = this.units;
    const position = this.reader.table.start[node] as number;
    let scope = from;
    for (let u = from + 1; u < start.length && (start[u] as number) <= position; u++)
      if ((end[u] as number) > position && ((bits[u] as number) & (BIT.callable | BIT.type)) !== 0) scope = u;
    return scope;
  }

  private elementType(node: number, scope: number, depth: number): string {
    const { reader, tables } = this;
    const object = reader.field(node, 'value') >= 0 ? reader.field(node, 'value') : reader.field(node, 'object');
    const owner = this.typeOf(object, scope, depth + 1);
    const isSlice = reader.type(reader.field(node, 'subscript')) === 'slice';
    if (owner === tables.string || (isSlice && owner !== '')) return owner;
    return /^(.+)\[\]$/.exec(owner)?.[1] ?? /^(?:list|Sequence|List)\[([^,]+)\]$/.exec(owner)?.[1] ?? '';
  }

  private nameType(name: string, scope: number, depth: number): string {
    const { tables, reader } = this;
    const definition = this.names.definition(name, scope);
    if (definition === undefined) {
      const module = this.names.importedFrom(name);
      if (module !== undefined)
        return tables.namesTypesByOrigin ? `typeof ${name}` : CLASS_NAME.test(name) ? `type[${name}]` : '';
      if (tables.self.has(name)) return this.classes.nameOf(this.classes.around(scope));
      return CLASS_NAME.test(name) && this.context.rules.builtins.has(name)
        ? tables.namesTypesByOrigin
          ? `typeof ${name}`
          : `type[${name}]`
        : '';
    }
    const found: string[] = [];
    for (const node of definition.nodes) {
      const type = this.bindingType(node, name, definition.scope, depth + 1);
      if (type === undefined) continue;
      if (reader.type(reader.parent(node)) !== 'augmented_assignment') found.push(type);
    }
    return this.join(found);
  }

  /** What one definition of a name says about its type; undefined where it says nothing. */
  private bindingType(node: number, name: string, scope: number, depth: number): string | undefined {
    const { reader, tables } = this;
    if (depth > MAX_DEPTH) return '';
    const above = reader.parent(node);
    const type = reader.type(above);
    const declared = reader.field(above, 'type');
    if (declared >= 0 && declared !== node) return this.flat(declared);
    switch (type) {
      case 'assignment':
        return reader.field(above, 'right') < 0 ? undefined : this.typeOf(reader.field(above, 'right'), scope, depth);
      case 'augmented_assignment':
        return undefined;
      case 'variable_declarator':
      case 'named_expression':
        return reader.field(above, 'value') < 0 ? undefined : this.typeOf(reader.field(above, 'value'), scope, depth);
      case 'function_definition':
      case 'function_declaration':
      case 'generator_function_declaration':
        return tables.namesTypesByOrigin ? `typeof ${name}` : tables.callable;
      case 'class_definition':
      case 'class_declaration':
      case 'abstract_class_declaration':
        return tables.namesTypesByOrigin ? `typeof ${name}` : `type[${name}]`;
      case 'as_pattern_target':
        return this.contextType(reader.parent(above), scope, depth);
      case 'for_statement':
      case 'for_in_statement':
      case 'for_in_clause':
        return this.itemType(reader.field(above, 'right'), scope, depth);
      case 'shorthand_property_identifier_pattern':
      case 'object_pattern':
        return this.pickedType(above, name, scope, depth);
      case 'global_statement':
      case 'nonlocal_statement':
        return undefined;
      default:
        return this.parameterType(name, scope);
    }
  }

  /** `with open(p) as f`, `except ValueError as e`. */
  private contextType(pattern: number, scope: number, depth: number): string {
    const value = this.reader.parts(pattern)[0] ?? -1;
    if (/^except/.test(this.reader.type(this.reader.parent(pattern)))) return this.flat(value);
    return this.typeOf(value, scope, depth);
  }

  private itemType(node: number, scope: number, depth: number): string {
    const type = this.typeOf(node, scope, depth + 1);
    if (type === 'range') return 'int';
    if (type === 'str' || type === 'string') return type;
    return /^(.+)\[\]$/.exec(type)?.[1] ?? /^(?:list|set|Sequence|Iterable)\[([^,]+)\]$/.exec(type)?.[1] ?? '';
  }

  /** `const { name } = value` where the type of the value has a name. */
  private pickedType(pattern: number, name: string, scope: number, depth: number): string {
    const { reader } = this;
    const holder = reader.parent(pattern);
    const declared = reader.field(holder, 'type');
    const owner = declared >= 0 ? this.flat(declared) : this.typeOf(reader.field(holder, 'value'), scope, depth + 1);
    if (/^typeof |^ReturnType<|^Awaited</.test(owner))
      return `(${owner})['${name}']`.replace(/^\(ReturnType<(.*)>\)/, 'ReturnType<$1>');
    return /^[A-Z][\w.]*(<.*>)?$/.test(owner) ? `${owner}['${name}']` : '';
  }

  private parameterType(name: string, scope: number): string {
    if (scope < 0) return '';
    return this.signatures.read(scope).find((entry) => entry.name === name && entry.name !== 'return')?.type ?? '';
  }
}
