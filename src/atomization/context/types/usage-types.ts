/** What the uses of a parameter say about it: guards, operators, members, where it is handed on to. */
import type { TypedName } from './typed-name.ts';
import type { TypeFinder } from './type-finder.ts';

/** Uses of one parameter that are looked at. */
const MAX_USES = 40;
const MAX_MEMBERS = 6;
const MAX_ASKED = 3;
/** Steps from parameter to parameter. */
const MAX_HANDS = 4;

interface Evidence {
  /** Types that a guard names: `isinstance(x, int)`. */
  readonly guarded: Set<string>;
  /** Types that an operation asks for. */
  readonly asked: Set<string>;
  readonly members: Set<string>;
  /** Kinds of access that need no name: called, iterated, indexed. */
  readonly shapes: Set<string>;
  optional: boolean;
  /** Only its truth is looked at. */
  truth: number;
  /** Uses that any value allows: printed, compared, kept. */
  free: number;
  /** Uses that say nothing: handed on to what is not known. */
  silent: number;
}

const CONDITIONS =
  /^(if_statement|elif_clause|while_statement|not_operator|conditional_expression|ternary_expression|if_clause|assert_statement|do_statement)$/;
const ARITHMETIC = new Set([
  '-',
  '*',
  '/',
  '//',
  '**',
  '%',
  '<<',
  '>>',
  '&',
  '|',
  '^',
  '-=',
  '*=',
  '/=',
  '//=',
  '<<=',
  '>>=',
]);
const NOTHING = /^(None|null|undefined|void)( \| (None|null|undefined|void))*$/;
const ORDER = new Set(['<', '>', '<=', '>=']);

export class UsageReader {
  private readonly finder: TypeFinder;
  private readonly parametersOf: (unit: number) => readonly TypedName[];
  private hands = 0;

  constructor(finder: TypeFinder, parametersOf: (unit: number) => readonly TypedName[]) {
    this.finder = finder;
    this.parametersOf = parametersOf;
  }

  /** The type that the uses of parameter `name` of callable `unit` show; empty when they show none. */
  typeOf(name: string, unit: number): string {
    return this.fromNodes(this.finder.names.uses(name, unit), unit, name);
  }

  private fromNodes(nodes: readonly number[], unit: number, name: string): string {
    const evidence: Evidence = {
      guarded: new Set(),
      asked: new Set(),
      members: new Set(),
      shapes: new Set(),
      optional: false,
      truth: 0,
      free: 0,
      silent: 0,
    };
    for (const node of nodes.slice(0, MAX_USES)) this.read(node, unit, name, evidence);
    const type = this.conclude(evidence, nodes.length);
    const none = this.finder.tables.namesTypesByOrigin ? 'undefined' : 'None';
    return type !== '' && evidence.optional && !type.split(' | ').includes(none) ? `${type} | ${none}` : type;
  }

  private conclude(evidence: Evidence, uses: number): string {
    const { tables } = this.finder;
    const { guarded, asked, members, shapes } = evidence;
    if (guarded.size > 0) return this.guardedType(guarded, members);
    const asks = [...asked].filter((type) => type !== tables.anything && !NOTHING.test(type));
    if (asks.length > 0 && (members.size === 0 || asks.length === 1))
      return asks.sort().slice(0, MAX_ASKED).join(' | ');
    if (members.size > 0) return this.byMembers(members, shapes);
    if (shapes.size > 0) return [...shapes].join(' & ');
    if (evidence.silent > 0) return '';
    if (evidence.truth > 0 && evidence.free === 0) return tables.boolean;
    // Nothing in the function asks anything of it: every value will do.
    return uses === evidence.free + evidence.truth || asked.has(tables.anything) ? tables.anything : '';
  }

  /** The types that guards name, and what else the function takes where they do not hold. */
  private guardedType(guarded: ReadonlySet<string>, members: ReadonlySet<string>): string {
    const { tables } = this.finder;
    const others = [...members].filter((member) => ![...guarded].some((type) => tables.members.get(type)?.has(member)));
    const isOpen = [...guarded].every((type) => tables.members.has(type) || type === tables.callable);
    const types = [...guarded].sort();
    if (others.length > 0 && isOpen) types.push(this.byMembers(new Set(others), new Set()));
    return types.join(' | ');
  }

