import type TypeScript from 'typescript';
import { compiler } from '../../script/compiler.ts';
import { PathReader, type Piece, type RequestPath, requestPath, substitute } from './client-path.ts';
import { answerIn, returnsBody } from './client-answers.ts';
import { type FetchOptions, readOptions } from './client-options.ts';
import { ClientShapes, type TypeArguments } from './client-shapes.ts';
import { bare, declarationOf, type FunctionNode, functionOf, nodesIn, placeOf, propertyOf } from './script-nodes.ts';
import { type Place, type Shape, UNKNOWN } from './shape.ts';

/** A request of a client, with what it sends and what it makes of the answer. */
export interface ClientRequest {
  readonly place: Place;
  /** Lower case; null where the source does not say. */
  readonly method: string | null;
  readonly path: RequestPath;
  readonly body: Shape;
  readonly answer: Shape;
}

/** A request as its function writes it: parts of it may be parameters. */
interface Template {
  readonly at: TypeScript.CallExpression;
  readonly path: readonly Piece[];
  readonly options: FetchOptions;
  /** Where the type of the answer is to be read; null where it is not known. */
  readonly answer: TypeScript.Type | null;
  readonly types: TypeArguments;
}

const VERBS = /^(?:get|post|put|patch|delete)$/;

/** Finds the requests of a project's clients: `fetch`, axios, and functions of the project that come to one of them. */
export class ClientRequests {
  private readonly checker: TypeScript.TypeChecker;
  private readonly paths: PathReader;
  private readonly shapes: ClientShapes;
  private readonly known = new Map<TypeScript.Node, readonly Template[]>();

  constructor(program: TypeScript.Program) {
    this.checker = program.getTypeChecker();
    this.paths = new PathReader(this.checker);
    this.shapes = new ClientShapes(this.checker);
  }

  /** Requests that a file makes; those that depend on who calls its functions are the callers'. */
  of(source: TypeScript.SourceFile): ClientRequest[] {
    const found: ClientRequest[] = [];
    for (const { at, path, options, answer, types } of this.templatesOf(source)) {
      const request = requestPath(path);
      if (request === null || (request.start !== 'root' && request.segments.length === 0)) continue;
      found.push({
        place: placeOf(at),
        method: options.method.kind === 'text' ? options.method.text.toLowerCase() : null,
        path: request,
        body: options.body === null ? UNKNOWN : this.shapes.of(this.checker.getTypeAtLocation(options.body), at, types),
        answer: answer === null ? UNKNOWN : this.shapes.of(this.shapes.awaited(answer), at, types),
      });
    }
    return found;
  }

  /** The requests in a function or file, each as its own calls write it. */
  private templatesOf(scope: TypeScript.Node): readonly Template[] {
    const known = this.known.get(scope);
    if (known !== undefined) return known;
    // A function that comes to itself adds nothing.
    this.known.set(scope, []);
    const found = nodesIn(scope, compiler().isCallExpression).flatMap((call) => this.templatesAt(call));
    this.known.set(scope, found);
    return found;
  }

  private templatesAt(call: TypeScript.CallExpression): readonly Template[] {
    const ts = compiler();
    const { expression } = call;
    const name = ts.isIdentifier(expression) ? expression.text : expression.getText();
    if (/^(?:window\.|globalThis\.)?fetch$/.test(name)) return this.fetched(call);
    if (ts.isPropertyAccessExpression(expression) && VERBS.test(expression.name.text)) {
      const axios = this.axios(call, expression);
      if (axios !== null) return axios;
    }
    const fn = functionOf(
      declarationOf(ts.isPropertyAccessExpression(expression) ? expression.name : expression, this.checker),
    );
    if (fn === null) return [];
    return this.templatesOf(fn).flatMap((template) => this.called(template, fn, call) ?? []);
  }

  private fetched(call: TypeScript.CallExpression): Template[] {
    const [first, second] = call.arguments;
    if (first === undefined) return [];
    const options = readOptions(second, this.checker);
    return [
      { at: call, path: this.paths.read(first), options, answer: answerIn(call, this.checker), types: new Map() },
    ];
  }

