/**
 * A small stand-in for pytest, for the interpreter that is WebAssembly and has no packages: plain tests, classes, fixtures, parameters,
 * `raises`, `approx`, marks. A test that asks for anything else is not served, and says so.
 */
export const SMALL_PYTEST = String.raw`
import contextlib, importlib, importlib.util, inspect, pathlib

class Skipped(BaseException):
    pass

class ExceptionInfo:
    value = None
    @property
    def type(self):
        return type(self.value)
    def match(self, pattern):
        assert re.search(pattern, str(self.value)), 'pattern %r is not in %r' % (pattern, str(self.value))
        return True

class Raises:
    def __init__(self, kinds, match=None):
        self.kinds, self.pattern, self.info = kinds, match, ExceptionInfo()
    def __enter__(self):
        return self.info
    def __exit__(self, kind, value, trace):
        if kind is None:
            raise AssertionError('DID NOT RAISE %r' % (self.kinds,))
        if not issubclass(kind, self.kinds):
            return False
        self.info.value = value
        if self.pattern is not None:
            self.info.match(self.pattern)
        return True

def raises(kinds, *args, match=None, **named):
    if not args:
        return Raises(kinds, match)
    with Raises(kinds) as info:
        args[0](*args[1:], **named)
    return info

class Approx:
    __array_ufunc__ = None
    def __init__(self, expected, rel=None, abs=None):
        self.expected, self.rel, self.abs = expected, 1e-6 if rel is None else rel, 1e-12 if abs is None else abs
        self.only_abs = rel is None and abs is not None
    def near(self, actual, expected):
        if isinstance(expected, (list, tuple)):
            return isinstance(actual, (list, tuple)) and len(actual) == len(expected) and all(map(self.near, actual, expected))
        if isinstance(expected, dict):
            return isinstance(actual, dict) and actual.keys() == expected.keys() and all(self.near(actual[k], expected[k]) for k in expected)
        if isinstance(expected, bool) or expected is None or isinstance(expected, str):
            return actual == expected
        if actual == expected:
            return True
        try:
            allowed = self.abs if self.only_abs else max(self.rel * builtins.abs(expected), self.abs)
            return builtins.abs(actual - expected) <= allowed
        except TypeError:
            return False
    def __eq__(self, actual):
        return self.near(actual, self.expected)
    def __repr__(self):
        return 'approx(%r)' % (self.expected,)

class Mark:
    def __init__(self, name, args=(), named=None):
        self.name, self.args, self.named = name, args, named or {}
    def __call__(self, *args, **named):
        if len(args) == 1 and not named and callable(args[0]):
            args[0].small_marks = [*getattr(args[0], 'small_marks', []), self]
            return args[0]
        return Mark(self.name, args, named)

class Marks:
    def __getattr__(self, name):
        return Mark(name)

class Fixture:
    def __init__(self, function, name, scope, autouse):
        self.function, self.name, self.scope, self.autouse = function, name or function.__name__, scope, autouse
    def __get__(self, owner, kind=None):
        return self

def fixture(function=None, *, name=None, scope='function', autouse=False, params=None, ids=None):
    if params is not None:
        raise Unserved('fixtures with parameters need pytest')
    make = lambda target: Fixture(target, name, scope, autouse)
    return make(function) if function is not None else make

class Param:
    def __init__(self, values, marks, label):
        self.values, self.marks, self.label = values, marks, label

def stop(kind):
    def end(reason='', *args, **named):
        raise kind(reason or named.get('msg', ''))
    return end

class SmallPytest(types.ModuleType):
    def __getattr__(self, name):
        if name.startswith('__'):
            raise AttributeError(name)
        raise Unserved('pytest.%s needs pytest, which the WebAssembly interpreter does not have' % name)

def small_pytest():
    module = SmallPytest('pytest')
    module.raises, module.approx, module.fixture, module.mark = raises, Approx, fixture, Marks()
    module.fail, module.skip = stop(AssertionError), stop(Skipped)
    def param(*values, marks=(), id=None):
        return Param(values, marks if isinstance(marks, (list, tuple)) else [marks], id)
    def importorskip(name, *args, **named):
        try:
            return importlib.import_module(name)
        except ImportError:
            raise Skipped(name)
    module.param, module.importorskip = param, importorskip
    return module

class MonkeyPatch:
    def __init__(self):
        self.undone = []
    def setattr(self, target, name, *rest, raising=True):
        if isinstance(target, str):
            path, _, last = target.rpartition('.')
            return self.setattr(importlib.import_module(path), last, name, raising=raising)
        missing = object()
        before = inspect.getattr_static(target, name, missing) if inspect.isclass(target) else getattr(target, name, missing)
        if before is missing and raising:
            raise AttributeError('%r has no attribute %r' % (target, name))
        self.undone.append(lambda: delattr(target, name) if before is missing else setattr(target, name, before))
        setattr(target, name, rest[0])
    def delattr(self, target, name, raising=True):
        before = getattr(target, name)
        self.undone.append(lambda: setattr(target, name, before))
        delattr(target, name)
    def setitem(self, target, key, value):
        missing = object()
        before = target.get(key, missing)
        self.undone.append(lambda: target.pop(key, None) if before is missing else target.__setitem__(key, before))
        target[key] = value
    def delitem(self, target, key, raising=True):
        if key in target:
            before = target.pop(key)
            self.undone.append(lambda: target.__setitem__(key, before))
        elif raising:
            raise KeyError(key)
    def setenv(self, name, value, prepend=None):
        self.setitem(os.environ, name, str(value))
    def delenv(self, name, raising=True):
        self.delitem(os.environ, name, raising)
    def syspath_prepend(self, path):
        sys.path.insert(0, str(path))
        self.undone.append(lambda: sys.path.remove(str(path)))
    def chdir(self, path):
        before = os.getcwd()
        self.undone.append(lambda: os.chdir(before))
        os.chdir(path)
    def undo(self):
        for undo in reversed(self.undone):
            undo()
        self.undone = []

Captured = collections.namedtuple('Captured', 'out err')

class Capture:
    def __init__(self):
        self.before = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = io.StringIO(), io.StringIO()
    def readouterr(self):
        seen = Captured(sys.stdout.getvalue(), sys.stderr.getvalue())
        for stream in (sys.stdout, sys.stderr):
            stream.seek(0), stream.truncate()
        return seen
    def end(self):
        sys.stdout, sys.stderr = self.before

class Suite:
    """The fixtures that one test file sees, and the values of those that outlive a test."""
    def __init__(self, modules):
        self.fixtures, self.kept, self.endings = {}, {}, contextlib.ExitStack()
        for module in modules:
            self.fixtures.update(self.found_in(vars(module)))
    @staticmethod
    def found_in(names):
        return {value.name: value for value in names.values() if isinstance(value, Fixture)}

    def value(self, name, known, stack, owner):
        if name in known:
            return known[name]
        if name in ('monkeypatch', 'tmp_path', 'capsys', 'tmp_path_factory', 'request', 'caplog', 'capfd') and name not in self.fixtures:
            known[name] = self.built_in(name, stack)
            return known[name]
        found = self.own(owner).get(name) or self.fixtures.get(name)
        if found is None:
            raise Unserved('the fixture %s is not there without pytest and its plugins' % name)
        wide = found.scope != 'function'
        if wide and name in self.kept:
            return self.kept[name]
        known[name] = self.make(found, known, self.endings if wide else stack, owner)
        if wide:
            self.kept[name] = known[name]
        return known[name]

    def own(self, owner):
        return {} if owner is None else {value.name: value for kind in type(owner).__mro__ for value in vars(kind).values() if isinstance(value, Fixture)}

    def make(self, found, known, stack, owner):
        bound = [owner] if owner is not None and found.name in self.own(owner) else []
        names = list(inspect.signature(found.function).parameters)[len(bound):]
        values = {name: self.value(name, known, stack, owner) for name in names}
        if inspect.iscoroutinefunction(found.function) or inspect.isasyncgenfunction(found.function):
            raise Unserved('asynchronous fixtures need a plugin of pytest')
        if not inspect.isgeneratorfunction(found.function):
            return found.function(*bound, **values)
        steps = found.function(*bound, **values)
        result = next(steps)
        stack.callback(lambda: next(steps, None))
        return result

    def built_in(self, name, stack):
        if name == 'monkeypatch':
            patch = MonkeyPatch()
            stack.callback(patch.undo)
            return patch
        if name == 'tmp_path':
            return pathlib.Path(tempfile.mkdtemp())
        if name == 'capsys':
            capture = Capture()
            stack.callback(capture.end)
            return capture
        raise Unserved('the fixture %s needs pytest' % name)

def label(name, value, index):
    if isinstance(value, (str, int, float, bool)) or value is None:
        return str(value)
    return getattr(value, '__name__', None) or '%s%d' % (name, index)

def expand(marks):
    """One dict of arguments, with marks and a name, for each combination of parameters."""
    cases = [({}, [], [])]
    for mark in [mark for mark in marks if mark.name == 'parametrize']:
        names, rows = (list(mark.args) + [mark.named.get('argvalues')])[:2]
        names = [name.strip() for name in names.split(',')] if isinstance(names, str) else list(names)
        ids = mark.named.get('ids')
        made = []
        for index, row in enumerate(rows):
            more = row.marks if isinstance(row, Param) else []
            values = row.values if isinstance(row, Param) else [row] if len(names) == 1 else row
            own = row.label if isinstance(row, Param) and row.label else ids[index] if isinstance(ids, (list, tuple)) else '-'.join(label(n, v, index) for n, v in zip(names, values))
            made.append((dict(zip(names, values)), list(more), [str(own)]))
        cases = [({**a, **b}, m + n, p + q) for b, n, q in cases for a, m, p in made] if len(cases) > 1 or cases[0][0] else made
    return cases

def is_skipped(marks):
    for mark in marks:
        if mark.name == 'skip' or (mark.name == 'skipif' and mark.args and mark.args[0]):
            return True
    return False

def load_file(path, name):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module

def tests_in(module):
    marks = getattr(module, 'pytestmark', [])
    marks = marks if isinstance(marks, list) else [marks]
    for name, value in list(vars(module).items()):
        if name.startswith('test') and inspect.isfunction(value):
            yield name, None, value, marks + getattr(value, 'small_marks', [])
        elif inspect.isclass(value) and name.startswith('Test') and not issubclass(value, unittest.TestCase):
            for own in [n for kind in reversed(value.__mro__) for n in vars(kind) if n.startswith('test')]:
                method = getattr(value, own)
                if callable(method):
                    yield name + '::' + own, value, method, marks + getattr(value, 'small_marks', []) + getattr(method, 'small_marks', [])

def run_small_pytest(job, folder):
    path = os.path.join(folder, job['main'])
    sys.modules['pytest'] = small_pytest()
    parts = job['main'].split('/')[:-1]
    try:
        modules = []
        for depth in range(len(parts) + 1):
            conftest = os.path.join(folder, *parts[:depth], 'conftest.py')
            if os.path.exists(conftest):
                sys.path.insert(0, os.path.dirname(conftest))
                modules.append(load_file(conftest, 'conftest' + '_' * depth))
        if parts and not os.path.exists(os.path.join(folder, *parts, '__init__.py')):
            sys.path.insert(0, os.path.join(folder, *parts))
        module = load_file(path, os.path.basename(path)[:-3])
    except Unserved:
        raise
    except Skipped:
        return [], []
    except BaseException as error:
        return [], [dict(test=job['main'], **explain(error, folder, path))]
    suite = Suite([*modules, module])
    good, bad, seen = [], [], 0
    wanted = set(job.get('tests') or [])
    for name, owner, function, marks in tests_in(module):
        for values, more, labels in expand(marks):
            shown = name + ('[%s]' % '-'.join(labels) if labels else '')
            if wanted and shown not in wanted and name not in wanted:
                continue
            seen += 1
            if is_skipped(marks + more):
                continue
            failure = run_one(suite, owner, function, values, marks + more, folder, path)
            if failure is None:
                good.append(job['main'] + '::' + shown)
            elif failure != 'skipped':
                bad.append(dict(test=job['main'] + '::' + shown, **failure))
                return good, bad
    cases = [value for value in vars(module).values() if inspect.isclass(value) and issubclass(value, unittest.TestCase) and value.__module__ == module.__name__]
    for case in cases:
        results = Results(folder, path)
        unittest.defaultTestLoader.loadTestsFromTestCase(case).run(results)
        seen += results.testsRun
        named = lambda test: '%s::%s' % (job['main'], test.replace('.', '::', 1))
        good += [named(test) for test in results.good]
        bad += [{**entry, 'test': named(entry['test'])} for entry in results.bad]
    suite.endings.close()
    if seen == 0:
        return [], [dict(test=job['main'], message='the file holds no test')]
    return good, bad

def run_one(suite, owner, function, values, marks, folder, path):
    expected = next((mark for mark in marks if mark.name == 'xfail' and not (mark.args and not mark.args[0])), None)
    if inspect.iscoroutinefunction(function):
        raise Unserved('asynchronous tests need a plugin of pytest')
    if any(mark.name in ('asyncio', 'anyio') for mark in marks):
        raise Unserved('asynchronous tests need a plugin of pytest')
    try:
        with contextlib.ExitStack() as stack:
            instance = owner() if owner is not None else None
            module = sys.modules[function.__module__]
            for before, after, target, args in (('setup_module', 'teardown_module', module, [module]), ('setup_function', 'teardown_function', None if owner else module, [function]), ('setup_method', 'teardown_method', instance, [function])):
                for name in (before, after):
                    hook = getattr(target, name, None) if target is not None else None
                    if hook is None or (name == 'setup_module' and name in suite.kept):
                        continue
                    given = args[:len(inspect.signature(hook).parameters)]
                    if name == before:
                        suite.kept[name] = True
                        hook(*given)
                    elif name != 'teardown_module':
                        stack.callback(hook, *given)
            known = dict(values)
            for name, found in list({**suite.fixtures, **suite.own(instance)}.items()):
                if found.autouse:
                    suite.value(name, known, stack, instance)
            for mark in marks:
                for name in mark.args if mark.name == 'usefixtures' else []:
                    suite.value(name, known, stack, instance)
            names = list(inspect.signature(function).parameters)[1 if owner is not None and not isinstance(inspect.getattr_static(owner, function.__name__), staticmethod) else 0:]
            given = {name: suite.value(name, known, stack, instance) for name in names}
            bound = getattr(instance, function.__name__) if instance is not None else function
            bound(**given)
    except Unserved:
        raise
    except Skipped:
        return 'skipped'
    except BaseException as error:
        return 'skipped' if expected is not None else explain(error, folder, path)
    return None
`;
