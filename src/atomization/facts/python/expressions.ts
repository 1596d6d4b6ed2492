import { COMPREHENSION, EXPR, LITERAL, OP, SCOPE_KIND, USE_FLAG, USE_KIND, DEF_FLAG, DEF_KIND } from '../types.ts';
import { parseAnnotation, stringContent, type Annotation } from './names.ts';
import type { PythonWalk } from './walk.ts';

/** Longest string literal whose content is kept, for keys and routes. */
const KEPT_STRING = 120;

/** Walks an expression; returns what is known of its value. */
export function pythonValue(w: PythonWalk, node: number, flags: number = USE_FLAG.read): number {
  const { b } = w;
  switch (w.type(node)) {
    case 'identifier':
      return name(w, node, flags);
    case 'attribute':
      return attribute(w, node, flags);
    case 'call':
      return call(w, node);
    case 'subscript':
      return subscript(w, node);
    case 'await': {
      w.effects += 1;
      return b.expr(OP.await, pythonValue(w, w.firstNamed(node)));
    }
    case 'parenthesized_expression':
    case 'as_pattern':
    case 'type':
    case 'parenthesized_list_splat':
      return pythonValue(w, w.firstNamed(node), flags);
    case 'string':
    case 'concatenated_string':
      return string(w, node);
    case 'integer':
    case 'float':
      return b.expr(OP.literal, LITERAL.number, b.intern(w.text(node).slice(0, KEPT_STRING)));
    case 'true':
    case 'false':
      return b.expr(OP.literal, LITERAL.boolean);
    case 'none':
      return b.expr(OP.literal, LITERAL.null);
    case 'list':
    case 'set':
      return b.expr(OP.array, b.list(values(w, node)), -1, w.type(node) === 'set' ? 1 : 0);
    case 'tuple':
    case 'expression_list':
    case 'pattern_list':
      return b.expr(OP.tuple, b.list(values(w, node)));
    case 'dictionary':
      return dictionary(w, node);
    case 'list_comprehension':
      return comprehension(w, node, COMPREHENSION.list);
    case 'set_comprehension':
      return comprehension(w, node, COMPREHENSION.set);
    case 'generator_expression':
      return comprehension(w, node, COMPREHENSION.generator);
    case 'dictionary_comprehension':
      return comprehension(w, node, COMPREHENSION.dictionary);
    case 'lambda':
      return lambda(w, node);
    case 'conditional_expression': {
      const [then, condition, otherwise] = w.named(node);
      const test = condition === undefined ? -1 : pythonValue(w, condition);
      const names = condition === undefined ? [] : w.narrowings(condition, test);
      const parts = [];
      if (then !== undefined) parts.push(w.narrowed(names, () => pythonValue(w, then)));
      if (otherwise !== undefined) parts.push(pythonValue(w, otherwise));
      return b.expr(OP.union, b.list(parts));
    }
    case 'boolean_operator':
      return boolean(w, node);
    case 'binary_operator': {
      const left = pythonValue(w, w.field(node, 'left'));
      const right = pythonValue(w, w.field(node, 'right'));
      return b.expr(OP.binary, left, right, b.nameOf(w.field(node, 'operator')));
    }
    case 'not_operator':
    case 'comparison_operator':
      values(w, node);
      return b.expr(OP.literal, LITERAL.boolean);
    case 'unary_operator':
      return pythonValue(w, w.field(node, 'argument'));
    case 'named_expression': {
      const value = pythonValue(w, w.field(node, 'value'));
      w.bind(w.field(node, 'name'), value);
      return value;
    }
    case 'yield': {
      w.effects += 1;
      const inner = w.firstNamed(node);
      const value = inner < 0 ? -1 : pythonValue(w, inner);
      const from = w.childOf(node, 'from') >= 0;
      w.yields(from ? b.expr(OP.element, value, 0) : value);
      return b.expr(OP.yield, w.fn, value, from ? 1 : 0);
    }
    case 'list_splat':
    case 'dictionary_splat':
    case 'list_splat_pattern':
    case 'dictionary_splat_pattern':
      return b.expr(OP.spread, pythonValue(w, w.firstNamed(node)));
    case 'assignment':
    case 'augmented_assignment':
      return w.assignment(node);
    case 'ellipsis':
      return b.expr(OP.literal, LITERAL.null, -1, 1);
    case 'slice':
    default:
      for (const child of w.named(node)) pythonValue(w, child);
      return -1;
  }
}

