import type { SyntaxTable } from '../../../adapters/parser/index.ts';
import { DEF_FLAG, DEF_KIND, OP, SCOPE_KIND, SHAPE, STATEMENT_FLAG, type FileFacts } from '../types.ts';
import { classBody, decoratorsOf } from './classes.ts';
import { scriptValue } from './expressions.ts';
import { functionBody } from './functions.ts';
import { caseNarrowings, narrowingsOf } from './narrowing.ts';
import { exportStatement, importAlias, importStatement } from './modules.ts';
import { members, property, scriptType, signature, typeParameters } from './types.ts';
import { ScriptWalk } from './walk.ts';

/** The facts of a TypeScript or JavaScript file, JSX included. Damaged regions are walked as far as they make sense. */
export function extractScript(table: SyntaxTable, text: string, language: string): FileFacts {
  const w = new ScriptWalk(table, text, language === 'javascript', { value: scriptValue, type: scriptType, statement });
  const scope = w.b.openScope(SCOPE_KIND.module, 0);
  w.b.flow.openBody();
  for (const child of w.named(0)) statement(w, child);
  w.b.flow.closeBody();
  w.b.closeScope(scope);
  return w.b.finish(language);
}

const PLAIN = new Set([
  'expression_statement',
  'return_statement',
  'throw_statement',
  'lexical_declaration',
  'variable_declaration',
]);

function statement(w: ScriptWalk, node: number): void {
  const before = w.effects;
  const type = w.type(node);
  visit(w, node, type);
  if (!PLAIN.has(type)) return;
  w.statement(node, before, type === 'return_statement' || type === 'throw_statement' ? STATEMENT_FLAG.exits : 0);
}

function visit(w: ScriptWalk, node: number, type: string): void {
  const { b } = w;
  switch (type) {
    case 'expression_statement':
      for (const child of w.named(node)) scriptValue(w, child);
      return;
    case 'lexical_declaration':
    case 'variable_declaration':
      variables(w, node);
      return;
    case 'function_declaration':
    case 'generator_function_declaration':
    case 'function_signature':
      functionDeclaration(w, node);
      return;
    case 'class_declaration':
    case 'abstract_class_declaration':
      classDeclaration(w, node);
      return;
    case 'interface_declaration':
      interfaceDeclaration(w, node);
      return;
    case 'type_alias_declaration':
      aliasDeclaration(w, node);
      return;
    case 'enum_declaration':
      enumDeclaration(w, node);
      return;
    case 'internal_module':
    case 'module':
      namespaceDeclaration(w, node);
      return;
    case 'ambient_declaration':
      for (const child of w.named(node)) statement(w, child);
      return;
    case 'import_statement':
      importStatement(w, node);
      return;
    case 'import_alias':
      importAlias(w, node);
      return;
    case 'export_statement':
      exportStatement(w, node, statement);
      return;
    case 'return_statement': {
      const value = w.firstNamed(node);
      if (value >= 0) w.returns(scriptValue(w, value, w.fn < 0 ? -1 : w.context('returned', w.fn)));
      b.flow.exit('leave');
      return;
    }
    case 'throw_statement':
      for (const child of w.named(node)) scriptValue(w, child);
      b.flow.exit('leave');
      return;
    case 'break_statement':
      b.flow.exit('break');
      return;
    case 'continue_statement':
      b.flow.exit('continue');
      return;
    case 'statement_block':
      inBlock(w, node, () => {
        for (const child of w.named(node)) statement(w, child);
      });
      return;
    case 'if_statement':
      branches(w, node);
      return;
    case 'for_statement':
    case 'for_in_statement':
    case 'while_statement':
    case 'do_statement':
      loop(w, node, type);
      return;
    case 'switch_statement':
      choose(w, node);
      return;
    case 'try_statement':
      attempt(w, node);
      return;
    case 'labeled_statement':
      statement(w, w.field(node, 'body'));
      return;
    case 'empty_statement':
    case 'debugger_statement':
    case 'hash_bang_line':
      return;
    case 'decorator':
      scriptValue(w, w.firstNamed(node));
      return;
    case 'ERROR':
      for (const child of w.named(node)) statement(w, child);
      return;
    default:
      scriptValue(w, node);
  }
}

function inBlock(w: ScriptWalk, node: number, walk: () => void): void {
  const scope = w.b.openScope(SCOPE_KIND.block, node);
  w.narrowed([], walk);
  w.b.closeScope(scope);
}

