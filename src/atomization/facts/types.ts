/**
 * What one file says about names: its scopes, the definitions in them, the uses of names, and as much of each expression as is
 * needed to tell what a member access means. Plain columns of integers, cheap to copy between threads; `reader.ts` turns them into
 * something to read, src/graph resolves them across files.
 *
 * Each table is one Int32Array of rows of equal width; the constants below name the columns. A reference to a row is its number;
 * -1 means none. A list is an offset into `lists`: its length, then its items. Positions are UTF-16 indexes into the file's text.
 */
export interface FileFacts {
  readonly language: string;
  /** Interned names; every `name` column is an index into it. */
  readonly names: readonly string[];
  readonly scopes: Int32Array;
  readonly defs: Int32Array;
  readonly symbols: Int32Array;
  readonly uses: Int32Array;
  readonly exprs: Int32Array;
  readonly functions: Int32Array;
  readonly shapes: Int32Array;
  readonly imports: Int32Array;
  readonly exports: Int32Array;
  readonly statements: Int32Array;
  readonly contexts: Int32Array;
  readonly lists: Int32Array;
  /** Where each line starts. */
  readonly lineStarts: Int32Array;
  /** Pairs of rows (use, definition): which of several assignments a use of a local name may see. */
  readonly reaching: Int32Array;
}

/** Scopes. `owner`: the definition that opens it; `detail`: row of `functions` or `shapes`, by kind. */
export const SCOPE = { width: 6, kind: 0, parent: 1, start: 2, end: 3, owner: 4, detail: 5 } as const;
export const SCOPE_KIND = {
  module: 0,
  function: 1,
  block: 2,
  /** Members: reached through an instance or the class, not by bare name. */
  class: 3,
  /** Members of an interface, an object type or an object literal. */
  object: 4,
  enum: 5,
  namespace: 6,
  /** Python: a comprehension, and the body of a class as seen by bare names in it. */
  comprehension: 7,
} as const;

/** Definitions. `type` and `value` are expressions; `body` is the scope that the definition opens; `extra` depends on the kind. */
export const DEF = {
  width: 12,
  name: 0,
  scope: 1,
  pos: 2,
  start: 3,
  end: 4,
  kind: 5,
  flags: 6,
  type: 7,
  value: 8,
  body: 9,
  /** parameter: its index; alias: list of type parameters; import: row of `imports`. */
  extra: 10,
  symbol: 11,
} as const;
export const DEF_KIND = {
  variable: 0,
  parameter: 1,
  function: 2,
  method: 3,
  class: 4,
  interface: 5,
  alias: 6,
  enum: 7,
  enumMember: 8,
  field: 9,
  import: 10,
  typeParameter: 11,
  namespace: 12,
  /** Assigned through `self` or `this`. */
  attribute: 13,
} as const;
export const DEF_FLAG = {
  /** Visible in value position / in type position. */
  value: 1,
  type: 2,
  static: 4,
  optional: 8,
  getter: 16,
  setter: 32,
  rest: 64,
  keywordRest: 128,
  /** A declaration without a value or body: an overload, a bare annotation, an abstract member. */
  bare: 256,
  constant: 512,
  /** Assigned again after its declaration, or an assignment that is not the declaration. */
  assignment: 1024,
  /** Python: `x += 1` and the like. */
  augmented: 2048,
  /** Python: under `if`/`try` and therefore not the only definition that may hold. */
  conditional: 4096,
  typeOnly: 8192,
  property: 16384,
  classMethod: 32768,
  cached: 65536,
  /** Python: `name[key] = value`, which changes what the name holds without binding it anew. */
  touched: 131072,
} as const;

/** One per name and scope: list of its definitions in source order. */
export const SYMBOL = { width: 3, name: 0, scope: 1, defs: 2 } as const;

/** Uses of names. `base`: what the name is looked up in, by kind; `target`: symbol, for names found by scope in this file. */
export const USE = { width: 7, kind: 0, name: 1, pos: 2, scope: 3, base: 4, flags: 5, target: 6 } as const;
export const USE_KIND = {
  /** A bare name; `base` is unused. */
  name: 0,
  /** `object.name`; `base`: expression. */
  member: 1,
  /** Key of an object literal; `base`: the expression of the object. */
  key: 2,
  /** Key of a destructuring pattern; `base`: the expression taken apart. */
  pattern: 3,
  /** Keyword argument; `base`: the call. */
  keyword: 4,
  /** Attribute of a JSX element; `base`: the expression that names the component. */
  attribute: 5,
  /** A name imported from or re-exported of another module; `base`: row of `imports`. */
  imported: 6,
  /** The local side of `export { name }`. */
  exported: 7,
} as const;
export const USE_FLAG = {
  read: 1,
  write: 2,
  call: 4,
  construct: 8,
  /** In type position. */
  type: 16,
  decorator: 32,
  base: 64,
  jsx: 128,
  /** Only a type is asked for: TypeScript erases it, Python has it in an annotation. */
  delete: 256,
} as const;

