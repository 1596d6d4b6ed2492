/** What the languages say about types without a declaration: results of built-in functions, members of built-in types. */
import type { CompiledContext } from '../context-rules.ts';

export interface TypeTables {
  readonly string: string;
  readonly number: string;
  readonly boolean: string;
  readonly nothing: string;
  /** Accepts every value. */
  readonly anything: string;
  readonly callable: string;
  readonly iterable: string;
  readonly awaitable: string;
  readonly sequence: string;
  readonly mapping: string;
  /** Names of the object that a method belongs to. */
  readonly self: ReadonlySet<string>;
  /** Results of built-in functions, and of functions of the standard library by their dotted name. */
  readonly results: ReadonlyMap<string, string>;
  /** What built-in functions and those of the standard library take first. */
  readonly takes: ReadonlyMap<string, string>;
  /** Built-in types by their members, those told apart best first. */
  readonly members: ReadonlyMap<string, ReadonlySet<string>>;
  /** Results of methods that only one built-in type has. */
  readonly methodResults: ReadonlyMap<string, string>;
  /** True where `ReturnType<typeof f>` and `T['x']` are types: a type can be named by what it comes from. */
  readonly namesTypesByOrigin: boolean;
}

const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');

/** `type: names…` on each line, turned around. */
function byName(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split('\n').flatMap((line) => {
      const at = line.indexOf(': ');
      return at < 0 ? [] : words(line.slice(at + 1)).map((name): [string, string] => [name, line.slice(0, at).trim()]);
    }),
  );
}

function byType(text: string): ReadonlyMap<string, ReadonlySet<string>> {
  return new Map(
    text.split('\n').flatMap((line): [string, Set<string>][] => {
      const at = line.indexOf(': ');
      return at < 0 ? [] : [[line.slice(0, at).trim(), new Set(words(line.slice(at + 1)))]];
    }),
  );
}

const PYTHON: TypeTables = {
  string: 'str',
  number: 'int | float',
  boolean: 'bool',
  nothing: 'None',
  anything: 'object',
  callable: 'Callable',
  iterable: 'Iterable',
  awaitable: 'Awaitable',
  sequence: 'Sequence',
  mapping: 'Mapping',
  self: new Set(['self', 'cls']),
  results: byName(`
    int: len int hash id ord round time.time_ns os.getpid os.system sys.getrefcount
    float: float time.time time.monotonic time.perf_counter math.sqrt math.sin math.cos math.log math.exp random.random
    str: str repr chr hex oct bin input ascii format os.path.join os.path.basename os.path.dirname os.path.abspath os.path.realpath os.path.normpath os.path.expanduser os.path.normcase os.getcwd json.dumps textwrap.dedent time.strftime platform.system os.linesep os.sep
    bool: bool isinstance issubclass callable hasattr any all os.path.exists os.path.isfile os.path.isdir os.path.isabs os.path.islink inspect.isclass inspect.isfunction
    bytes: bytes os.urandom struct.pack
    bytearray: bytearray
    list: list sorted dir glob.glob os.listdir
    dict: dict vars globals locals
    set: set
    frozenset: frozenset
    tuple: tuple divmod os.path.split os.path.splitext struct.unpack sys.exc_info
    range: range
    type: type
    enumerate: enumerate
    zip: zip
    map: map
    filter: filter
    reversed: reversed
    slice: slice
    complex: complex
    object: object
    memoryview: memoryview
    IO: open io.open codecs.open
    io.StringIO: io.StringIO
    io.BytesIO: io.BytesIO
    re.Pattern: re.compile
    re.Match | None: re.match re.search re.fullmatch
    logging.Logger: logging.getLogger
    functools.partial: functools.partial
    None: print setattr delattr sys.exit os.remove os.unlink os.mkdir os.makedirs time.sleep
  `),
  takes: byName(`
    Sized: len
    Iterable: iter sorted list tuple set frozenset sum min max any all enumerate reversed zip next dict.fromkeys itertools.chain
    str | bytes | float: int float
    int: range chr hex oct bin bytearray time.sleep os.close os.fstat os.dup os.kill os.waitpid
    str: ord os.getenv importlib.import_module __import__ re.compile re.match re.search re.sub ast.parse json.loads logging.getLogger shlex.split textwrap.dedent re.escape urllib.parse.urlparse urlparse urlsplit
    str | os.PathLike: open io.open os.path.join os.path.exists os.path.isfile os.path.isdir os.path.basename os.path.dirname os.path.abspath os.path.realpath os.path.normpath os.path.expanduser os.path.split os.path.splitext os.path.isabs os.path.islink os.path.normcase os.listdir os.mkdir os.makedirs os.remove os.unlink os.rmdir os.stat os.lstat os.chmod os.open os.rename shutil.rmtree Path pathlib.Path
    type: issubclass
    int | float: abs round math.floor math.ceil math.sqrt math.log math.sin math.cos math.isnan math.isinf math.exp divmod pow
    object: id repr str print bool type hash vars dir callable isinstance hasattr getattr setattr delattr format copy.copy copy.deepcopy pickle.dumps pprint.pprint json.dumps warnings.warn logging.info weakref.ref inspect.isclass
    Callable: functools.wraps functools.partial inspect.signature atexit.register map filter
    bytes: binascii.hexlify binascii.unhexlify base64.b64encode base64.b64decode zlib.compress zlib.decompress
  `),
  members: byType(`
    str: split strip lstrip rstrip lower upper startswith endswith encode replace format join splitlines title capitalize isdigit isalpha isalnum isspace zfill ljust rjust center partition rpartition find rfind rsplit casefold swapcase translate isupper islower isidentifier expandtabs count index removeprefix removesuffix isdecimal isnumeric isprintable format_map
    bytes: decode hex startswith endswith split strip find replace
    dict: keys values items get pop update setdefault popitem copy clear
    list: append extend insert remove sort reverse pop index count copy clear
    set: add discard union intersection difference issubset issuperset update symmetric_difference remove copy clear pop isdisjoint
    IO: read write readline readlines close seek tell flush writelines fileno truncate isatty
  `),
  methodResults: byName(`
    bool: startswith endswith isdigit isalpha isalnum isspace isupper islower isidentifier isdecimal isnumeric exists is_file is_dir issubset issuperset isdisjoint is_absolute is_set is_alive
    str: strip lstrip rstrip lower upper format capitalize swapcase casefold zfill ljust rjust center expandtabs removeprefix removesuffix decode getvalue isoformat strftime as_posix title hexdigest
    list[str]: splitlines rsplit readlines
    bytes: encode tobytes digest
    int: fileno bit_length tell rfind find
    dict_items: items
    dict_keys: keys
    dict_values: values
  `),
  namesTypesByOrigin: false,
};

