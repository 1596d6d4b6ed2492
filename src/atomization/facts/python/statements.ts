import type { SyntaxTable } from '../../../adapters/parser/index.ts';
import {
  DEF,
  DEF_FLAG,
  DEF_KIND,
  FUNCTION,
  FUNCTION_FLAG,
  LITERAL,
  OP,
  SCOPE,
  SCOPE_KIND,
  SHAPE,
  STATEMENT_FLAG,
  USE_FLAG,
  type FileFacts,
} from '../types.ts';
import { pythonType, pythonTypeParameters, pythonValue } from './expressions.ts';
import { pythonImport } from './imports.ts';
import { decoratorFlags, stringContent } from './names.ts';
import { PythonWalk } from './walk.ts';

/** The facts of a Python file. Damaged regions are walked as far as they make sense. */
export function extractPython(table: SyntaxTable, text: string): FileFacts {
  const w = new PythonWalk(table, text, { value: pythonValue, type: pythonType, assignment });
  const scope = w.b.openScope(SCOPE_KIND.module, 0);
  w.b.flow.openBody();
  block(w, 0);
  w.b.flow.closeBody();
  w.b.closeScope(scope);
  return w.b.finish('python');
}

function block(w: PythonWalk, node: number): void {
  for (const child of w.named(node)) {
    const before = w.effects;
    const type = w.type(child);
    statement(w, child, type);
    if (!COMPOUND.has(type))
      w.statement(child, before, type === 'return_statement' || type === 'raise_statement' ? STATEMENT_FLAG.exits : 0);
  }
}

const COMPOUND = new Set([
  'if_statement',
  'for_statement',
  'while_statement',
  'try_statement',
  'with_statement',
  'match_statement',
  'function_definition',
  'class_definition',
  'decorated_definition',
]);

function statement(w: PythonWalk, node: number, type: string): void {
  const { b } = w;
  switch (type) {
    case 'expression_statement':
      for (const child of w.named(node)) pythonValue(w, child);
      return;
    case 'return_statement': {
      const value = w.firstNamed(node);
      if (value >= 0) w.returns(pythonValue(w, value));
      b.flow.exit('leave');
      return;
    }
    case 'raise_statement':
      for (const child of w.named(node)) pythonValue(w, child);
      w.effects += 1;
      b.flow.exit('leave');
      return;
    case 'break_statement':
      b.flow.exit('break');
      return;
    case 'continue_statement':
      b.flow.exit('continue');
      return;
    case 'if_statement':
      branches(w, node);
      return;
    case 'for_statement':
      loop(w, node);
      return;
    case 'while_statement':
      whileLoop(w, node);
      return;
    case 'try_statement':
      attempt(w, node);
      return;
    case 'with_statement':
      withStatement(w, node);
      return;
    case 'match_statement':
      match(w, node);
      return;
    case 'function_definition':
      functionDefinition(w, node, node, []);
      return;
    case 'class_definition':
      classDefinition(w, node, node, []);
      return;
    case 'decorated_definition':
      decorated(w, node);
      return;
    case 'import_statement':
    case 'import_from_statement':
    case 'future_import_statement':
      pythonImport(w, node);
      return;
    case 'global_statement':
    case 'nonlocal_statement':
      for (const child of w.named(node)) w.redirect(b.nameOf(child), type === 'nonlocal_statement');
      return;
    case 'type_alias_statement':
      typeAlias(w, node);
      return;
    case 'delete_statement':
      for (const child of w.named(node)) pythonValue(w, child, USE_FLAG.read | USE_FLAG.delete);
      return;
    case 'block':
      block(w, node);
      return;
    default:
      // Also whatever a syntax error left behind.
      for (const child of w.named(node))
        if (type === 'ERROR') statement(w, child, w.type(child));
        else pythonValue(w, child);
      if (type === 'identifier' || type === 'attribute' || type === 'call') pythonValue(w, node);
  }
}

