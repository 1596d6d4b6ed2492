import type { SyntaxNode } from '../../../adapters/parser/index.ts';
import {
  argumentsOf,
  lastName,
  type PythonArguments,
  type PythonProgram,
  pythonString,
  type PythonSource,
} from '../python/python-program.ts';
import { PythonShapes } from './python-shapes.ts';
import { ANY, NUMBER, type Route, segmentsOf } from './route.ts';
import { type Shape, UNKNOWN } from './shape.ts';

const VERB = /^(?:get|post|put|patch|delete)$/;
const ROUTERS = /^(?:APIRouter|Blueprint|FastAPI|Flask|Quart)$/;

interface Mount {
  readonly parent: string;
  /** Null where it is not text. */
  readonly prefix: string | null;
  readonly replaces: boolean;
}

/** A router is named by the file and the place that make it. */
const keyOf = (path: string, node: SyntaxNode | null): string => `${path}\n${String(node?.startIndex ?? -1)}`;

/** Routes of FastAPI and Flask with the prefixes of their routers and what they take and answer. */
export class PythonRoutes {
  private readonly prefixes = new Map<string, string | null>();
  private readonly mounts = new Map<string, Mount[]>();
  private readonly shapes: PythonShapes;
  private readonly program: PythonProgram;

  constructor(program: PythonProgram) {
    this.program = program;
    this.shapes = new PythonShapes(program);
    for (const file of program.files.values()) this.readRouters(file);
    for (const file of program.files.values()) this.readMounts(file);
  }