function variables(w: ScriptWalk, node: number): void {
  const { b } = w;
  const isVar = w.type(node) === 'variable_declaration';
  const constant = w.type(w.field(node, 'kind')) === 'const' ? DEF_FLAG.constant : 0;
  const scope = isVar ? w.functionScope() : b.scope;
  for (const child of w.named(node)) {
    if (w.type(child) !== 'variable_declarator') continue;
    const type = scriptType(w, w.field(child, 'type'));
    const valueNode = w.field(child, 'value');
    const value = scriptValue(w, valueNode, type < 0 ? -1 : w.context('type', type));
    w.bind(
      w.field(child, 'name'),
      value,
      type,
      DEF_KIND.variable,
      scope,
      child,
      constant | (valueNode < 0 ? DEF_FLAG.bare : 0),
    );
  }
}

function functionDeclaration(w: ScriptWalk, node: number): void {
  const { b } = w;
  const bare = w.type(node) === 'function_signature';
  const def = w.declare({
    node: w.field(node, 'name'),
    whole: node,
    kind: DEF_KIND.function,
    flags: DEF_FLAG.value | (bare ? DEF_FLAG.bare : 0),
  });
  const outer = { scope: w.thisScope, isClass: w.thisIsClass };
  w.thisScope = -1;
  w.thisIsClass = false;
  if (bare) {
    const scope = b.openScope(SCOPE_KIND.function, node, def);
    signature(w, node, def);
    w.setBody(def, scope);
    b.closeScope(scope);
  } else functionBody(w, node, def, (n) => typeParameters(w, n));
  w.thisScope = outer.scope;
  w.thisIsClass = outer.isClass;
}

function classDeclaration(w: ScriptWalk, node: number): void {
  const { b } = w;
  decoratorsOf(w, node);
  const def = w.declare({
    node: w.field(node, 'name'),
    whole: node,
    kind: DEF_KIND.class,
    flags: DEF_FLAG.value | DEF_FLAG.type,
  });
  const scope = b.openScope(SCOPE_KIND.block, node);
  classBody(w, node, def);
  b.closeScope(scope);
}

function interfaceDeclaration(w: ScriptWalk, node: number): void {
  const { b } = w;
  const def = w.declare({ node: w.field(node, 'name'), whole: node, kind: DEF_KIND.interface, flags: DEF_FLAG.type });
  const scope = b.openScope(SCOPE_KIND.block, node);
  const parameters = typeParameters(w, w.field(node, 'type_parameters'));
  const clause = w.childOf(node, 'extends_type_clause', 'extends_clause');
  const bases = clause < 0 ? [] : w.named(clause).map((child) => scriptType(w, child));
  const inner = members(w, w.field(node, 'body'), def);
  const shape = b.scopes.get(inner, 5);
  w.setBody(def, inner);
  b.shapes.set(shape, SHAPE.bases, b.list(bases));
  b.shapes.set(shape, SHAPE.typeParameters, parameters);
  b.closeScope(scope);
}

function aliasDeclaration(w: ScriptWalk, node: number): void {
  const { b } = w;
  const def = w.declare({ node: w.field(node, 'name'), whole: node, kind: DEF_KIND.alias, flags: DEF_FLAG.type });
  const scope = b.openScope(SCOPE_KIND.block, node);
  b.defs.set(def, 10, typeParameters(w, w.field(node, 'type_parameters')));
  b.defs.set(def, 7, scriptType(w, w.field(node, 'value')));
  b.closeScope(scope);
}

function enumDeclaration(w: ScriptWalk, node: number): void {
  const { b } = w;
  const def = w.declare({
    node: w.field(node, 'name'),
    whole: node,
    kind: DEF_KIND.enum,
    flags: DEF_FLAG.value | DEF_FLAG.type,
  });
  const scope = b.openScope(SCOPE_KIND.enum, node, def);
  w.setBody(def, scope);
  b.addShape(def, scope);
  for (const child of w.named(w.field(node, 'body'))) {
    const assigned = w.type(child) === 'enum_assignment';
    const value = assigned ? scriptValue(w, w.field(child, 'value')) : -1;
    property(w, child, assigned ? w.field(child, 'name') : child, DEF_KIND.enumMember, {
      scope,
      value,
      flags: DEF_FLAG.static,
    });
  }
  b.closeScope(scope);
}

function namespaceDeclaration(w: ScriptWalk, node: number): void {
  const { b } = w;
  const nameNode = w.field(node, 'name');
  const body = w.field(node, 'body');
  const quoted = w.type(nameNode) === 'string';
  const first = w.type(nameNode) === 'nested_identifier' ? w.firstNamed(nameNode) : nameNode;
  const def = quoted
    ? -1
    : w.declare({ node: first, whole: node, kind: DEF_KIND.namespace, flags: DEF_FLAG.value | DEF_FLAG.type });
  if (body < 0) return;
  const scope = b.openScope(SCOPE_KIND.namespace, body, def);
  if (def >= 0) w.setBody(def, scope);
  for (const child of w.named(body)) statement(w, child);
  b.closeScope(scope);
}