function conditional(w: PythonWalk, walk: () => void): void {
  w.conditions += 1;
  walk();
  w.conditions -= 1;
}

function branches(w: PythonWalk, node: number): void {
  const condition = w.field(node, 'condition');
  const value = pythonValue(w, condition);
  const names = w.narrowings(condition, value);
  const rest = w.named(node).filter((child) => w.type(child) === 'elif_clause' || w.type(child) === 'else_clause');
  const then = (): void => w.narrowed(names, () => conditional(w, () => block(w, w.field(node, 'consequence'))));
  alternatives(w, then, rest);
}

/** `elif` conditions run only where those before them failed, so they nest. */
function alternatives(w: PythonWalk, then: () => void, rest: readonly number[]): void {
  const [next, ...others] = rest;
  if (next === undefined) w.b.flow.fork([then], true);
  else if (w.type(next) === 'else_clause') w.b.flow.fork([then, () => otherwise(w, next)], false);
  else {
    const nested = (): void => {
      const condition = w.field(next, 'condition');
      const names = w.narrowings(condition, pythonValue(w, condition));
      alternatives(
        w,
        () => w.narrowed(names, () => conditional(w, () => block(w, w.field(next, 'consequence')))),
        others,
      );
    };
    w.b.flow.fork([then, nested], false);
  }
}

function otherwise(w: PythonWalk, clause: number): void {
  if (clause >= 0) conditional(w, () => block(w, w.field(clause, 'body')));
}

function loop(w: PythonWalk, node: number): void {
  const { b } = w;
  const iterated = pythonValue(w, w.field(node, 'right'));
  const asynchronous = w.childOf(node, 'async') >= 0 ? 1 : 0;
  b.flow.loop({
    body: () =>
      conditional(w, () => {
        w.bind(w.field(node, 'left'), b.expr(OP.element, iterated, asynchronous));
        block(w, w.field(node, 'body'));
      }),
    otherwise: () => otherwise(w, w.field(node, 'alternative')),
  });
}

function whileLoop(w: PythonWalk, node: number): void {
  const condition = w.field(node, 'condition');
  let value = -1;
  w.b.flow.loop({
    test: () => (value = pythonValue(w, condition)),
    body: () => w.narrowed(w.narrowings(condition, value), () => conditional(w, () => block(w, w.field(node, 'body')))),
    otherwise: () => otherwise(w, w.field(node, 'alternative')),
    endless: w.type(condition) === 'true' || w.text(condition) === '1',
  });
}

function attempt(w: PythonWalk, node: number): void {
  const clauses = w.named(node);
  const handlers = clauses.filter(
    (child) => w.type(child) === 'except_clause' || w.type(child) === 'except_group_clause',
  );
  const rest = clauses.find((child) => w.type(child) === 'else_clause') ?? -1;
  const last = clauses.find((child) => w.type(child) === 'finally_clause') ?? -1;
  w.b.flow.attempt(
    () => conditional(w, () => block(w, w.field(node, 'body'))),
    handlers.map((handler) => () => conditional(w, () => except(w, handler))),
    () => otherwise(w, rest),
    () => (last < 0 ? undefined : block(w, w.childOf(last, 'block'))),
  );
}

function except(w: PythonWalk, node: number): void {
  const { b } = w;
  for (const child of w.named(node)) {
    if (w.type(child) === 'block') block(w, child);
    else if (w.hasField(node, child, 'value')) caught(w, child);
    else if (w.hasField(node, child, 'alias')) w.bind(child, b.exprs.count - 1);
    else caught(w, child);
  }
}

/** `except Error as e`: walks the classes and binds the name to an instance of one of them. */
function caught(w: PythonWalk, node: number): void {
  const { b } = w;
  const aliased = w.type(node) === 'as_pattern';
  const classes = aliased ? w.firstNamed(node) : node;
  const several = w.type(classes) === 'tuple';
  const values = (several ? w.named(classes) : [classes]).map((child) => b.expr(OP.call, pythonValue(w, child), -1));
  const value = b.expr(OP.union, b.list(values));
  if (aliased) w.bind(w.field(node, 'alias'), value);
}

