import type { ContextRules } from './context-rules.ts';

const GLOBALS = `
undefined NaN Infinity globalThis eval isFinite isNaN parseFloat parseInt decodeURI decodeURIComponent encodeURI encodeURIComponent
escape unescape Object Function Boolean Symbol Error AggregateError EvalError RangeError ReferenceError SyntaxError TypeError URIError
Number BigInt Math Date String RegExp Array Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array
BigInt64Array BigUint64Array Float32Array Float64Array Map Set WeakMap WeakSet WeakRef ArrayBuffer SharedArrayBuffer DataView Atomics
JSON FinalizationRegistry Iterator Promise Generator AsyncGenerator AsyncIterator Reflect Proxy Intl WebAssembly arguments console
setTimeout clearTimeout setInterval clearInterval setImmediate clearImmediate queueMicrotask structuredClone requestAnimationFrame
cancelAnimationFrame requestIdleCallback cancelIdleCallback fetch Headers Request Response FormData URL URLSearchParams Blob File
FileReader FileList AbortController AbortSignal Event EventTarget CustomEvent MessageChannel MessagePort MessageEvent TextEncoder
TextDecoder crypto performance Buffer process require module exports __dirname __filename global window self document navigator
location history localStorage sessionStorage indexedDB alert confirm prompt matchMedia getComputedStyle Node NodeList Element
HTMLElement SVGElement Document DocumentFragment ShadowRoot Range Selection DOMRect DOMPoint DOMMatrix MutationObserver
ResizeObserver IntersectionObserver PerformanceObserver KeyboardEvent MouseEvent PointerEvent TouchEvent WheelEvent FocusEvent
DragEvent InputEvent ClipboardEvent AnimationEvent TransitionEvent UIEvent WebSocket Worker XMLHttpRequest Image Audio Option
ImageData ImageBitmap Path2D OffscreenCanvas CanvasRenderingContext2D ReadableStream WritableStream TransformStream BroadcastChannel
Notification ClipboardItem DataTransfer DOMParser XMLSerializer CSS CSSStyleSheet StyleSheet FontFace createImageBitmap
describe it test expect beforeEach afterEach beforeAll afterAll jest vi suite
Partial Required Readonly Record Pick Omit Exclude Extract NonNullable Parameters ConstructorParameters ReturnType InstanceType
ThisParameterType OmitThisParameter ThisType Awaited Uppercase Lowercase Capitalize Uncapitalize NoInfer PropertyKey PromiseLike
ArrayLike Iterable IterableIterator AsyncIterable AsyncIterableIterator IteratorResult ReadonlyArray ReadonlyMap ReadonlySet
TemplateStringsArray PropertyDescriptor TypedPropertyDescriptor NodeJS JSX React Disposable AsyncDisposable ArrayBufferLike
ArrayBufferView BufferSource BlobPart RequestInit ResponseInit HeadersInit RequestInfo BodyInit EventListener AddEventListenerOptions
DOMHighResTimeStamp const any unknown never
`;

export const ECMASCRIPT_CONTEXT: ContextRules = {
  names: ['identifier', 'type_identifier', 'shorthand_property_identifier', 'shorthand_property_identifier_pattern'],
  members: ['property_identifier', 'private_property_identifier'],
  memberPlaces: [
    'nested_identifier.property',
    'nested_type_identifier.name',
    'jsx_attribute',
    'jsx_namespace_name',
    'export_specifier.alias',
    'namespace_export',
    'labeled_statement.label',
    'break_statement.label',
    'continue_statement.label',
  ],
  binds: [
    'variable_declarator.name',
    'function_declaration.name',
    'function_expression.name',
    'generator_function.name',
    'generator_function_declaration.name',
    'function_signature.name',
    'class_declaration.name',
    'abstract_class_declaration.name',
    'class.name',
    'interface_declaration.name',
    'type_alias_declaration.name',
    'enum_declaration.name',
    'internal_module.name',
    'module.name',
    'formal_parameters',
    'required_parameter.pattern',
    'optional_parameter.pattern',
    'required_parameter.name',
    'rest_pattern',
    'array_pattern',
    'object_pattern',
    'pair_pattern.value',
    'assignment_pattern.left',
    'object_assignment_pattern.left',
    'catch_clause.parameter',
    'for_in_statement.left',
    'arrow_function.parameter',
    'type_parameter.name',
    'mapped_type_clause.name',
    'infer_type',
    'import_alias',
    'index_signature.name',
    'asserts',
  ],
  tags: ['jsx_opening_element', 'jsx_closing_element', 'jsx_self_closing_element'],
  imports: 'ecmascript',
  returns: ['return_statement'],
  yields: ['yield_expression'],
  raises: ['throw_statement'],
  guards: ['if_statement'],
  assignments: ['assignment_expression', 'augmented_assignment_expression', 'update_expression'],
  places: ['member_expression', 'subscript_expression'],
  calls: ['call_expression', 'new_expression'],
  reexports: ['export_statement'],
  builtins: new Set(GLOBALS.split(/\s+/).filter((name) => name !== '')),
  literals: {
    string: 'string',
    template_string: 'string',
    number: 'number',
    true: 'boolean',
    false: 'boolean',
    null: 'null',
    undefined: 'undefined',
    regex: 'RegExp',
    array: 'array',
    object: 'object',
    arrow_function: 'function',
    function_expression: 'function',
    jsx_element: 'JSX.Element',
    jsx_self_closing_element: 'JSX.Element',
    jsx_fragment: 'JSX.Element',
  },
  versions: {
    satisfies_expression: 'TypeScript 4.9',
    accessibility_modifier: 'TypeScript',
    type_annotation: 'TypeScript',
  },
  untyped: new Set(['this', '_']),
  nothing: 'void',
};
