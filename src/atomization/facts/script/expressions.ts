import {
  DEF_FLAG,
  DEF_KIND,
  EXPR,
  IMPORTED,
  IMPORT_FLAG,
  LITERAL,
  OP,
  SCOPE_KIND,
  SHAPE,
  USE_FLAG,
  USE_KIND,
} from '../types.ts';
import { classBody, decoratorsOf } from './classes.ts';
import { functionBody } from './functions.ts';
import { narrowingsOf } from './narrowing.ts';
import { scriptType, typeArguments, typeParameters, property } from './types.ts';
import type { ScriptWalk } from './walk.ts';

const KEPT_STRING = 120;
const READ = USE_FLAG.read;

/** Walks an expression; `context`: what it is expected to be. Returns what is known of its value. */
export function scriptValue(w: ScriptWalk, node: number, context = -1, flags: number = READ): number {
  const { b } = w;
  if (node < 0) return -1;
  switch (w.type(node)) {
    case 'identifier':
    case 'shorthand_property_identifier':
      return w.refine(node, b.nameExpr(node, flags));
    case 'undefined':
    case 'null':
      return b.expr(OP.literal, LITERAL.null);
    case 'member_expression':
      return w.refine(node, memberAccess(w, node, flags));
    case 'subscript_expression': {
      const object = scriptValue(w, w.field(node, 'object'));
      const indexNode = w.field(node, 'index');
      const index = scriptValue(w, indexNode);
      const computed = w.computedName(indexNode);
      const name = computed === undefined ? constant(w, index) : b.intern(computed);
      if ((flags & USE_FLAG.write) !== 0) w.effects += 1;
      return w.refine(node, b.expr(OP.index, object, index, name));
    }
    case 'call_expression':
      return call(w, node, context);
    case 'new_expression':
      return construct(w, node);
    case 'await_expression':
      w.effects += 1;
      return b.expr(OP.await, scriptValue(w, w.firstNamed(node), context));
    case 'yield_expression': {
      w.effects += 1;
      const inner = w.firstNamed(node);
      const value = scriptValue(w, inner);
      w.yields(w.childOf(node, '*') >= 0 ? b.expr(OP.element, value, 0) : value);
      return b.expr(OP.yield, w.fn, value);
    }
    case 'parenthesized_expression':
    case 'non_null_expression':
    case 'jsx_expression':
      return scriptValue(w, w.firstNamed(node), context, flags);
    case 'sequence_expression': {
      const values = w.named(node).map((child) => scriptValue(w, child));
      return values.at(-1) ?? -1;
    }
    case 'as_expression':
    case 'satisfies_expression':
      return cast(w, node, context);
    case 'type_assertion': {
      const [type, value] = w.named(node);
      const target = typeArguments(w, type ?? -1);
      const first = target < 0 ? -1 : b.lists.at(target + 1);
      return b.expr(OP.cast, first, scriptValue(w, value ?? -1));
    }
    case 'instantiation_expression': {
      const value = scriptValue(w, w.firstNamed(node));
      typeArguments(w, w.field(node, 'type_arguments'));
      return value;
    }
    case 'string':
      return b.expr(OP.literal, LITERAL.string, keep(w, node));
    case 'template_string':
      return template(w, node);
    case 'number':
      return b.expr(OP.literal, LITERAL.number, b.nameOf(node));
    case 'true':
    case 'false':
      return b.expr(OP.literal, LITERAL.boolean);
    case 'regex':
      return b.expr(OP.literal, LITERAL.regex);
    case 'array': {
      const expr = b.expr(OP.array, -1, context);
      const inner = w.context('element', expr);
      b.exprs.set(expr, EXPR.a, b.list(w.named(node).map((child) => scriptValue(w, child, inner))));
      return expr;
    }
    case 'spread_element':
      return b.expr(OP.spread, scriptValue(w, w.firstNamed(node)));
    case 'object':
      return object(w, node, context);
    case 'arrow_function':
    case 'function_expression':
    case 'generator_function':
      return functionLiteral(w, node, context);
    case 'class':
      return classExpression(w, node);
    case 'ternary_expression': {
      const condition = w.field(node, 'condition');
      scriptValue(w, condition);
      const parts = [
        w.narrowed(narrowingsOf(w, condition, true), () => scriptValue(w, w.field(node, 'consequence'), context)),
        w.narrowed(narrowingsOf(w, condition, false), () => scriptValue(w, w.field(node, 'alternative'), context)),
      ];
      return b.expr(OP.union, b.list(parts));
    }
    case 'binary_expression':
      return binary(w, node, context);
    case 'unary_expression': {
      const operator = w.text(w.field(node, 'operator'));
      const value = scriptValue(w, w.field(node, 'argument'));
      if (operator === 'delete') w.effects += 1;
      return operator === 'typeof'
        ? b.expr(OP.literal, LITERAL.string)
        : operator === '!'
          ? b.expr(OP.literal, LITERAL.boolean)
          : value < 0
            ? -1
            : b.expr(OP.literal, LITERAL.number);
    }
    case 'update_expression':
      return update(w, w.field(node, 'argument'));
    case 'assignment_expression':
      return assignment(w, node);
    case 'augmented_assignment_expression': {
      const left = w.field(node, 'left');
      const before = scriptValue(w, left, -1, READ);
      let value = -1;
      const assign = (): void => {
        value = scriptValue(w, w.field(node, 'right'));
        if (w.type(left) === 'identifier') w.bind(left, value, -1, DEF_KIND.variable, -1);
        else w.effects += 1;
      };
      // `a ??= b` may leave what was there.
      if (LOGICAL_ASSIGNMENTS.has(w.text(w.field(node, 'operator')))) b.flow.fork([assign], true);
      else assign();
      return b.expr(OP.union, b.list([before, value]));
    }
    case 'this':
      if (w.thisType >= 0) return b.expr(OP.cast, w.thisType, -1);
      return w.thisIsClass ? b.expr(OP.class, w.ownerOf(w.thisScope)) : b.expr(OP.this, w.thisScope);
    case 'super':
      return b.expr(OP.super, w.thisScope, w.thisIsClass ? 1 : 0);
    case 'jsx_element':
    case 'jsx_self_closing_element':
      return jsx(w, node);
    case 'jsx_text':
      return -1;
    case 'internal_module':
    case 'statement_block':
    case 'expression_statement':
      w.visit.statement(w, node);
      return -1;
    default:
      for (const child of w.named(node)) scriptValue(w, child);
      return -1;
  }
}