function withStatement(w: PythonWalk, node: number): void {
  const { b } = w;
  const asynchronous = w.childOf(node, 'async') >= 0 ? 1 : 0;
  const before = w.effects;
  const clause = w.childOf(node, 'with_clause');
  const parts = w.named(clause);
  const tuple = parts.length === 1 ? w.field(parts[0] ?? 0, 'value') : -1;
  const items = tuple >= 0 && w.type(tuple) === 'tuple' ? w.named(tuple) : parts.map((item) => w.field(item, 'value'));
  for (const item of items) {
    const aliased = w.type(item) === 'as_pattern';
    const value = pythonValue(w, aliased ? w.firstNamed(item) : item);
    if (aliased) w.bind(w.field(item, 'alias'), b.expr(OP.entered, value, asynchronous));
  }
  w.statement(clause, before);
  block(w, w.field(node, 'body'));
}

function match(w: PythonWalk, node: number): void {
  const { b } = w;
  const subjects = w.named(node).filter((child) => w.hasField(node, child, 'subject'));
  const subject = subjects.map((child) => pythonValue(w, child));
  const body = w.field(node, 'body');
  const cases = w.named(body).filter((child) => w.type(child) === 'case_clause');
  const arms = cases.map(
    (clause) => () =>
      conditional(w, () => {
        for (const child of w.named(clause)) {
          if (w.type(child) === 'case_pattern') pattern(w, child, subject[0] ?? -1);
          else if (w.type(child) === 'if_clause') pythonValue(w, w.firstNamed(child));
          else if (w.type(child) === 'block') block(w, child);
        }
      }),
  );
  b.flow.fork(arms, true);
}

/** Walks a case pattern: dotted names and classes are uses, lone names bind. */
function pattern(w: PythonWalk, node: number, subject: number): void {
  const { b } = w;
  const type = w.type(node);
  if (type === 'dotted_name') {
    const parts = w.named(node);
    const [first, ...rest] = parts;
    if (first === undefined) return;
    if (rest.length === 0 && w.type(w.table.parent[node] ?? 0) !== 'class_pattern') {
      if (w.text(first) !== '_') w.bind(first, subject);
      return;
    }
    dotted(w, parts);
    return;
  }
  if (type === 'class_pattern') {
    const name = w.childOf(node, 'dotted_name');
    const cls = name < 0 ? -1 : dotted(w, w.named(name));
    for (const child of w.named(node)) if (child !== name) pattern(w, child, b.expr(OP.narrowed, subject, cls));
    return;
  }
  if (type === 'keyword_pattern') {
    const [key, ...rest] = w.named(node);
    const value = key === undefined ? -1 : b.memberExpr(subject, b.nameOf(key), b.startOf(key), USE_FLAG.read);
    for (const child of rest) pattern(w, child, value);
    return;
  }
  if (type === 'identifier') {
    w.bind(node, subject);
    return;
  }
  if (type === 'as_pattern') {
    const children = w.named(node);
    for (const child of children) pattern(w, child, subject);
    return;
  }
  for (const child of w.named(node))
    pattern(w, child, type === 'case_pattern' || type === 'union_pattern' ? subject : -1);
}

function dotted(w: PythonWalk, parts: readonly number[]): number {
  let value = -1;
  parts.forEach((part, i) => {
    value =
      i === 0
        ? w.b.nameExpr(part, USE_FLAG.read)
        : w.b.memberExpr(value, w.b.nameOf(part), w.b.startOf(part), USE_FLAG.read);
  });
  return value;
}