  private byMembers(members: ReadonlySet<string>, shapes: ReadonlySet<string>): string {
    const { tables } = this.finder;
    const candidates = [...tables.members].filter(([, own]) => [...members].every((member) => own.has(member)));
    const [best] = candidates;
    // One member alone tells little, unless it is a method that only text has.
    const isTelling = candidates.length === 1 && best?.[0] === tables.string;
    if (best !== undefined && (members.size > 1 || isTelling)) return best[0];
    const shown = [...members].sort().slice(0, MAX_MEMBERS);
    const more = members.size > shown.length || shapes.size > 0 ? '; …' : '';
    return tables.namesTypesByOrigin ? `{ ${shown.join('; ')}${more} }` : `object with ${shown.join(', ')}${more}`;
  }

  private read(node: number, unit: number, name: string, evidence: Evidence): void {
    const { reader, tables } = this.finder;
    const above = reader.parent(node);
    const role = reader.role(node);
    switch (reader.type(above)) {
      case 'attribute':
      case 'member_expression':
        return this.member(above, evidence);
      case 'call':
      case 'call_expression':
      case 'new_expression':
        if (role === 'function' || role === 'constructor') evidence.shapes.add(tables.callable);
        return;
      case 'argument_list':
      case 'arguments':
        return this.argument(node, above, unit, evidence);
      case 'keyword_argument':
        return this.argument(above, reader.parent(above), unit, evidence, reader.slice(reader.field(above, 'name')));
      case 'comparison_operator':
      case 'binary_operator':
      case 'binary_expression':
      case 'augmented_assignment':
      case 'augmented_assignment_expression':
        return this.operand(node, above, unit, evidence);
      case 'unary_operator':
      case 'unary_expression':
        return this.unary(above, unit, evidence);
      case 'update_expression':
        evidence.asked.add(tables.number);
        return;
      case 'subscript':
      case 'subscript_expression':
        return this.subscript(node, above, unit, evidence);
      case 'for_statement':
      case 'for_in_statement':
      case 'for_in_clause':
      case 'list_splat':
      case 'spread_element':
      case 'yield':
        evidence.shapes.add(
          reader.type(above) === 'yield' && reader.children(above).length < 3 ? '' : this.iterated(above),
        );
        evidence.shapes.delete('');
        return;
      case 'dictionary_splat':
        evidence.shapes.add(tables.mapping);
        return;
      case 'await':
      case 'await_expression':
        evidence.shapes.add(tables.awaitable);
        return;
      case 'raise_statement':
        evidence.asked.add('BaseException');
        return;
      case 'throw_statement':
      case 'interpolation':
      case 'template_substitution':
      case 'expression_statement':
      case 'delete_statement':
        evidence.free++;
        return;
      case 'parenthesized_expression':
      case 'non_null_expression':
        if (CONDITIONS.test(reader.type(reader.parent(above)))) evidence.truth++;
        else this.read(above, unit, name, evidence);
        return;
      case 'assignment':
      case 'assignment_expression':
        return this.kept(node, above, unit, evidence);
      case 'variable_declarator':
        return this.destructured(above, evidence);
      case 'boolean_operator':
        return this.read(above, unit, name, evidence);
      case 'jsx_expression':
        return this.jsx(above, evidence);
      default:
        if (CONDITIONS.test(reader.type(above)) && this.isCondition(node, above)) evidence.truth++;
        else evidence.silent++;
    }
  }

  private iterated(above: number): string {
    const { reader, tables } = this.finder;
    const isIn = reader.type(above) === 'for_in_statement' && reader.slice(reader.field(above, 'operator')) === 'in';
    return isIn ? tables.mapping : tables.iterable;
  }

  private isCondition(node: number, above: number): boolean {
    const { reader } = this.finder;
    if (reader.type(above) === 'conditional_expression') return reader.parts(above)[1] === node;
    if (reader.type(above) === 'ternary_expression') return reader.role(node) === 'condition';
    return true;
  }

  private member(access: number, evidence: Evidence): void {
    const { reader } = this.finder;
    const member = reader.slice(reader.parts(access).at(-1) ?? -1);
    if (/^__(class|name|dict|doc|module|qualname)__$/.test(member)) evidence.free++;
    else evidence.members.add(member);
  }