const LOGICAL_ASSIGNMENTS = new Set(['??=', '||=', '&&=']);

function keep(w: ScriptWalk, node: number): number {
  const length = w.b.endOf(node) - w.b.startOf(node);
  return length > KEPT_STRING ? -1 : w.b.contentOf(node);
}

function constant(w: ScriptWalk, expr: number): number {
  return w.b.exprs.get(expr, EXPR.op) === OP.literal ? w.b.exprs.get(expr, EXPR.b) : -1;
}

function memberAccess(w: ScriptWalk, node: number, flags: number): number {
  const objectNode = w.field(node, 'object');
  const property = w.field(node, 'property');
  const object = scriptValue(w, objectNode);
  if ((flags & USE_FLAG.write) !== 0) w.effects += 1;
  return w.b.memberExpr(object, w.b.nameOf(property), w.b.startOf(property), flags);
}

function argumentsOf(w: ScriptWalk, node: number, expr: number): number {
  if (node < 0) return -1;
  if (w.type(node) === 'template_string') {
    template(w, node);
    return -1;
  }
  return w.b.list(w.named(node).map((child, i) => scriptValue(w, child, w.context('argument', expr, i))));
}

function call(w: ScriptWalk, node: number, context: number): number {
  const { b } = w;
  const callee = w.field(node, 'function');
  const args = w.field(node, 'arguments');
  w.effects += 1;
  if (w.type(callee) === 'import') return importCall(w, node, args);
  if (w.untyped || w.type(callee) === 'identifier') {
    const required = requireCall(w, node, callee, args);
    if (required >= 0) return required;
  }
  const target = scriptValue(w, callee, -1, READ | USE_FLAG.call);
  w.operands.set(node, target);
  const types = typeArguments(w, w.field(node, 'type_arguments'));
  const expr = b.expr(OP.call, target, -1, types);
  if (context >= 0 && types < 0) w.context('ofCall', expr, context);
  b.exprs.set(expr, EXPR.b, argumentsOf(w, args, expr));
  return expr;
}