function name(w: PythonWalk, node: number, flags: number): number {
  const expr = w.b.nameExpr(node, flags);
  const narrowing = w.narrowing(node);
  return narrowing === undefined ? expr : w.b.expr(OP.narrowed, expr, narrowing);
}

function attribute(w: PythonWalk, node: number, flags: number): number {
  const property = w.field(node, 'attribute');
  const object = pythonValue(w, w.field(node, 'object'));
  const expr = w.b.memberExpr(object, w.b.nameOf(property), w.b.startOf(property), flags);
  const narrowing = w.narrowing(node);
  return narrowing === undefined ? expr : w.b.expr(OP.narrowed, expr, narrowing);
}

function values(w: PythonWalk, node: number): number[] {
  return w.named(node).map((child) => pythonValue(w, child));
}

function call(w: PythonWalk, node: number): number {
  const { b } = w;
  const callee = w.field(node, 'function');
  const list = w.field(node, 'arguments');
  if (w.type(callee) === 'identifier' && w.text(callee) === 'super') {
    values(w, list);
    return b.expr(OP.super, w.classScope());
  }
  const target = pythonValue(w, callee, USE_FLAG.read | USE_FLAG.call);
  w.effects += 1;
  const keywords: number[] = [];
  const args: number[] = [];
  for (const child of w.type(list) === 'generator_expression' ? [list] : w.named(list)) {
    if (w.type(child) !== 'keyword_argument') {
      args.push(pythonValue(w, child));
      continue;
    }
    const key = w.field(child, 'name');
    const value = pythonValue(w, w.field(child, 'value'));
    keywords.push(b.useIn(USE_KIND.keyword, b.nameOf(key), b.startOf(key), -1, USE_FLAG.read));
    args.push(b.expr(OP.keyword, b.nameOf(key), value));
  }
  const expr = b.expr(OP.call, target, b.list(args));
  for (const use of keywords) b.uses.set(use, 4, expr);
  return expr;
}

function subscript(w: PythonWalk, node: number): number {
  const { b } = w;
  const object = pythonValue(w, w.field(node, 'value'));
  const indexes = w.named(node).filter((child) => w.hasField(node, child, 'subscript'));
  const parts = indexes.map((child) => pythonValue(w, child));
  const index = parts.length === 1 ? (parts[0] ?? -1) : b.expr(OP.tuple, b.list(parts));
  const constant = b.exprs.get(index, EXPR.op) === OP.literal ? b.exprs.get(index, EXPR.b) : -1;
  const slice = indexes.length === 1 && w.type(indexes[0] ?? 0) === 'slice';
  return slice ? object : b.expr(OP.index, object, index, constant);
}

function string(w: PythonWalk, node: number): number {
  const { b } = w;
  const interpolated = interpolations(w, node);
  const source = b.endOf(node) - b.startOf(node) <= KEPT_STRING ? w.text(node) : '';
  const content = stringContent(source);
  const kind = interpolated ? LITERAL.template : /^[rR]?[bB]/.test(source) ? LITERAL.bytes : LITERAL.string;
  return b.expr(OP.literal, kind, content === null ? -1 : b.intern(content));
}

function interpolations(w: PythonWalk, node: number): boolean {
  let found = false;
  for (const child of w.named(node)) {
    const type = w.type(child);
    if (type === 'interpolation') {
      found = true;
      for (const part of w.named(child)) {
        if (w.type(part) === 'format_specifier') interpolations(w, part);
        else if (w.type(part) !== 'type_conversion') pythonValue(w, part);
      }
    } else if (type === 'string' || type === 'format_expression') found = interpolations(w, child) || found;
  }
  return found;
}