  /** `axios.get(...)`, or the same of an instance with a base address. */
  private axios(call: TypeScript.CallExpression, callee: TypeScript.PropertyAccessExpression): Template[] | null {
    const ts = compiler();
    const [first, second] = call.arguments;
    const declaration = declarationOf(callee.expression, this.checker);
    const made = declaration !== null && ts.isVariableDeclaration(declaration) ? declaration.initializer : undefined;
    const instance =
      made !== undefined &&
      ts.isCallExpression(bare(made)) &&
      /\baxios\.create$/.test((bare(made) as TypeScript.CallExpression).expression.getText());
    if ((callee.expression.getText() !== 'axios' && !instance) || first === undefined) return null;
    const base = instance ? propertyOf((bare(made) as TypeScript.CallExpression).arguments[0], 'baseURL') : null;
    const prefix = base === null ? [] : this.paths.read(base);
    const method = callee.name.text;
    const [type] = call.typeArguments ?? [];
    const body = /^p/.test(method) ? (second ?? null) : null;
    const options: FetchOptions = { method: { kind: 'text', text: method }, body, parameter: null };
    const answer = type === undefined ? null : this.checker.getTypeFromTypeNode(type);
    return [
      {
        at: call,
        path: [...prefix, ...this.slashed(prefix, this.paths.read(first))],
        options,
        answer,
        types: new Map(),
      },
    ];
  }

  /** Axios puts a slash between base and path where there is none. */
  private slashed(prefix: readonly Piece[], path: readonly Piece[]): readonly Piece[] {
    const [first] = path;
    const hasSlash = prefix.length === 0 || (first?.kind === 'text' && first.text.startsWith('/'));
    return hasSlash ? path : [{ kind: 'text', text: '/' }, ...path];
  }

  /** What a request of a function becomes where the function is called; null where the call changes nothing about it. */
  private called(template: Template, fn: FunctionNode, call: TypeScript.CallExpression): Template | null {
    const own = new Set<TypeScript.Node>(fn.parameters);
    const { options } = template;
    const isOwn = (piece: Piece): boolean => piece.kind === 'parameter' && own.has(piece.parameter);
    const dependsOn =
      template.path.some(isOwn) ||
      (options.method.kind === 'parameter' && own.has(options.method.parameter)) ||
      (options.parameter !== null && own.has(options.parameter));
    if (!dependsOn) return null;
    const given = new Map<TypeScript.Node, TypeScript.Expression | undefined>(
      fn.parameters.map((parameter, i) => [parameter, call.arguments[i] ?? parameter.initializer]),
    );
    const pieces = new Map<TypeScript.Node, readonly Piece[]>();
    for (const [parameter, argument] of given)
      if (argument !== undefined) pieces.set(parameter, this.paths.read(argument));
    return {
      at: call,
      path: substitute(template.path, pieces),
      options: this.optionsAt(options, given, pieces),
      answer: this.answerAt(template, fn, call),
      types: this.typesAt(template, fn, call),
    };
  }

  private optionsAt(
    options: FetchOptions,
    given: ReadonlyMap<TypeScript.Node, TypeScript.Expression | undefined>,
    pieces: ReadonlyMap<TypeScript.Node, readonly Piece[]>,
  ): FetchOptions {
    const ts = compiler();
    const outer =
      options.parameter !== null && given.has(options.parameter)
        ? readOptions(given.get(options.parameter), this.checker)
        : null;
    const [method] =
      options.method.kind === 'parameter'
        ? (pieces.get(options.method.parameter) ?? [options.method])
        : [options.method];
    const { body } = options;
    const parameter = body !== null && ts.isIdentifier(body) ? declarationOf(body, this.checker) : null;
    const own = parameter !== null && given.has(parameter) ? (given.get(parameter) ?? null) : body;
    const isNamed = method?.kind === 'text' || method?.kind === 'parameter';
    const said = options.isMethodSaid === true;
    return {
      method:
        outer !== null && !said ? outer.method : isNamed ? method : { kind: 'hole', isNumber: false, isQuery: false },
      body: own ?? outer?.body ?? null,
      parameter: outer === null ? options.parameter : outer.parameter,
      ...(said || outer?.isMethodSaid === true ? { isMethodSaid: true } : {}),
    };
  }

  /** The answer as the caller has it, where the function itself makes the request and says what comes of it. */
  private answerAt(template: Template, fn: FunctionNode, call: TypeScript.CallExpression): TypeScript.Type | null {
    const ts = compiler();
    let inner: TypeScript.Node = template.at;
    while (!ts.isFunctionLike(inner)) inner = inner.parent;
    if (inner !== fn) return template.answer;
    const read = answerIn(call, this.checker);
    if (read !== null || !returnsBody(fn, template.at)) return read ?? template.answer;
    const type = this.shapes.awaited(this.checker.getTypeAtLocation(call));
    const says = (type.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown | ts.TypeFlags.Void)) === 0;
    return says ? type : template.answer;
  }

  private typesAt(template: Template, fn: FunctionNode, call: TypeScript.CallExpression): TypeArguments {
    const types = new Map(template.types);
    fn.typeParameters?.forEach((parameter, i) => {
      const symbol = this.checker.getSymbolAtLocation(parameter.name);
      const given = call.typeArguments?.[i];
      if (symbol !== undefined && given !== undefined) types.set(symbol, this.checker.getTypeFromTypeNode(given));
    });
    return types;
  }
}