function moduleName(w: ScriptWalk, args: number): number {
  const first = args < 0 ? -1 : w.firstNamed(args);
  if (first < 0) return -1;
  if (w.type(first) === 'string') return w.b.contentOf(first);
  scriptValue(w, first);
  return -1;
}

function importCall(w: ScriptWalk, node: number, args: number): number {
  const { b } = w;
  const module = moduleName(w, args);
  if (module < 0) return -1;
  const row = b.imports.add(
    module,
    IMPORTED.namespace,
    -1,
    b.startOf(node),
    0,
    IMPORT_FLAG.dynamic,
    b.startOf(node),
    b.endOf(node),
  );
  return b.expr(OP.importCall, row, 1);
}

function requireCall(w: ScriptWalk, node: number, callee: number, args: number): number {
  const { b } = w;
  if (w.type(callee) !== 'identifier' || w.text(callee) !== 'require' || w.named(args).length !== 1) return -1;
  if (w.type(w.firstNamed(args)) !== 'string') return -1;
  const module = moduleName(w, args);
  const row = b.imports.add(
    module,
    IMPORTED.equals,
    -1,
    b.startOf(node),
    0,
    IMPORT_FLAG.require,
    b.startOf(node),
    b.endOf(node),
  );
  return b.expr(OP.importCall, row, 0);
}

function construct(w: ScriptWalk, node: number): number {
  const { b } = w;
  w.effects += 1;
  const target = scriptValue(w, w.field(node, 'constructor'), -1, READ | USE_FLAG.construct);
  const types = typeArguments(w, w.field(node, 'type_arguments'));
  const expr = b.expr(OP.new, target, -1, types);
  b.exprs.set(expr, EXPR.b, argumentsOf(w, w.field(node, 'arguments'), expr));
  return expr;
}

function cast(w: ScriptWalk, node: number, context: number): number {
  const { b } = w;
  const [value, type] = w.named(node);
  if (value === undefined) return -1;
  // `as const` has no type node.
  if (type === undefined) return scriptValue(w, value, context);
  const target = scriptType(w, type);
  const inner = scriptValue(w, value, w.context('type', target));
  return w.type(node) === 'satisfies_expression' ? inner : b.expr(OP.cast, target, inner);
}

function template(w: ScriptWalk, node: number): number {
  let plain = true;
  for (const child of w.named(node)) {
    if (w.type(child) !== 'template_substitution') continue;
    plain = false;
    for (const part of w.named(child)) scriptValue(w, part);
  }
  return w.b.expr(OP.literal, plain ? LITERAL.string : LITERAL.template, keep(w, node));
}

function object(w: ScriptWalk, node: number, context: number): number {
  const { b } = w;
  const scope = b.openScope(SCOPE_KIND.object, node);
  const shape = b.addShape(-1, scope);
  b.closeScope(scope);
  const expr = b.expr(OP.object, scope, context);
  const spreads: number[] = [];
  for (const child of w.named(node)) {
    const type = w.type(child);
    if (type === 'spread_element') spreads.push(scriptValue(w, w.firstNamed(child)));
    else if (type === 'shorthand_property_identifier') {
      const value = b.nameExpr(child, READ);
      key(w, child, b.nameOf(child), expr);
      property(w, child, child, DEF_KIND.field, { scope, value });
    } else if (type === 'pair') {
      const keyNode = w.field(child, 'key');
      const name = w.keyName(keyNode);
      const inner = name === undefined ? -1 : w.context('property', expr, name);
      if (name !== undefined) key(w, keyNode, name, expr);
      const value = scriptValue(w, w.field(child, 'value'), inner);
      property(w, child, keyNode, DEF_KIND.field, { scope, value });
    } else if (type === 'method_definition') objectMethod(w, child, scope, expr);
    else scriptValue(w, child);
  }
  b.shapes.set(shape, SHAPE.spreads, b.list(spreads));
  return expr;
}