  all(): Route[] {
    return [...this.program.files.values()].flatMap((file) => {
      if (!/\.(?:get|post|put|patch|delete|route|api_route|add_url_rule)\(/.test(file.text) || isTest(file.path))
        return [];
      return [
        ...file.root.descendantsOfType('decorated_definition').flatMap((node) => this.decorated(file, node)),
        ...file.root.descendantsOfType('call').flatMap((call) => this.rule(file, call)),
      ];
    });
  }

  private readRouters(file: PythonSource): void {
    if (!/APIRouter|Blueprint|FastAPI|Flask|Quart/.test(file.text)) return;
    for (const node of file.root.descendantsOfType('assignment')) {
      const call = node.childForFieldName('right');
      if (call?.type !== 'call' || !ROUTERS.test(lastName(call.childForFieldName('function')))) continue;
      const { keywords } = argumentsOf(call.childForFieldName('arguments'));
      this.prefixes.set(keyOf(file.path, node), prefixIn(keywords));
    }
  }

  private readMounts(file: PythonSource): void {
    if (!/include_router|register_blueprint/.test(file.text)) return;
    for (const call of file.root.descendantsOfType('call')) {
      const callee = call.childForFieldName('function');
      const kind = lastName(callee);
      if (callee?.type !== 'attribute' || !/^(?:include_router|register_blueprint)$/.test(kind)) continue;
      const { positional, keywords } = argumentsOf(call.childForFieldName('arguments'));
      const parent = this.routerKey(file, callee.childForFieldName('object'), call) ?? '';
      const replaces = kind === 'register_blueprint' && keywords.has('url_prefix');
      for (const child of this.mounted(file, positional[0] ?? null, call)) {
        const mount = { parent, prefix: prefixIn(keywords), replaces };
        this.mounts.set(child, [...(this.mounts.get(child) ?? []), mount]);
      }
    }
  }

  /** The routers that an argument means: one, or each of a list that a loop goes through. */
  private mounted(file: PythonSource, node: SyntaxNode | null, at: SyntaxNode): string[] {
    const one = this.routerKey(file, node, at);
    if (one !== null) return [one];
    for (let above: SyntaxNode | null = at; above !== null; above = above.parent) {
      if (above.type !== 'for_statement' || above.childForFieldName('left')?.text !== node?.text) continue;
      const right = above.childForFieldName('right');
      const list = right?.type === 'identifier' ? this.program.definition(file, right.text) : null;
      const value = list === null ? right : (list.node?.childForFieldName('right') ?? null);
      return (value?.namedChildren ?? []).flatMap((part) => this.routerKey(list?.file ?? file, part, at) ?? []);
    }
    return [];
  }

  /** The key of the router that a name means, in the function around it or in the module. */
  private routerKey(file: PythonSource, node: SyntaxNode | null, at: SyntaxNode): string | null {
    if (node === null) return null;
    for (let above: SyntaxNode | null = at; above !== null; above = above.parent) {
      if (above.type !== 'function_definition') continue;
      const own = above
        .descendantsOfType('assignment')
        .find((part) => part.childForFieldName('left')?.text === node.text);
      if (own !== undefined && this.prefixes.has(keyOf(file.path, own))) return keyOf(file.path, own);
    }
    const found = this.program.definition(file, node.text);
    const key = found?.node?.type === 'assignment' ? keyOf(found.file.path, found.node) : null;
    return key !== null && this.prefixes.has(key) ? key : null;
  }

  /** All that can stand before the routes of a router; null for what is not known. */
  private above(key: string, depth = 0): (string | null)[] {
    const own = this.prefixes.get(key) ?? '';
    const mounts = depth > 5 ? [] : (this.mounts.get(key) ?? []);
    const unknown = this.prefixes.get(key) === null;
    if (mounts.length === 0) return [unknown ? null : own];
    return mounts.flatMap(({ parent, prefix, replaces }) =>
      (parent === '' ? [''] : this.above(parent, depth + 1)).map((before) =>
        before === null || prefix === null || unknown ? null : `${before}${prefix}${replaces ? '' : own}`,
      ),
    );
  }

  private decorated(file: PythonSource, node: SyntaxNode): Route[] {
    const view = node.childForFieldName('definition');
    if (view?.type !== 'function_definition') return [];
    const decorators = node.namedChildren
      .filter(({ type }) => type === 'decorator')
      .flatMap((part) => part.namedChild(0) ?? []);
    return decorators.flatMap((call) => {
      const callee = call.type === 'call' ? call.childForFieldName('function') : null;
      const verb = lastName(callee);
      if (callee?.type !== 'attribute' || !(VERB.test(verb) || /^(?:api_)?route$/.test(verb))) return [];
      const given = argumentsOf(call.childForFieldName('arguments'));
      const path = pythonString(
        given.positional[0] ?? given.keywords.get('path') ?? given.keywords.get('rule') ?? null,
      );
      if (path === null) return [];
      const methods = VERB.test(verb) ? [verb] : methodsIn(given);
      const prefixes = this.prefixesAt(file, callee.childForFieldName('object'), node);
      const described = decorators.flatMap((other) =>
        other.descendantsOfType('call').map((inner) => argumentsOf(inner.childForFieldName('arguments'))),
      );
      return methods.flatMap((method) => {
        const shapes = this.contract(file, view, method, described, isFastApi(file));
        return prefixes.map((prefix) => ({
          method,
          segments: segmentsOf(`${prefix ?? ''}${path}`).map((part) => segmentOf(part, view)),
          isOpen: prefix === null,
          place: { path: file.path, text: file.text, position: call.startIndex },
          ...shapes,
        }));
      });
    });
  }

  /** Flask without a decorator: `app.add_url_rule("/books", view_func=list_books)`. */
  private rule(file: PythonSource, call: SyntaxNode): Route[] {
    const callee = call.childForFieldName('function');
    if (callee?.type !== 'attribute' || lastName(callee) !== 'add_url_rule') return [];
    const given = argumentsOf(call.childForFieldName('arguments'));
    const path = pythonString(given.positional[0] ?? given.keywords.get('rule') ?? null);
    if (path === null) return [];
    const view = given.keywords.get('view_func');
    const methods = view?.type === 'call' && !given.keywords.has('methods') ? ['any'] : methodsIn(given);
    const place = { path: file.path, text: file.text, position: call.startIndex };
    return this.prefixesAt(file, callee.childForFieldName('object'), call).flatMap((prefix) =>
      methods.map((method) => ({
        method,
        segments: segmentsOf(`${prefix ?? ''}${path}`).map((part) => segmentOf(part, null)),
        isOpen: prefix === null,
        place,
        body: UNKNOWN,
        answer: UNKNOWN,
      })),
    );
  }

  private prefixesAt(file: PythonSource, router: SyntaxNode | null, at: SyntaxNode): (string | null)[] {
    const key = this.routerKey(file, router, at);
    if (key !== null) return this.above(key);
    // A parameter, or something from elsewhere, may be mounted anywhere.
    return router?.text === 'app' ? [''] : [null];
  }

  private contract(
    file: PythonSource,
    view: SyntaxNode,
    method: string,
    described: readonly PythonArguments[],
    fastApi: boolean,
  ): { readonly body: Shape; readonly answer: Shape } {
    const said = (name: string): SyntaxNode | undefined =>
      described.map(({ keywords }) => keywords.get(name)).find((value) => value !== undefined);
    const answer =
      said('response_model') ??
      said('answer') ??
      (fastApi && said('response_class') === undefined ? view.childForFieldName('return_type') : null);
    const one = answer === null ? UNKNOWN : this.shapes.of(file, answer);
    const isList = said('is_list')?.text === 'True';
    const body = said('body');
    return {
      answer: isList ? { kind: 'array', item: one } : one,
      body:
        body !== undefined
          ? this.shapes.of(file, body)
          : fastApi && /^(?:post|put|patch)$/.test(method)
            ? this.payload(file, view)
            : UNKNOWN,
    };
  }

  /** FastAPI takes the body from the one parameter that is a model. */
  private payload(file: PythonSource, view: SyntaxNode): Shape {
    const models = (view.childForFieldName('parameters')?.namedChildren ?? []).flatMap((parameter) => {
      const value = parameter.childForFieldName('value');
      if (value !== null && /^\w*\.?(?:Depends|Query|Path|Header|Cookie|Form|File|Security)\(/.test(value.text))
        return [];
      // `Body(embed=True)` and such change what is sent.
      const type = parameter.childForFieldName('type');
      if (/\b(?:Depends|Body|Form|File|Query)\(/.test(`${type?.text ?? ''} ${value?.text ?? ''}`)) return [UNKNOWN];
      const model = type === null ? null : this.shapes.model(file, type.text);
      return model === null ? [] : [model];
    });
    return models.length === 1 ? (models[0] ?? UNKNOWN) : UNKNOWN;
  }
}

function isTest(path: string): boolean {
  return /(?:^|\/)tests?\/|(?:^|\/)(?:test_\w+|\w+_test|conftest)\.py$/.test(path);
}

function isFastApi(file: PythonSource): boolean {
  return /\bfastapi\b/.test(file.text);
}

function prefixIn(keywords: ReadonlyMap<string, SyntaxNode>): string | null {
  const given = keywords.get('prefix') ?? keywords.get('url_prefix');
  return given === undefined ? '' : pythonString(given);
}

function methodsIn({ keywords }: PythonArguments): string[] {
  const listed = keywords.get('methods');
  const found = (listed?.namedChildren ?? []).flatMap((part) => pythonString(part)?.toLowerCase() ?? []);
  return listed === undefined ? ['get'] : found.length > 0 ? found : ['any'];
}

/** `{id}`, `<int:id>`, `<id>`: a number where the view's parameter, or the converter, says so. */
function segmentOf(part: string, view: SyntaxNode | null): string {
  const [, converter, name] =
    /^\{()(\w+)(?::\w+)?\}$/.exec(part) ?? /^<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>$/.exec(part) ?? [];
  if (name === undefined) return /[{<]/.test(part) ? ANY : part;
  if (converter === 'int') return NUMBER;
  const parameter = view
    ?.childForFieldName('parameters')
    ?.namedChildren.find((node) => (node.childForFieldName('name') ?? node.namedChild(0))?.text === name);
  return parameter?.childForFieldName('type')?.text === 'int' ? NUMBER : ANY;
}