  private argument(node: number, list: number, unit: number, evidence: Evidence, keyword?: string): void {
    const { finder } = this;
    const { reader, tables } = finder;
    const call = reader.parent(list);
    const callee = reader.field(call, reader.type(call) === 'new_expression' ? 'constructor' : 'function');
    const written = reader.slice(callee);
    const index = reader.parts(list).indexOf(node);
    if (this.guard(written, list, index, evidence)) return;
    const module = finder.names.importedFrom(written.split('.')[0] ?? '');
    const takes =
      tables.takes.get(written) ?? (module === undefined ? undefined : tables.takes.get(`${module}.${written}`));
    if (takes !== undefined && (index === 0 || takes === tables.anything)) {
      if (takes === tables.anything) evidence.free++;
      else evidence.asked.add(takes);
      return;
    }
    const type = this.handedTo(callee, unit, index, keyword);
    if (type !== '') evidence.asked.add(type);
    else if (module !== undefined && tables.namesTypesByOrigin && index >= 0 && /^[\w$.]+$/.test(written)) {
      const of = reader.type(call) === 'new_expression' ? 'ConstructorParameters' : 'Parameters';
      evidence.asked.add(`${of}<typeof ${written}>[${String(index)}]`);
    } else if (
      /\.(append|add|push|log|info|debug|warning|error|assertEqual|assertIs|assertNotEqual|assertTrue|assertFalse|assertIsNone|assertIsNotNone|format)$/.test(
        written,
      )
    )
      evidence.free++;
    else evidence.silent++;
  }

  /** `isinstance(x, T)`, `Array.isArray(x)`. */
  private guard(callee: string, list: number, index: number, evidence: Evidence): boolean {
    const { reader } = this.finder;
    if (callee === 'Array.isArray') evidence.guarded.add('unknown[]');
    else if ((callee === 'isinstance' || callee === 'issubclass') && index === 0) {
      const tested = reader.parts(list)[1] ?? -1;
      const names = reader.type(tested) === 'tuple' ? reader.parts(tested) : [tested];
      for (const each of names)
        evidence.guarded.add(
          callee === 'isinstance' ? reader.slice(each).slice(0, 60) : `type[${reader.slice(each).slice(0, 60)}]`,
        );
    } else if (callee === 'callable') evidence.guarded.add('Callable');
    else return false;
    return true;
  }

  /** The type of the parameter of a function of this file that the value becomes. */
  private handedTo(callee: number, unit: number, index: number, keyword: string | undefined): string {
    const { finder } = this;
    if (this.hands >= MAX_HANDS) return '';
    const target = finder.unitOfCallee(callee, unit);
    const owner = target < 0 ? this.constructorOf(callee, unit) : target;
    if (owner < 0 || owner === unit) return '';
    this.hands++;
    const parameters = this.parametersOf(owner).filter(({ name }) => name !== 'return');
    this.hands--;
    const found = keyword === undefined ? parameters[index] : parameters.find(({ name }) => name === keyword);
    return found?.type ?? '';
  }

  private constructorOf(callee: number, unit: number): number {
    const { finder } = this;
    if (finder.reader.type(callee) !== 'identifier') return -1;
    const definition = finder.names.definition(finder.reader.slice(callee), unit);
    const [node] = definition?.nodes ?? [];
    if (node === undefined || !/class/.test(finder.reader.type(finder.reader.parent(node)))) return -1;
    const owner = finder.unitAt(finder.reader.parent(node));
    const { methods } = finder.classes.members(owner);
    return methods.get('__init__') ?? methods.get('constructor') ?? -1;
  }