function key(w: ScriptWalk, node: number, name: number, object: number): void {
  w.b.useIn(USE_KIND.key, name, w.b.startOf(node), object, READ);
}

function objectMethod(w: ScriptWalk, node: number, scope: number, expr: number): void {
  const nameNode = w.field(node, 'name');
  const name = w.keyName(nameNode);
  if (name !== undefined) key(w, nameNode, name, expr);
  const getter = w.childOf(node, 'get') >= 0 ? DEF_FLAG.getter : 0;
  const def = property(w, node, nameNode, DEF_KIND.method, { scope, flags: getter });
  const outer = { scope: w.thisScope, isClass: w.thisIsClass };
  w.thisScope = scope;
  w.thisIsClass = false;
  functionBody(w, node, def, (n) => typeParameters(w, n));
  w.thisScope = outer.scope;
  w.thisIsClass = outer.isClass;
}

function functionLiteral(w: ScriptWalk, node: number, context: number): number {
  const outer = { scope: w.thisScope, isClass: w.thisIsClass };
  const arrow = w.type(node) === 'arrow_function';
  if (!arrow) w.thisScope = -1;
  if (!arrow) w.thisIsClass = false;
  const fn = functionBody(w, node, -1, (n) => typeParameters(w, n));
  w.thisScope = outer.scope;
  w.thisIsClass = outer.isClass;
  return w.b.expr(OP.function, fn, context);
}

function classExpression(w: ScriptWalk, node: number): number {
  const { b } = w;
  decoratorsOf(w, node);
  const scope = b.openScope(SCOPE_KIND.block, node);
  const nameNode = w.field(node, 'name');
  const def = w.declare({
    node: nameNode < 0 ? node : nameNode,
    whole: node,
    kind: DEF_KIND.class,
    flags: DEF_FLAG.value | DEF_FLAG.type,
    name: nameNode < 0 ? b.intern('') : b.nameOf(nameNode),
  });
  classBody(w, node, def);
  b.closeScope(scope);
  return b.expr(OP.class, def);
}

function binary(w: ScriptWalk, node: number, context: number): number {
  const { b } = w;
  const operator = w.text(w.field(node, 'operator'));
  const leftNode = w.field(node, 'left');
  const left = scriptValue(w, leftNode, operator === '??' || operator === '||' ? context : -1);
  const said = operator === '&&' || operator === '||' ? narrowingsOf(w, leftNode, operator === '&&') : [];
  const right = w.narrowed(said, () => scriptValue(w, w.field(node, 'right'), context));
  if (operator === 'instanceof') w.operands.set(node, right);
  switch (operator) {
    case '&&':
      return right;
    case '||':
    case '??':
      return b.expr(OP.union, b.list([left, right]));
    case '+':
      return b.expr(OP.binary, left, right, b.intern('+'));
    case '-':
    case '*':
    case '/':
    case '%':
    case '**':
      return b.expr(OP.literal, LITERAL.number);
    default:
      return b.expr(OP.literal, LITERAL.boolean);
  }
}

function update(w: ScriptWalk, target: number): number {
  const value = scriptValue(w, target);
  if (w.type(target) === 'identifier') w.bind(target, value, -1, DEF_KIND.variable, -1);
  else w.effects += 1;
  return w.b.expr(OP.literal, LITERAL.number);
}

