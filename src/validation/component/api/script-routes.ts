import type TypeScript from 'typescript';
import { compiler } from '../../script/compiler.ts';
import { pathOf } from '../../script/project.ts';
import { ANY, NUMBER, type Route, segmentsOf } from './route.ts';
import {
  bare,
  declarationOf,
  functionOf,
  isFunctionNode,
  nodesIn,
  placeOf,
  propertyOf,
  returnsOf,
  valueOf,
} from './script-nodes.ts';
import { ScriptSchemas } from './script-schemas.ts';
import { type Shape, UNKNOWN } from './shape.ts';

const VERB = /^(?:get|post|put|patch|delete|all)$/;
const SERVER_CALL = /^(?:express|Router|express\.Router|fastify|Fastify|Hono|Koa|Elysia)$/;

interface Mount {
  readonly parent: TypeScript.Declaration | null;
  readonly prefix: string | null;
}

/** Routes of Express, Fastify and what is written like them, with the prefixes that their plugins and routers are mounted under. */
export class ScriptRoutes {
  private readonly checker: TypeScript.TypeChecker;
  private readonly schemas: ScriptSchemas;
  private readonly calls: TypeScript.CallExpression[];
  private readonly mounts = new Map<TypeScript.Declaration, Mount[]>();

  constructor(program: TypeScript.Program) {
    const ts = compiler();
    this.checker = program.getTypeChecker();
    this.schemas = new ScriptSchemas(this.checker);
    this.calls = program
      .getSourceFiles()
      .filter(({ fileName, text }) => isServerFile(pathOf(fileName), text))
      .flatMap((source) => nodesIn(source, ts.isCallExpression));
    for (const call of this.calls) this.readMount(call);
  }

  all(): Route[] {
    return this.calls.flatMap((call) => this.routesOf(call));
  }

  private readMount(call: TypeScript.CallExpression): void {
    const ts = compiler();
    const { expression, arguments: given } = call;
    const method = ts.isPropertyAccessExpression(expression) ? expression.name.text : '';
    if (ts.isPropertyAccessExpression(expression) && /^(?:use|register|route)$/.test(method)) {
      const [first, second] = given;
      const path = first === undefined ? null : textOf(valueOf(first, this.checker));
      const children = path === null ? given.slice(0, 1) : given.slice(1);
      const option = method === 'register' ? propertyOf(second, 'prefix') : null;
      const prefix = option === null ? (path ?? '') : textOf(valueOf(option, this.checker));
      this.mount(children, { parent: declarationOf(expression.expression, this.checker), prefix });
    } else if (ts.isIdentifier(expression)) {
      // `addRoutes(app)`: what the function does with its parameter it does with the server.
      const fn = functionOf(declarationOf(expression, this.checker));
      given.forEach((argument, i) => {
        const parameter = fn?.parameters[i];
        const parent = ts.isIdentifier(argument) ? declarationOf(argument, this.checker) : null;
        if (parameter !== undefined && parent !== null && this.isServer(parent))
          this.add(parameter, { parent, prefix: '' });
      });
    }
  }

  private mount(children: readonly TypeScript.Expression[], mount: Mount): void {
    for (const child of children) for (const router of this.routersOf(child, 0)) this.add(router, mount);
  }

  private add(router: TypeScript.Declaration, mount: Mount): void {
    this.mounts.set(router, [...(this.mounts.get(router) ?? []), mount]);
  }

  /** The routers that an expression means: a variable, or the first parameter of the plugin that it is or gives. */
  private routersOf(node: TypeScript.Expression, depth: number): TypeScript.Declaration[] {
    const ts = compiler();
    const plain = bare(node);
    if (depth > 6) return [];
    if (isFunctionNode(plain)) return plain.parameters.slice(0, 1);
    if (ts.isCallExpression(plain)) {
      const fn = functionOf(declarationOf(plain.expression, this.checker));
      return fn === null ? [] : returnsOf(fn).flatMap((value) => this.routersOf(value, depth + 1));
    }
    const declaration = ts.isIdentifier(plain) ? declarationOf(plain, this.checker) : null;
    if (declaration === null) return [];
    const fn = functionOf(declaration);
    if (fn !== null) return fn.parameters.slice(0, 1);
    if (!ts.isVariableDeclaration(declaration) || declaration.initializer === undefined) return [declaration];
    const value = bare(declaration.initializer);
    return ts.isCallExpression(value) && !this.isServer(declaration) ? this.routersOf(value, depth + 1) : [declaration];
  }

  /** A variable that holds a server or a router, or a parameter that is said to. */
  private isServer(declaration: TypeScript.Declaration): boolean {
    const ts = compiler();
    if (ts.isVariableDeclaration(declaration) && declaration.initializer !== undefined) {
      let value = bare(declaration.initializer);
      while (
        ts.isCallExpression(value) &&
        ts.isPropertyAccessExpression(value.expression) &&
        !SERVER_CALL.test(value.expression.getText())
      )
        value = bare(value.expression.expression);
      return (ts.isCallExpression(value) || ts.isNewExpression(value)) && SERVER_CALL.test(value.expression.getText());
    }
    if (!ts.isParameter(declaration)) return false;
    if (/\b(?:FastifyInstance|Express|Application|Router|Hono)\b/.test(declaration.type?.getText() ?? '')) return true;
    return /^(?:app|router|server|fastify|api|instance)$/.test(declaration.name.getText());
  }