function dictionary(w: PythonWalk, node: number): number {
  const { b } = w;
  const keys: number[] = [];
  const contents: number[] = [];
  for (const child of w.named(node)) {
    if (w.type(child) === 'pair') {
      keys.push(pythonValue(w, w.field(child, 'key')));
      contents.push(pythonValue(w, w.field(child, 'value')));
    } else {
      keys.push(-1);
      contents.push(pythonValue(w, child));
    }
  }
  return b.expr(OP.dictionary, b.list(keys), b.list(contents));
}

function boolean(w: PythonWalk, node: number): number {
  const { b } = w;
  const leftNode = w.field(node, 'left');
  const left = pythonValue(w, leftNode);
  const and = w.text(w.field(node, 'operator')) === 'and';
  const names = and ? w.narrowings(leftNode, left) : [];
  const right = w.narrowed(names, () => pythonValue(w, w.field(node, 'right')));
  return and ? right : b.expr(OP.union, b.list([left, right]));
}

function comprehension(w: PythonWalk, node: number, kind: number): number {
  const { b } = w;
  const clauses = w.named(node).filter((child) => !w.hasField(node, child, 'body'));
  const first = clauses[0];
  const source = first === undefined ? -1 : w.field(first, 'right');
  const outermost = source < 0 ? -1 : pythonValue(w, source);
  const scope = b.openScope(SCOPE_KIND.comprehension, node);
  const names: [string, number][] = [];
  for (const clause of clauses) {
    if (w.type(clause) === 'for_in_clause') {
      const iterated = clause === first ? outermost : w.narrowed(names, () => pythonValue(w, w.field(clause, 'right')));
      const asynchronous = w.childOf(clause, 'async') >= 0 ? 1 : 0;
      w.bind(w.field(clause, 'left'), b.expr(OP.element, iterated, asynchronous));
    } else {
      const condition = w.firstNamed(clause);
      if (condition >= 0) names.push(...w.narrowings(condition, pythonValue(w, condition)));
    }
  }
  const body = w.field(node, 'body');
  let value = -1;
  let element = -1;
  w.narrowed(names, () => {
    if (w.type(body) === 'pair') {
      element = pythonValue(w, w.field(body, 'key'));
      value = pythonValue(w, w.field(body, 'value'));
    } else element = pythonValue(w, body);
    return -1;
  });
  b.closeScope(scope);
  return b.expr(OP.comprehension, element, kind, value);
}

function lambda(w: PythonWalk, node: number): number {
  const { b } = w;
  const parameters = w.field(node, 'parameters');
  const defaults = parameters < 0 ? [] : w.parameterParts(parameters);
  const scope = b.openScope(SCOPE_KIND.function, node);
  b.flow.openBody();
  const fn = b.addFunction(-1, 0);
  w.parameters(fn, defaults, -1);
  const outer = w.fn;
  w.fn = fn;
  const body = pythonValue(w, w.field(node, 'body'));
  b.functions.set(fn, 4, b.list([body]));
  w.fn = outer;
  b.flow.closeBody();
  b.closeScope(scope);
  return b.expr(OP.function, fn);
}