function branches(w: ScriptWalk, node: number): void {
  const condition = w.field(node, 'condition');
  scriptValue(w, condition);
  const consequence = w.field(node, 'consequence');
  const then = (): void => w.narrowed(narrowingsOf(w, condition, true), () => statement(w, consequence));
  const alternative = w.field(node, 'alternative');
  if (alternative >= 0) {
    const otherwise = (): void =>
      w.narrowed(narrowingsOf(w, condition, false), () => statement(w, w.firstNamed(alternative)));
    w.b.flow.fork([then, otherwise], false);
    return;
  }
  w.b.flow.fork([then], true);
  // After `if (…) return;` the rest of the block runs where the condition failed.
  if (leaves(w, consequence)) w.narrowings.push(...narrowingsOf(w, condition, false));
}

const EXITS = new Set(['return_statement', 'throw_statement', 'continue_statement', 'break_statement']);

function leaves(w: ScriptWalk, node: number): boolean {
  if (w.type(node) !== 'statement_block') return EXITS.has(w.type(node));
  const last = w.named(node).at(-1);
  return last !== undefined && EXITS.has(w.type(last));
}

function loop(w: ScriptWalk, node: number, type: string): void {
  const { b } = w;
  inBlock(w, node, () => {
    const body = (): void => statement(w, w.field(node, 'body'));
    if (type === 'for_in_statement') {
      const iterated = scriptValue(w, w.field(node, 'right'));
      const kind = w.field(node, 'kind');
      const of = w.text(w.field(node, 'operator')) === 'of';
      const element = of ? b.expr(OP.element, iterated, w.childOf(node, 'await') >= 0 ? 1 : 0) : -1;
      b.flow.loop({
        body: () => {
          const scope = kind < 0 ? -1 : w.type(kind) === 'var' ? w.functionScope() : b.scope;
          w.bind(w.field(node, 'left'), element, -1, DEF_KIND.variable, scope);
          body();
        },
      });
      return;
    }
    if (type === 'for_statement') {
      const start = w.field(node, 'initializer');
      if (start >= 0) statement(w, start);
    }
    const condition = w.field(node, 'condition');
    const increment = type === 'for_statement' ? w.field(node, 'increment') : -1;
    b.flow.loop({
      test: () => (condition >= 0 ? visit(w, condition, w.type(condition)) : undefined),
      body,
      step: () => (increment >= 0 ? scriptValue(w, increment) : undefined),
      bodyFirst: type === 'do_statement',
      endless: isEndless(w, condition),
    });
  });
}

/** No condition, or one that is always true. */
function isEndless(w: ScriptWalk, condition: number): boolean {
  if (condition < 0 || w.type(condition) === 'empty_statement') return true;
  return w.text(condition).replace(/[\s();]/g, '') === 'true';
}

function choose(w: ScriptWalk, node: number): void {
  const { b } = w;
  const subject = w.field(node, 'value');
  scriptValue(w, subject);
  const body = w.field(node, 'body');
  inBlock(w, body, () => {
    const cases = w.named(body);
    const labels = labelsOf(w, cases);
    const arms = cases.map((clause, i) => () => {
      const value = w.field(clause, 'value');
      if (value >= 0) scriptValue(w, value);
      w.narrowed(caseNarrowings(w, subject, labels[i] ?? []), () => {
        for (const child of w.named(clause)) if (w.hasField(clause, child, 'body')) statement(w, child);
      });
    });
    b.flow.choice(arms, !cases.some((clause) => w.type(clause) === 'switch_default'));
  });
}

/** The labels under which each case's statements run: its own, and those of the empty cases right before it. */
function labelsOf(w: ScriptWalk, cases: readonly number[]): number[][] {
  let pending: number[] = [];
  return cases.map((clause) => {
    const value = w.field(clause, 'value');
    const own = value < 0 ? [] : [...pending, value];
    const empty = !w.named(clause).some((child) => w.hasField(clause, child, 'body'));
    pending = empty && value >= 0 ? own : [];
    return own;
  });
}

function attempt(w: ScriptWalk, node: number): void {
  const handler = w.field(node, 'handler');
  const last = w.field(node, 'finalizer');
  const caught = (): void =>
    inBlock(w, handler, () => {
      const parameter = w.field(handler, 'parameter');
      const type = scriptType(w, w.field(handler, 'type'));
      if (parameter >= 0) w.bind(parameter, -1, type, DEF_KIND.variable, w.b.scope);
      statement(w, w.field(handler, 'body'));
    });
  w.b.flow.attempt(
    () => statement(w, w.field(node, 'body')),
    handler < 0 ? [] : [caught],
    () => undefined,
    () => (last < 0 ? undefined : statement(w, w.field(last, 'body'))),
  );
}
