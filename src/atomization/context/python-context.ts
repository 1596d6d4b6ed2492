import type { ContextRules } from './context-rules.ts';

const BUILTINS = `
abs aiter all anext any ascii bin bool breakpoint bytearray bytes callable chr classmethod compile complex copyright credits delattr
dict dir divmod enumerate eval exec exit filter float format frozenset getattr globals hasattr hash help hex id input int isinstance
issubclass iter len license list locals map max memoryview min next object oct open ord pow print property quit range repr reversed
round set setattr slice sorted staticmethod str sum super tuple type vars zip __import__ __name__ __file__ __doc__ __package__
__builtins__ __all__ __spec__ __loader__ __path__ __debug__ __class__ __annotations__ __qualname__ __module__ __dict__ __version__
Ellipsis NotImplemented reveal_type WindowsError
ArithmeticError AssertionError AttributeError BaseException BaseExceptionGroup BlockingIOError BrokenPipeError BufferError
BytesWarning ChildProcessError ConnectionAbortedError ConnectionError ConnectionRefusedError ConnectionResetError DeprecationWarning
EOFError EncodingWarning EnvironmentError Exception ExceptionGroup FileExistsError FileNotFoundError FloatingPointError FutureWarning
GeneratorExit IOError ImportError ImportWarning IndentationError IndexError InterruptedError IsADirectoryError KeyError
KeyboardInterrupt LookupError MemoryError ModuleNotFoundError NameError NotADirectoryError NotImplementedError OSError OverflowError
PendingDeprecationWarning PermissionError ProcessLookupError RecursionError ReferenceError ResourceWarning RuntimeError
RuntimeWarning StopAsyncIteration StopIteration SyntaxError SyntaxWarning SystemError SystemExit TabError TimeoutError TypeError
UnboundLocalError UnicodeDecodeError UnicodeEncodeError UnicodeError UnicodeTranslateError UnicodeWarning UserWarning ValueError
Warning ZeroDivisionError _
`;

export const PYTHON_CONTEXT: ContextRules = {
  names: ['identifier'],
  memberPlaces: ['attribute.attribute', 'keyword_argument.name'],
  binds: [
    'function_definition.name',
    'class_definition.name',
    'parameters',
    'lambda_parameters',
    'typed_parameter',
    'default_parameter.name',
    'typed_default_parameter.name',
    'list_splat_pattern',
    'dictionary_splat_pattern',
    'assignment.left',
    'augmented_assignment.left',
    'named_expression.name',
    'for_statement.left',
    'for_in_clause.left',
    'pattern_list',
    'tuple_pattern',
    'list_pattern',
    'as_pattern_target',
    'aliased_import.alias',
    'global_statement',
    'nonlocal_statement',
    'type_parameter',
    'splat_pattern',
    'as_pattern.alias',
    'case_pattern',
  ],
  imports: 'python',
  returns: ['return_statement'],
  yields: ['yield'],
  raises: ['raise_statement'],
  asserts: ['assert_statement'],
  guards: ['if_statement', 'elif_clause'],
  assignments: ['assignment', 'augmented_assignment'],
  places: ['attribute', 'subscript'],
  globals: ['global_statement', 'nonlocal_statement'],
  calls: ['call'],
  builtins: new Set(BUILTINS.split(/\s+/).filter((name) => name !== '')),
  literals: {
    string: 'str',
    concatenated_string: 'str',
    integer: 'int',
    float: 'float',
    true: 'bool',
    false: 'bool',
    none: 'None',
    list: 'list',
    list_comprehension: 'list',
    dictionary: 'dict',
    dictionary_comprehension: 'dict',
    set: 'set',
    set_comprehension: 'set',
    tuple: 'tuple',
    expression_list: 'tuple',
    comparison_operator: 'bool',
    not_operator: 'bool',
    generator_expression: 'Generator',
    lambda: 'Callable',
  },
  versions: {
    match_statement: '3.10',
    except_group_clause: '3.11',
    type_alias_statement: '3.12',
    named_expression: '3.8',
    positional_separator: '3.8',
  },
  untyped: new Set(['self', 'cls', 'mcs', 'mcls', '_', '*', '/']),
  nothing: 'None',
};