/** Walks a type annotation. The uses in it are in type position. */
export function pythonType(w: PythonWalk, node: number): number {
  const { b } = w;
  const flags = USE_FLAG.read | USE_FLAG.type;
  switch (w.type(node)) {
    case 'type':
    case 'parenthesized_expression':
    case 'constrained_type':
      return pythonType(w, w.firstNamed(node));
    case 'identifier':
      return b.nameExpr(node, flags);
    case 'attribute': {
      const property = w.field(node, 'attribute');
      const object = pythonType(w, w.field(node, 'object'));
      return b.memberExpr(object, b.nameOf(property), b.startOf(property), flags);
    }
    case 'member_type': {
      const [object, property] = w.named(node);
      if (object === undefined || property === undefined) return -1;
      return b.memberExpr(pythonType(w, object), b.nameOf(property), b.startOf(property), flags);
    }
    case 'generic_type': {
      const [base, args] = w.named(node);
      if (base === undefined) return -1;
      const of = b.nameExpr(base, flags);
      const items = args === undefined ? [] : w.named(args).map((child) => pythonType(w, child));
      return b.expr(OP.generic, of, b.list(items));
    }
    case 'subscript': {
      const object = pythonType(w, w.field(node, 'value'));
      const literal = /(^|\.)Literal$/.test(w.text(w.field(node, 'value')));
      const indexes = w.named(node).filter((child) => w.hasField(node, child, 'subscript'));
      const items = indexes.map((child) => (literal ? pythonValue(w, child) : pythonType(w, child)));
      return b.expr(OP.generic, object, b.list(items));
    }
    case 'union_type':
      return b.expr(OP.union, b.list(w.named(node).map((child) => pythonType(w, child))));
    case 'binary_operator':
      return b.expr(OP.union, b.list([pythonType(w, w.field(node, 'left')), pythonType(w, w.field(node, 'right'))]));
    case 'list':
    case 'tuple':
      return b.expr(OP.tuple, b.list(w.named(node).map((child) => pythonType(w, child))));
    case 'none':
      return b.expr(OP.literal, LITERAL.null);
    case 'string':
      return forwardReference(w, node);
    default:
      return pythonValue(w, node, flags);
  }
}

function forwardReference(w: PythonWalk, node: number): number {
  const source = w.text(node);
  const content = stringContent(source);
  const parsed = content === null ? null : parseAnnotation(content);
  if (content === null || parsed === null) return -1;
  return annotation(w, parsed, w.b.startOf(node) + source.indexOf(content, 1));
}

function annotation(w: PythonWalk, part: Annotation, offset: number): number {
  const { b } = w;
  const flags = USE_FLAG.read | USE_FLAG.type;
  switch (part.kind) {
    case 'name':
      return b.expr(OP.name, b.useName(0, flags, b.intern(part.name), offset + part.pos));
    case 'member':
      return b.memberExpr(annotation(w, part.of, offset), b.intern(part.name), offset + part.pos, flags);
    case 'generic': {
      const of = annotation(w, part.of, offset);
      return b.expr(OP.generic, of, b.list(part.args.map((arg) => annotation(w, arg, offset))));
    }
    case 'union':
      return b.expr(OP.union, b.list(part.items.map((item) => annotation(w, item, offset))));
    case 'list':
      return b.expr(OP.tuple, b.list(part.items.map((item) => annotation(w, item, offset))));
  }
}

/** Defines the type parameters of a `def`, `class` or `type` statement in the current scope; returns their definitions. */
export function pythonTypeParameters(w: PythonWalk, node: number): number[] {
  const { b } = w;
  if (node < 0) return [];
  const found: number[] = [];
  for (const child of w.named(node)) {
    const identifier = w.type(child) === 'type' ? w.firstNamed(child) : child;
    const parts = w.type(identifier) === 'constrained_type' ? w.named(identifier) : [identifier];
    const nameNode = parts[0] === undefined ? -1 : w.type(parts[0]) === 'type' ? w.firstNamed(parts[0]) : parts[0];
    if (nameNode < 0) continue;
    const bound = parts[1] === undefined ? -1 : pythonType(w, parts[1]);
    found.push(
      b.define({
        kind: DEF_KIND.typeParameter,
        name: b.intern(w.text(nameNode).replace(/^\*+/, '')),
        pos: b.startOf(nameNode),
        start: b.startOf(child),
        end: b.endOf(child),
        flags: DEF_FLAG.value | DEF_FLAG.type,
        type: bound,
      }),
    );
  }
  return found;
}