/** Expressions, as far as they matter. What `a`, `b`, `c` hold is said at each operator. */
export const EXPR = { width: 4, op: 0, a: 1, b: 2, c: 3 } as const;
export const OP = {
  unknown: 0,
  /** a: use */
  name: 1,
  /** a: use */
  member: 2,
  /** a: callee, b: list of arguments, c: list of type arguments */
  call: 3,
  new: 4,
  /** a: expression */
  await: 5,
  /** a: object, b: index expression, c: name where the index is a constant */
  index: 6,
  /** a: scope of its members, b: context */
  object: 7,
  /** a: list of elements, b: context */
  array: 8,
  tuple: 9,
  /** a: row of functions, b: context */
  function: 10,
  /** a: definition */
  class: 11,
  /** a: list: the value is one of these */
  union: 12,
  /** a: scope of the class */
  this: 13,
  super: 14,
  /** a: what is iterated, b: 1 when asynchronously */
  element: 15,
  /** a: LITERAL, b: name of a string's content */
  literal: 16,
  /** a: type, b: value */
  cast: 17,
  /** a: expression, b: name: that member, without a use of its own */
  property: 18,
  /** a: expression, b: position, from 0 */
  item: 19,
  /** a: expression: what a `with` statement binds; b: 1 when asynchronously */
  entered: 20,
  spread: 21,
  /** a: list of keys, b: list of values (-1 key: a spread) */
  dictionary: 22,
  /** a: element, b: COMPREHENSION, c: value of a dictionary */
  comprehension: 23,
  /** a: left, b: right, c: name of the operator */
  binary: 24,
  /** a: row of functions: a yield expression's result */
  yield: 25,
  /** a: name of the module */
  importCall: 26,
  /** a: name, b: value: an argument by keyword */
  keyword: 27,
  /** a: subject expression, b: class expression: narrowed by isinstance or instanceof */
  narrowed: 28,
  /** a: use of the component name */
  jsx: 29,
  /** a: definition of a parameter: whatever is passed for it */
  parameter: 30,
  /** a: expression, b: mode (NARROWING), c: list of a property name and, for `is` and `isNot`, the literals it may be */
  discriminated: 31,
  /** a: expression, b: callee of a type guard that holds for it */
  guarded: 32,
  // Types.
  /** a: base, b: list of arguments */
  generic: 40,
  /** a: element */
  arrayType: 41,
  tupleType: 42,
  intersection: 43,
  /** a: row of functions */
  functionType: 44,
  /** a: scope */
  objectType: 45,
  typeOf: 46,
  /** a: object type, b: index type */
  lookup: 47,
  keyOf: 48,
  /** a: type of the values, b: type of the keys */
  mapped: 49,
  /** a: type asserted */
  predicate: 50,
  /** a: name of a primitive type */
  primitive: 51,
  /** a: module, b: name */
  importType: 52,
} as const;
export const NARROWING = { is: 0, isNot: 1, has: 2, lacks: 3 } as const;
export const LITERAL = { string: 0, number: 1, boolean: 2, null: 3, regex: 4, bytes: 5, template: 6 } as const;
export const COMPREHENSION = { list: 0, set: 1, generator: 2, dictionary: 3 } as const;

/** Functions, methods, lambdas, call signatures and function types. */
export const FUNCTION = {
  width: 9,
  def: 0,
  scope: 1,
  /** List of definitions. */
  parameters: 2,
  /** Expression of the declared result. */
  result: 3,
  /** List of the expressions returned. */
  returns: 4,
  yields: 5,
  flags: 6,
  typeParameters: 7,
  /** Expression of the decorators, as a list. */
  decorators: 8,
} as const;
export const FUNCTION_FLAG = { async: 1, generator: 2, arrow: 4, static: 8, constructor: 16, abstract: 32 } as const;

/** What has members: classes, interfaces, object types, object literals, enums. */
export const SHAPE = {
  width: 9,
  def: 0,
  scope: 1,
  /** List of expressions it inherits from. */
  bases: 2,
  typeParameters: 3,
  /** List of rows of functions: what it does when called. */
  calls: 4,
  /** Type of what an index gives. */
  index: 5,
  decorators: 6,
  implements: 7,
  /** List of expressions spread into an object literal. */
  spreads: 8,
} as const;

/** What an object, array or function literal is expected to be, from where it stands. */
export const CONTEXT = { width: 3, kind: 0, a: 1, b: 2 } as const;
export const CONTEXT_KIND = {
  none: 0,
  /** a: type expression */
  type: 1,
  /** a: call or new expression, b: index of the argument */
  argument: 2,
  /** a: scope of the object literal, b: name */
  property: 3,
  /** a: array expression */
  element: 4,
  /** a: row of functions */
  returned: 5,
  /** a: expression that names the component, b: attribute name */
  attribute: 6,
  /** a: expression assigned to */
  assigned: 7,
  /** a: call, b: row of the context that the call stands in */
  ofCall: 8,
} as const;

/** Imports. `imported` is a name, or one of IMPORTED. */
export const IMPORT = {
  width: 8,
  module: 0,
  imported: 1,
  def: 2,
  pos: 3,
  level: 4,
  flags: 5,
  start: 6,
  end: 7,
} as const;
export const IMPORTED = { namespace: -2, everything: -3, nothing: -4, equals: -5 } as const;
export const IMPORT_FLAG = { typeOnly: 1, dynamic: 2, reExport: 4, require: 8 } as const;

/** Exports of TypeScript and JavaScript, and `__all__` of Python. `local`: name in the module scope; `import`: of a re-export. */
export const EXPORT = { width: 5, name: 0, local: 1, import: 2, value: 3, pos: 4 } as const;

/** Statements of function bodies, for order by effect. */
export const STATEMENT = { width: 5, start: 0, end: 1, scope: 2, flags: 3, function: 4 } as const;
export const STATEMENT_FLAG = { effect: 1, exits: 2, test: 4 } as const;