function typeAlias(w: PythonWalk, node: number): void {
  const { b } = w;
  const left = w.field(node, 'left');
  const value = pythonType(w, w.field(node, 'right'));
  const name = w.firstNamed(left);
  if (name >= 0 && w.type(name) === 'identifier') w.bind(name, -1, b.expr(OP.generic, value, -1));
}

function decorated(w: PythonWalk, node: number): void {
  const decorators = w.named(node).filter((child) => w.type(child) === 'decorator');
  const definition = w.field(node, 'definition');
  if (w.type(definition) === 'class_definition') classDefinition(w, definition, node, decorators);
  else functionDefinition(w, definition, node, decorators);
}

function decoratorValues(w: PythonWalk, decorators: readonly number[]): number[] {
  return decorators.map((decorator) => pythonValue(w, w.firstNamed(decorator), USE_FLAG.read | USE_FLAG.decorator));
}

function functionDefinition(w: PythonWalk, node: number, whole: number, decorators: readonly number[]): void {
  const { b } = w;
  const flags = decorators.reduce((all, d) => all | decoratorFlags(w.text(w.firstNamed(d))), 0);
  const decoratorList = decoratorValues(w, decorators);
  const nameNode = w.field(node, 'name');
  const inClass = b.scopes.get(b.scope, SCOPE.kind) === SCOPE_KIND.class;
  const classScope = inClass ? b.scope : -1;
  const def = w.declare(
    b.nameOf(nameNode),
    nameNode,
    whole,
    inClass ? b.scope : w.scopeOf(b.nameOf(nameNode)),
    -1,
    -1,
    flags,
  );
  b.defs.set(def, DEF.kind, inClass ? DEF_KIND.method : DEF_KIND.function);
  const name = w.text(nameNode);
  const asynchronous = w.childOf(node, 'async') >= 0;
  const outer = b.scope;
  const scope = b.openScope(SCOPE_KIND.function, node, def);
  b.flow.openBody();
  const typeParameters = pythonTypeParameters(w, w.field(node, 'type_parameters'));
  b.scope = typeParameters.length > 0 ? scope : outer;
  const parts = w.parameterParts(w.field(node, 'parameters'));
  const resultNode = w.field(node, 'return_type');
  const result = resultNode < 0 ? -1 : pythonType(w, resultNode);
  b.scope = scope;
  const isClass =
    (flags & DEF_FLAG.classMethod) !== 0 ||
    name === '__new__' ||
    name === '__init_subclass__' ||
    name === '__class_getitem__';
  const fn = b.addFunction(
    def,
    (asynchronous ? FUNCTION_FLAG.async : 0) | (name === '__init__' ? FUNCTION_FLAG.constructor : 0),
  );
  const bound = inClass && (flags & DEF_FLAG.static) === 0;
  const self = !bound
    ? -1
    : isClass
      ? b.expr(OP.class, b.scopes.get(classScope, SCOPE.owner))
      : b.expr(OP.this, classScope);
  w.parameters(fn, parts, self);
  b.functions.set(fn, FUNCTION.result, result);
  b.functions.set(fn, FUNCTION.typeParameters, b.list(typeParameters));
  b.functions.set(fn, FUNCTION.decorators, b.list(decoratorList));
  b.defs.set(def, DEF.body, scope);
  const first =
    parts[0] === undefined
      ? ''
      : w
          .text(parts[0].node)
          .replace(/[:=].*$/s, '')
          .trim();
  w.body(fn, bound && first !== '' ? { name: first, classScope, isClass } : undefined, () =>
    block(w, w.field(node, 'body')),
  );
  if (b.functions.get(fn, FUNCTION.yields) >= 0) {
    b.functions.set(fn, FUNCTION.flags, b.functions.get(fn, FUNCTION.flags) | FUNCTION_FLAG.generator);
  }
  b.flow.closeBody();
  b.closeScope(scope);
}