function assignment(w: ScriptWalk, node: number): number {
  const { b } = w;
  const left = w.field(node, 'left');
  if (w.type(left) === 'member_expression' || w.type(left) === 'subscript_expression') {
    const target = w.untyped ? -1 : scriptValue(w, left, -1, USE_FLAG.write);
    w.effects += 1;
    const value = scriptValue(w, w.field(node, 'right'), target < 0 ? -1 : w.context('assigned', target));
    if (w.untyped) w.bind(left, value, -1, DEF_KIND.variable, -1);
    commonExport(w, left, value);
    return value;
  }
  const context = w.type(left) === 'identifier' ? w.context('assigned', nameOnly(w, left)) : -1;
  const value = scriptValue(w, w.field(node, 'right'), context);
  w.bind(left, value, -1, DEF_KIND.variable, -1);
  return b.expr(OP.union, b.list([value]));
}

/** The target of an assignment as an expression whose use does not count twice. */
function nameOnly(w: ScriptWalk, node: number): number {
  const { b } = w;
  const use = b.uses.add(USE_KIND.name, b.nameOf(node), b.startOf(node), b.scope, -1, READ, -1);
  return b.expr(OP.name, use);
}

/** `module.exports = …`, `exports.name = …` and `module.exports.name = …` of CommonJS. */
function commonExport(w: ScriptWalk, left: number, value: number): void {
  const { b } = w;
  const source = w.text(left);
  const match = /^(?:module\.)?exports(?:\.([A-Za-z_$][\w$]*))?$/.exec(source);
  if (match === null || (match[1] === undefined && source === 'exports')) return;
  const name = match[1] ?? 'export=';
  const property = w.field(left, 'property');
  const def = b.define({
    kind: DEF_KIND.variable,
    name: b.intern(`exports.${name}`),
    pos: b.startOf(property),
    start: b.startOf(left),
    end: b.endOf(left),
    flags: DEF_FLAG.value,
    scope: 0,
    value,
  });
  b.exports.add(b.intern(name), -1, -1, def, b.startOf(property));
}

const INTRINSIC = /^[a-z][\w-]*$/;

function jsx(w: ScriptWalk, node: number): number {
  const { b } = w;
  const opening = w.type(node) === 'jsx_element' ? w.field(node, 'open_tag') : node;
  const component = jsxName(w, w.field(opening, 'name'), USE_FLAG.read | USE_FLAG.jsx);
  typeArguments(w, w.field(opening, 'type_arguments'));
  for (const child of w.named(opening)) {
    if (w.type(child) === 'jsx_attribute') jsxAttribute(w, child, component);
    else if (w.type(child) === 'jsx_expression') scriptValue(w, w.firstNamed(child));
  }
  if (opening !== node) {
    for (const child of w.named(node)) {
      if (child === opening) continue;
      if (w.type(child) === 'jsx_closing_element') jsxName(w, w.field(child, 'name'), USE_FLAG.read | USE_FLAG.jsx);
      else if (w.type(child) === 'jsx_expression') scriptValue(w, w.firstNamed(child));
      else scriptValue(w, child);
    }
  }
  return b.expr(OP.jsx, component);
}

function jsxName(w: ScriptWalk, node: number, flags: number): number {
  const { b } = w;
  if (node < 0) return -1;
  if (w.type(node) === 'identifier') return INTRINSIC.test(w.text(node)) ? -1 : b.nameExpr(node, flags);
  if (w.type(node) === 'member_expression' || w.type(node) === 'nested_identifier') {
    const property = w.field(node, 'property');
    const object = jsxName(w, w.field(node, 'object'), READ);
    const base = object < 0 ? scriptValue(w, w.field(node, 'object')) : object;
    return b.memberExpr(base, b.nameOf(property), b.startOf(property), flags);
  }
  return -1;
}

function jsxAttribute(w: ScriptWalk, node: number, component: number): void {
  const { b } = w;
  const [nameNode, value] = w.named(node);
  if (nameNode === undefined) return;
  const name = b.nameOf(nameNode);
  if (component >= 0) b.useIn(USE_KIND.attribute, name, b.startOf(nameNode), component, READ);
  if (value === undefined) return;
  const context = component < 0 ? -1 : w.context('attribute', component, name);
  scriptValue(w, w.type(value) === 'jsx_expression' ? w.firstNamed(value) : value, context);
}