const SCRIPT: TypeTables = {
  string: 'string',
  number: 'number',
  boolean: 'boolean',
  nothing: 'void',
  anything: 'unknown',
  callable: 'Function',
  iterable: 'Iterable<unknown>',
  awaitable: 'Promise<unknown>',
  sequence: 'ArrayLike<unknown>',
  mapping: 'Record<string, unknown>',
  self: new Set(['this']),
  results: byName(`
    number: Number parseInt parseFloat Math.floor Math.ceil Math.round Math.abs Math.min Math.max Math.sqrt Math.pow Math.random Math.sign Math.trunc Math.log Math.hypot Math.sin Math.cos Math.atan2 Date.now performance.now Date.parse
    string: String encodeURIComponent decodeURIComponent encodeURI decodeURI escape unescape JSON.stringify String.fromCharCode String.raw atob btoa
    boolean: Boolean isNaN isFinite Array.isArray Number.isInteger Number.isNaN Number.isFinite Object.is Object.isFrozen Number.isSafeInteger
    bigint: BigInt
    symbol: Symbol Symbol.for
    string[]: Object.keys Object.getOwnPropertyNames
    unknown[]: Object.values Array.from Array Array.of
    [string, unknown][]: Object.entries
    any: JSON.parse require
    Promise<unknown[]>: Promise.all Promise.allSettled
    Promise<unknown>: Promise.resolve Promise.race
    Promise<never>: Promise.reject
    Promise<Response>: fetch
    object: Object.create Object.fromEntries
    HTMLElement: document.createElement
    Element | null: document.querySelector
    void: console.log console.error console.warn clearTimeout clearInterval queueMicrotask
  `),
  takes: byName(`
    string: parseInt parseFloat encodeURIComponent decodeURIComponent encodeURI decodeURI RegExp JSON.parse document.createElement document.querySelector require escape unescape
    number: Math.floor Math.ceil Math.round Math.abs Math.min Math.max Math.sqrt Math.pow Math.sign Math.trunc Math.log Math.sin Math.cos isFinite isNaN String.fromCharCode Math.hypot
    object: Object.keys Object.values Object.entries Object.assign Object.freeze Object.defineProperty Object.getOwnPropertyNames Object.getPrototypeOf Object.create Object.defineProperties
    unknown: String Boolean Array.isArray JSON.stringify console.log console.error console.warn Number Number.isInteger Object.is Number.isNaN Number.isFinite Number.isSafeInteger
    Iterable<unknown>: Array.from Promise.all Set Map Promise.race
    Function: setTimeout setInterval queueMicrotask requestAnimationFrame
    number | undefined: clearTimeout clearInterval cancelAnimationFrame
  `),
  members: byType(`
    string: charAt charCodeAt codePointAt toLowerCase toUpperCase trim trimStart trimEnd split startsWith endsWith replace replaceAll match matchAll padStart padEnd substring substr normalize localeCompare repeat search indexOf lastIndexOf includes slice length concat at
    unknown[]: push pop shift unshift splice map filter forEach reduce reduceRight some every find findIndex sort reverse join flat flatMap fill indexOf lastIndexOf includes slice length concat entries keys values at findLast
    number: toFixed toPrecision toExponential
    Promise<unknown>: then catch finally
    Function: call apply bind
    Map<unknown, unknown>: get set has delete clear size forEach entries keys values
    Set<unknown>: add has delete clear size forEach values
    RegExp: test exec lastIndex source flags
    Date: getTime getFullYear getMonth getDate getDay getHours getMinutes getSeconds toISOString setDate setMonth
    Event: preventDefault stopPropagation target currentTarget nativeEvent defaultPrevented
  `),
  methodResults: byName(`
    boolean: startsWith endsWith test hasOwnProperty isArray includes some every has
    string: toLowerCase toUpperCase trim trimStart trimEnd toString toFixed padStart padEnd charAt substring substr join replaceAll toISOString toLocaleString repeat toUpperCase toPrecision
    number: indexOf lastIndexOf charCodeAt getTime findIndex localeCompare search codePointAt
    unknown[]: map flatMap filter flat
    void: forEach addEventListener removeEventListener preventDefault stopPropagation
    DOMRect: getBoundingClientRect
    RegExpMatchArray | null: match
    string[]: split
  `),
  namesTypesByOrigin: true,
};

/** The tables of a language; undefined where nothing is inferred. */
export function tablesOf({ rules }: CompiledContext): TypeTables | undefined {
  if (rules.imports === 'python') return PYTHON;
  return rules.imports === 'ecmascript' ? SCRIPT : undefined;
}