function classDefinition(w: PythonWalk, node: number, whole: number, decorators: readonly number[]): void {
  const { b } = w;
  const decoratorList = decoratorValues(w, decorators);
  const nameNode = w.field(node, 'name');
  const parametersNode = w.field(node, 'type_parameters');
  const wrapper = parametersNode < 0 ? -1 : b.openScope(SCOPE_KIND.block, node);
  const typeParameters = pythonTypeParameters(w, parametersNode);
  const bases: number[] = [];
  const list = w.field(node, 'superclasses');
  for (const child of list < 0 ? [] : w.named(list)) {
    if (w.type(child) === 'keyword_argument') pythonValue(w, w.field(child, 'value'));
    else {
      const base =
        w.type(child) === 'subscript' ? pythonType(w, child) : pythonValue(w, child, USE_FLAG.read | USE_FLAG.base);
      b.markUse(base, USE_FLAG.base);
      bases.push(base);
    }
  }
  const outerScope = wrapper < 0 ? b.scope : b.scopes.get(wrapper, SCOPE.parent);
  const def = w.declare(b.nameOf(nameNode), nameNode, whole, outerScope, -1, -1, 0);
  b.defs.set(def, DEF.kind, DEF_KIND.class);
  const scope = b.openScope(SCOPE_KIND.class, node, def);
  b.defs.set(def, DEF.body, scope);
  const shape = b.addShape(def, scope);
  w.setBases(shape, bases);
  b.shapes.set(shape, SHAPE.typeParameters, b.list(typeParameters));
  b.shapes.set(shape, SHAPE.decorators, b.list(decoratorList));
  const { conditions } = w;
  w.conditions = 0;
  block(w, w.field(node, 'body'));
  w.conditions = conditions;
  b.closeScope(scope);
  if (wrapper >= 0) b.closeScope(wrapper);
}

/** Assignments, plain, annotated, augmented and chained; returns the value assigned. */
function assignment(w: PythonWalk, node: number): number {
  const left = w.field(node, 'left');
  const right = w.field(node, 'right');
  const typeNode = w.field(node, 'type');
  const type = typeNode < 0 ? -1 : pythonType(w, typeNode);
  if (w.type(node) === 'augmented_assignment') {
    publicNames(w, left, right);
    return augmented(w, left, right);
  }
  const value = right < 0 ? -1 : pythonValue(w, right);
  w.bind(left, value, type, right < 0 ? DEF_FLAG.bare : 0);
  publicNames(w, left, right);
  return value;
}

/** `__all__ = [...]` and `__all__ += [...]`: what a star import brings. A part that is no list of strings may name anything. */
function publicNames(w: PythonWalk, left: number, right: number): void {
  const { b } = w;
  if (right < 0 || w.type(left) !== 'identifier' || b.scopes.get(b.scope, SCOPE.parent) >= 0) return;
  if (w.text(left) !== '__all__') return;
  const type = w.type(right);
  const items = ['list', 'tuple', 'expression_list'].includes(type) ? w.named(right) : [right];
  for (const item of items) {
    const content = w.type(item) === 'string' ? stringContent(w.text(item)) : null;
    b.exports.add(content === null ? -1 : b.intern(content), -1, -1, -1, b.startOf(item));
  }
}

function augmented(w: PythonWalk, left: number, right: number): number {
  const { b } = w;
  const name = w.type(left) === 'identifier';
  const before = pythonValue(w, left, name ? USE_FLAG.read : USE_FLAG.read | USE_FLAG.write);
  const value = right < 0 ? -1 : pythonValue(w, right);
  if (name) w.bind(left, b.expr(OP.union, b.list([before, value])), -1, DEF_FLAG.augmented);
  else {
    w.effects += 1;
    if (w.type(left) === 'attribute') w.defineAttribute(left, value, -1, DEF_FLAG.augmented);
    else if (w.type(left) === 'subscript') w.touch(before);
  }
  return value < 0 ? b.expr(OP.literal, LITERAL.null) : value;
}