  private operand(node: number, operation: number, unit: number, evidence: Evidence): void {
    const { finder } = this;
    const { reader, tables } = finder;
    const other = reader.parts(operation).find((part) => part !== node) ?? -1;
    const operator = reader
      .children(operation)
      .filter((child) => child !== node && child !== other)
      .map((child) => reader.slice(child))
      .join(' ');
    const written = reader.slice(other);
    if (/^(None|null|undefined)$/.test(written)) {
      evidence.optional = true;
      evidence.free++;
      return;
    }
    if (operator === 'instanceof' && reader.role(node) === 'left') evidence.guarded.add(written.slice(0, 60));
    else if (/in$/.test(operator) && reader.parts(operation)[0] !== node)
      evidence.shapes.add(tables.namesTypesByOrigin ? 'object' : 'Container');
    else if (/^(&&|\|\||\?\?)$/.test(operator)) this.read(operation, unit, '', evidence);
    else if (
      operator === '+' ||
      operator === '+=' ||
      ORDER.has(operator) ||
      ARITHMETIC.has(operator) ||
      /=|in|is/.test(operator)
    ) {
      const type = this.finder.typeOf(other, unit, 2);
      const isText = operator === '%' && !tables.namesTypesByOrigin && reader.parts(operation)[0] !== node;
      const isNumber = ARITHMETIC.has(operator) && !isText;
      if (isText) evidence.free++;
      else if (type !== '' && !/^(typeof|type\[)/.test(type) && !/^(tuple|list|dict|set)$/.test(type))
        evidence.asked.add(type);
      else if (isNumber && (tables.namesTypesByOrigin || !/[%*|&^-]/.test(operator))) evidence.asked.add(tables.number);
      else if (isNumber) evidence.shapes.add(`object with operator ${operator.replace('=', '')}`);
      else if (ORDER.has(operator)) evidence.shapes.add(tables.namesTypesByOrigin ? tables.number : 'SupportsOrder');
      else if (/=|in|is/.test(operator) && operator !== '+=') evidence.free++;
      else evidence.silent++;
    } else evidence.silent++;
  }

  private unary(operation: number, unit: number, evidence: Evidence): void {
    const { reader, tables } = this.finder;
    const operator = reader.slice(reader.children(operation)[0] ?? -1);
    if (operator === '!') evidence.truth++;
    else if (operator === 'typeof') {
      const test = reader.parent(operation);
      const tested = /^["'](\w+)["']$/.exec(
        reader.slice(reader.parts(test).find((part) => part !== operation) ?? -1),
      )?.[1];
      if (tested === undefined) evidence.free++;
      else if (tested === 'undefined') evidence.optional = true;
      else evidence.guarded.add(tested === 'function' ? tables.callable : tested);
    } else if (operator === 'void') evidence.free++;
    else evidence.asked.add(tables.number);
  }

  private subscript(node: number, access: number, unit: number, evidence: Evidence): void {
    const { finder } = this;
    const { reader, tables } = finder;
    const base = reader.field(access, 'value') >= 0 ? reader.field(access, 'value') : reader.field(access, 'object');
    if (base !== node) {
      // A key or index.
      const owner = finder.typeOf(base, unit, 2);
      if (/^(list|tuple|str|string)$|\[\]$/.test(owner))
        evidence.asked.add(tables.namesTypesByOrigin ? tables.number : 'int | slice');
      else evidence.shapes.add(tables.namesTypesByOrigin ? 'PropertyKey' : 'Hashable');
      return;
    }
    const index =
      reader.field(access, 'subscript') >= 0 ? reader.field(access, 'subscript') : reader.field(access, 'index');
    const type = finder.typeOf(index, unit, 2);
    const isNumber = type === 'int' || type === 'number' || reader.type(index) === 'slice' || type === tables.number;
    evidence.shapes.add(
      isNumber
        ? tables.sequence
        : type === tables.string
          ? tables.mapping
          : tables.namesTypesByOrigin
            ? tables.mapping
            : 'Sequence | Mapping',
    );
  }

  /** `self.x = x`: what the class does with `self.x` counts. `x = …`: what it becomes. */
  private kept(node: number, assignment: number, unit: number, evidence: Evidence): void {
    const { finder } = this;
    const { reader, tables } = finder;
    const left = reader.field(assignment, 'left');
    if (left === node) return;
    if (/^(pattern_list|object_pattern|array_pattern|tuple_pattern|list_pattern)$/.test(reader.type(left))) {
      evidence.shapes.add(
        reader.type(left) === 'object_pattern' ? reader.slice(left).replace(/\s+/g, ' ').slice(0, 80) : tables.iterable,
      );
      return;
    }
    const object = reader.field(left, 'object');
    if (object < 0 || !tables.self.has(reader.slice(object)) || this.hands >= MAX_HANDS) {
      evidence.silent++;
      return;
    }
    const owner = finder.classes.around(unit);
    if (owner < 0) return void evidence.silent++;
    const name = reader.slice(reader.parts(left).at(-1) ?? -1);
    const { attributes, sightings } = finder.classes.members(owner);
    this.hands++;
    const declared = (attributes.get(name) ?? []).filter((other) => other !== assignment);
    const type = declared.length > 0 ? finder.attributeType(owner, name, 3) : '';
    const used = type === '' ? this.fromNodes((sightings.get(name) ?? []).slice(0, 20), unit, name) : type;
    this.hands--;
    if (used === '') evidence.silent++;
    else if (used === tables.anything) evidence.free++;
    else evidence.asked.add(used);
  }

  private destructured(declarator: number, evidence: Evidence): void {
    const { reader, tables } = this.finder;
    const pattern = reader.field(declarator, 'name');
    const type = reader.type(pattern);
    if (type === 'object_pattern') evidence.shapes.add(reader.slice(pattern).replace(/\s+/g, ' ').slice(0, 120));
    else if (type === 'array_pattern') evidence.shapes.add(tables.iterable);
    else evidence.silent++;
  }

  private jsx(expression: number, evidence: Evidence): void {
    const { reader } = this.finder;
    if (/^jsx_(element|fragment)$/.test(reader.type(reader.parent(expression)))) evidence.asked.add('ReactNode');
    else evidence.silent++;
  }
}
