import { DEF, DEF_FLAG, DEF_KIND, FUNCTION, FUNCTION_FLAG, OP, SCOPE_KIND } from '../types.ts';
import type { ScriptWalk } from './walk.ts';

/** Defines the parameters of a signature in the current scope; returns their list. Patterns count as one, unnamed. */
export function parameterList(w: ScriptWalk, node: number): number {
  const { b } = w;
  if (node < 0) return -1;
  const found: number[] = [];
  let index = 0;
  for (const child of w.named(node)) {
    if (w.type(child) === 'decorator') continue;
    const pattern = patternOf(w, child);
    if (pattern >= 0 && w.type(pattern) === 'this') {
      w.thisType = w.visit.type(w, w.field(child, 'type'));
      continue;
    }
    for (const decorator of w.named(child)) {
      if (w.type(decorator) === 'decorator') w.visit.value(w, w.firstNamed(decorator));
    }
    found.push(parameter(w, child, pattern < 0 ? child : pattern, index));
    index += 1;
  }
  return b.list(found);
}

function patternOf(w: ScriptWalk, node: number): number {
  const type = w.type(node);
  if (type === 'required_parameter' || type === 'optional_parameter') {
    const pattern = w.field(node, 'pattern');
    return pattern >= 0 ? pattern : w.field(node, 'name');
  }
  return node;
}

function parameter(w: ScriptWalk, node: number, pattern: number, index: number): number {
  const { b } = w;
  const typed = node !== pattern;
  const type = typed ? w.visit.type(w, w.field(node, 'type')) : -1;
  const defaultNode = typed
    ? w.field(node, 'value')
    : w.type(pattern) === 'assignment_pattern'
      ? w.field(pattern, 'right')
      : -1;
  const value = defaultNode < 0 ? -1 : w.visit.value(w, defaultNode, type < 0 ? -1 : w.context('type', type));
  const rest = w.type(pattern) === 'rest_pattern';
  const target = rest
    ? w.firstNamed(pattern)
    : w.type(pattern) === 'assignment_pattern'
      ? w.field(pattern, 'left')
      : pattern;
  const optional = w.type(node) === 'optional_parameter' || defaultNode >= 0;
  const flags = (rest ? DEF_FLAG.rest : 0) | (optional ? DEF_FLAG.optional : 0);
  if (w.type(target) === 'identifier') {
    const def = w.declare({
      node: target,
      whole: node,
      kind: DEF_KIND.parameter,
      flags: flags | DEF_FLAG.value,
      type,
      value,
      extra: index,
    });
    parameterProperty(w, node, target, type, value);
    return def;
  }
  // A pattern: an unnamed parameter that the names are taken out of.
  const def = b.define({
    kind: DEF_KIND.parameter,
    name: b.intern(''),
    pos: b.startOf(target),
    start: b.startOf(node),
    end: b.endOf(node),
    flags: flags | DEF_FLAG.value,
    scope: -1,
    type,
    value,
    extra: index,
  });
  b.defs.set(def, DEF.body, b.scope);
  const whole = b.expr(OP.parameter, def);
  w.bind(target, whole, -1, DEF_KIND.parameter, b.scope, node);
  return def;
}

/** `constructor(private readonly store: Store)` declares a field as well. */
function parameterProperty(w: ScriptWalk, node: number, target: number, type: number, value: number): void {
  if (w.thisScope < 0 || !['required_parameter', 'optional_parameter'].includes(w.type(node))) return;
  if (w.childOf(node, 'accessibility_modifier', 'readonly', 'override_modifier') < 0) return;
  w.declare({
    node: target,
    whole: node,
    kind: DEF_KIND.field,
    flags: DEF_FLAG.value,
    scope: w.thisScope,
    type,
    value,
  });
}

/**
 * Walks a function with a body, from its type parameters on, in a scope of its own. `def` is its definition, -1 for a literal.
 * Returns the function.
 */
export function functionBody(
  w: ScriptWalk,
  node: number,
  def: number,
  typeParameters: (node: number) => number,
): number {
  const { b } = w;
  const scope = b.openScope(SCOPE_KIND.function, node, def);
  b.flow.openBody();
  if (def >= 0) w.setBody(def, scope);
  const arrow = w.type(node) === 'arrow_function';
  const outerThis = w.thisType;
  if (!arrow) w.thisType = -1;
  const flags =
    (w.childOf(node, 'async') >= 0 ? FUNCTION_FLAG.async : 0) |
    (w.childOf(node, '*') >= 0 ? FUNCTION_FLAG.generator : 0) |
    (arrow ? FUNCTION_FLAG.arrow : 0);
  const fn = b.addFunction(def, flags);
  const nameNode = w.field(node, 'name');
  if (def < 0 && nameNode >= 0 && !arrow) {
    const own = w.declare({ node: nameNode, whole: node, kind: DEF_KIND.function, flags: DEF_FLAG.value });
    w.setBody(own, scope);
  }
  b.functions.set(fn, FUNCTION.typeParameters, typeParameters(w.field(node, 'type_parameters')));
  const single = w.field(node, 'parameter');
  const parameters =
    single >= 0 ? b.list([parameter(w, single, single, 0)]) : parameterList(w, w.field(node, 'parameters'));
  b.functions.set(fn, FUNCTION.parameters, parameters);
  const result = w.visit.type(w, w.field(node, 'return_type'));
  b.functions.set(fn, FUNCTION.result, result);
  const body = w.field(node, 'body');
  w.inFunction(fn, () => {
    if (body < 0) return;
    if (w.type(body) === 'statement_block') {
      w.narrowed([], () => {
        for (const child of w.named(body)) w.visit.statement(w, child);
      });
    } else w.returns(w.visit.value(w, body, w.context('returned', fn)));
  });
  w.thisType = outerThis;
  b.flow.closeBody();
  b.closeScope(scope);
  return fn;
}