  private above(router: TypeScript.Declaration | null, depth = 0): (string | null)[] {
    const ts = compiler();
    const mounts = router === null || depth > 6 ? [] : (this.mounts.get(router) ?? []);
    if (mounts.length > 0)
      return mounts.flatMap(({ parent, prefix }) =>
        this.above(parent, depth + 1).map((before) =>
          before === null || prefix === null ? null : `${before}/${prefix}`,
        ),
      );
    // A server that is made here stands at the root; a plugin or router that nobody is seen to mount may stand anywhere.
    const made = router !== null && ts.isVariableDeclaration(router) ? (router.initializer?.getText() ?? '') : '';
    return [made !== '' && !/\bRouter\(/.test(made) ? '' : null];
  }

  private routesOf(call: TypeScript.CallExpression): Route[] {
    const ts = compiler();
    const { expression, arguments: given } = call;
    if (!ts.isPropertyAccessExpression(expression)) return [];
    const verb = expression.name.text;
    const receiver = expression.expression;
    const declaration = ts.isIdentifier(receiver) ? declarationOf(receiver, this.checker) : null;
    if (declaration === null || !this.isServer(declaration)) return [];
    const written = verb === 'route' ? this.routeObject(given[0]) : this.routeCall(verb, given);
    if (written === null) return [];
    const { methods, path, options } = written;
    const schema = this.schemaOf(options);
    const parameters = this.schemas.of(schema('params'));
    return this.above(declaration).flatMap((prefix) =>
      methods.map((method) => ({
        method,
        segments: segmentsOf(`${prefix ?? ''}/${path}`).map((part) => segmentOf(part, parameters)),
        isOpen: prefix === null,
        place: placeOf(call),
        body: this.schemas.of(schema('body')),
        answer: this.answerOf(schema('response')),
      })),
    );
  }

  private routeCall(verb: string, given: readonly TypeScript.Expression[]): Written | null {
    const [first] = given;
    const last = given.at(-1);
    const path = first === undefined ? null : textOf(valueOf(first, this.checker));
    if (!VERB.test(verb) || path === null || last === undefined || given.length < 2 || !this.isHandler(last))
      return null;
    return { methods: [verb === 'all' ? 'any' : verb], path, options: given.length > 2 ? given[1] : undefined };
  }

  private routeObject(object: TypeScript.Expression | undefined): Written | null {
    const url = propertyOf(object, 'url') ?? propertyOf(object, 'path');
    const method = propertyOf(object, 'method');
    const path = url === null ? null : textOf(valueOf(url, this.checker));
    if (path === null || method === null) return null;
    const methods = [...method.getText().matchAll(/["'`](\w+)["'`]/g)].map((found) => (found[1] ?? '').toLowerCase());
    return { methods: methods.length > 0 ? methods : ['any'], path, options: object };
  }

  private isHandler(node: TypeScript.Expression): boolean {
    const ts = compiler();
    const plain = bare(node);
    return (
      isFunctionNode(plain) ||
      ts.isIdentifier(plain) ||
      ts.isPropertyAccessExpression(plain) ||
      ts.isCallExpression(plain)
    );
  }

  private schemaOf(options: TypeScript.Expression | undefined): (name: string) => TypeScript.Expression | null {
    const whole = options === undefined ? null : propertyOf(valueOf(options, this.checker), 'schema');
    const schema = whole === null ? undefined : valueOf(whole, this.checker);
    return (name) => propertyOf(schema, name);
  }

  private answerOf(response: TypeScript.Expression | null): Shape {
    const value = response === null ? undefined : valueOf(response, this.checker);
    for (const status of ['200', '201', '202']) {
      const found = propertyOf(value, status);
      if (found !== null) return this.schemas.of(found);
    }
    return UNKNOWN;
  }
}

interface Written {
  readonly methods: readonly string[];
  readonly path: string;
  readonly options: TypeScript.Expression | undefined;
}

function isServerFile(path: string | null, text: string): boolean {
  if (
    path === null ||
    /\.(?:test|spec)\.\w+$|(?:^|\/)(?:tests?|__tests__|mocks?)\//.test(path) ||
    path.endsWith('.tsx')
  )
    return false;
  return /fastify|express|hono|koa|elysia|Router|\.(?:register|get|post|put|patch|delete)\(/i.test(text);
}

/** A path as it is written; what is put in as a whole segment stands for any. */
function textOf(node: TypeScript.Expression): string | null {
  const ts = compiler();
  if (ts.isStringLiteralLike(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return null;
  const text = node.head.text + node.templateSpans.map(({ literal }) => `:any${literal.text}`).join('');
  return text.split('/').every((part) => !part.includes(':any') || part === ':any') ? text : null;
}

function segmentOf(part: string, parameters: Shape): string {
  const [, name] = /^:(\w+)/.exec(part) ?? [];
  if (name === undefined) return part.includes('*') ? ANY : part;
  const shape = parameters.kind === 'object' ? parameters.members.get(name)?.shape : undefined;
  return shape?.kind === 'number' || part.includes(String.raw`(\d`) ? NUMBER : ANY;
}
