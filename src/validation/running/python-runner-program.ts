/**
 * The Python program that runs jobs inside the sandbox: one warm interpreter that forks for each job, so that a run costs
 * milliseconds and leaves nothing behind for the next. Each child has its own folder, session and limits, and is ended with
 * everything it started. Results go to /project/results.json.
 */
export const PYTHON_RUNNER = String.raw`
import ast, builtins, ctypes, io, json, os, resource, select, shutil, signal, sys, time, traceback
import collections, copy, dataclasses, datetime, decimal, doctest, enum, fractions, functools, heapq, itertools, math, random, re
import string, tempfile, types, typing, unittest

sys.path.insert(0, '/project')
MAX_TEXT = 1200
PROBED = []

def short(value, limit=300):
    try:
        text = value if isinstance(value, str) else repr(value)
    except Exception as error:
        text = '<%s whose repr raises %s>' % (type(value).__name__, type(error).__name__)
    return text if len(text) <= limit else text[:limit] + '...'

def source_of(path, cache={}):
    if path not in cache:
        try:
            with open(path, encoding='utf-8') as handle:
                text = handle.read()
            cache[path] = (text, ast.parse(text))
        except Exception:
            cache[path] = None
    return cache[path]

def statement_at(path, line):
    known = source_of(path)
    if known is None:
        return None, None
    text, tree = known
    found = None
    for node in ast.walk(tree):
        if isinstance(node, (ast.Assert, ast.Expr, ast.Assign, ast.Return)) and node.lineno <= line <= (node.end_lineno or node.lineno):
            if found is None or node.lineno >= found.lineno:
                found = node
    return text, found

def inside_job(path, folder):
    return path.startswith(folder + '/')

def sides_of(frame, node, text):
    """The two sides of a failed comparison, evaluated again where that is possible."""
    compare = node.test if isinstance(node, ast.Assert) else None
    if not isinstance(compare, ast.Compare) or len(compare.ops) != 1 or not isinstance(compare.ops[0], (ast.Eq, ast.Is)):
        return {}
    def value(part):
        code = compile(ast.fix_missing_locations(ast.Expression(part)), '<again>', 'eval')
        return short(eval(code, frame.f_globals, frame.f_locals))
    left, right = compare.left, compare.comparators[0]
    if isinstance(right, ast.Call) and not isinstance(left, ast.Call):
        left, right = right, left
    try:
        return {'input': short(ast.get_source_segment(text, left)), 'actual': value(left), 'expected': value(right)}
    except BaseException:
        return {'input': short(ast.get_source_segment(text, compare))}

def explain(error, folder, test_path):
    """What failed: the statement of the test, the values on both sides, and where the code stood."""
    detail = {'message': short('%s: %s' % (type(error).__name__, error), MAX_TEXT)}
    frames = []
    walker = error.__traceback__
    while walker is not None:
        frames.append((walker.tb_frame, walker.tb_lineno))
        walker = walker.tb_next
    own = [(f, n) for f, n in frames if inside_job(f.f_code.co_filename, folder)]
    in_test = [(f, n) for f, n in own if f.f_code.co_filename == test_path]
    in_code = [(f, n) for f, n in own if f.f_code.co_filename != test_path]
    if in_code:
        frame, line = in_code[-1]
        detail['file'] = os.path.relpath(frame.f_code.co_filename, folder)
        detail['line'] = line
    if in_test:
        frame, line = in_test[-1]
        text, node = statement_at(test_path, line)
        if node is not None:
            segment = ast.get_source_segment(text, node)
            if segment:
                detail['statement'] = short(segment, 600)
            if isinstance(error, AssertionError) and not in_code:
                detail.update(sides_of(frame, node, text))
        if 'actual' not in detail:
            names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} if node is not None else set()
            values = ['%s = %s' % (k, short(v, 120)) for k, v in frame.f_locals.items() if k in names and not callable(v) and not isinstance(v, types.ModuleType)]
            if values:
                detail['input'] = short('; '.join(values[:6]), 600)
    for frame, _ in frames:
        if frame.f_code.co_filename == unittest.case.__file__ and 'first' in frame.f_locals and 'second' in frame.f_locals:
            detail['actual'] = short(frame.f_locals['first'])
            detail['expected'] = short(frame.f_locals['second'])
            break
    if isinstance(error, SyntaxError):
        detail['file'] = os.path.relpath(error.filename or '', folder) if error.filename else None
        detail['line'] = error.lineno
    if isinstance(error, ModuleNotFoundError):
        detail['missing'] = error.name
    return detail

MARKS = collections.Counter()

def set_marks():
    """What a marked text calls: it counts which ways of the text a run takes."""
    lefts = {}
    def entered(number):
        MARKS['%db' % number] += 1
    def asked(number, value):
        try:
            MARKS['%d%s' % (number, 't' if value else 'f')] += 1
        except Exception:
            pass
        return value
    def left(number, value):
        lefts[number] = value
        return value
    def right(number, value):
        try:
            MARKS['%d%s' % (number, 'e' if lefts.get(number) == value else 'n')] += 1
        except Exception:
            pass
        return value
    def sort_of(value):
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return 'n' if value < 0 else 'z' if value == 0 else 'p'
        if isinstance(value, (str, bytes, list, tuple, dict, set, frozenset)):
            return 'm' if len(value) > 1 else 's' if value else 'e'
        return 'x'
    def given(number, *values):
        for index, value in enumerate(values):
            MARKS['%d:%d%s' % (number, index, sort_of(value))] += 1
    builtins._mge_a, builtins._mge_b, builtins._mge_c = given, entered, asked
    builtins._mge_l, builtins._mge_r = left, right

def run_script(job, folder):
    path = os.path.join(folder, job['main'])
    with open(path, encoding='utf-8') as handle:
        text = handle.read()
    module = types.ModuleType('__main__')
    module.__file__ = path
    sys.modules['__main__'] = module
    try:
        exec(compile(text, path, 'exec'), module.__dict__)
    except SystemExit as stop:
        if stop.code not in (None, 0):
            return [], [dict(test=job['main'], message='exit code %s' % (stop.code,))]
        return [], [dict(test=job['main'], message='the program ended itself before its last statement')]
    except BaseException as error:
        return [], [dict(test=job['main'], **explain(error, folder, path))]
    return [job['main']], []

class Results(unittest.TestResult):
    def __init__(self, folder, path):
        super().__init__()
        self.folder, self.path, self.good, self.bad = folder, path, [], []
    def name(self, test):
        return '%s.%s' % (type(test).__name__, getattr(test, '_testMethodName', str(test)))
    def fail(self, test, err):
        self.bad.append(dict(test=self.name(test), **explain(err[1], self.folder, self.path)))
        if self.failfast:
            self.stop()
    def addSuccess(self, test):
        self.good.append(self.name(test))
    def addError(self, test, err):
        self.fail(test, err)
    def addFailure(self, test, err):
        self.fail(test, err)
    def addSubTest(self, test, subtest, err):
        if err is not None:
            self.fail(test, err)
    def addUnexpectedSuccess(self, test):
        self.bad.append(dict(test=self.name(test), message='a test that was expected to fail passed'))

def load_module(job, folder):
    import importlib
    name = job['main'][:-3].replace('/', '.')
    return importlib.import_module(name)

def run_unittest(job, folder):
    path = os.path.join(folder, job['main'])
    try:
        module = load_module(job, folder)
    except BaseException as error:
        return [], [dict(test=job['main'], **explain(error, folder, path))]
    cases = []
    def gather(suite):
        for entry in suite:
            if isinstance(entry, unittest.TestSuite):
                gather(entry)
            else:
                cases.append(entry)
    gather(unittest.defaultTestLoader.loadTestsFromModule(module))
    if job.get('filter') == 'even':
        cases = cases[::2]
    results = Results(folder, path)
    results.failfast = bool(job.get('failFast'))
    suite = unittest.TestSuite(cases)
    suite.run(results)
    if not cases:
        return [], [dict(test=job['main'], message='the file holds no test')]
    return results.good, results.bad

class Collector:
    def __init__(self):
        self.good, self.bad, self.skipped = [], [], 0
    def pytest_runtest_logreport(self, report):
        if report.when == 'call' and report.passed:
            self.good.append(report.nodeid)
        elif report.failed:
            crash = getattr(report.longrepr, 'reprcrash', None)
            self.bad.append(dict(test=report.nodeid, message=short(crash.message if crash else str(report.longrepr), MAX_TEXT), statement=short(str(report.longrepr)[-600:], 600)))
        elif report.skipped:
            self.skipped += 1
    def pytest_collectreport(self, report):
        if report.failed:
            text = str(report.longrepr)
            missing = re.search(r"No module named '([^']+)'", text)
            self.bad.append(dict(test=report.nodeid, message=short(text[-MAX_TEXT:], MAX_TEXT), **({'missing': missing.group(1)} if missing else {})))

def run_pytest(job, folder):
    import pytest
    collector = Collector()
    selected = [job['main'] + '::' + name for name in job.get('tests') or []] or [job['main']]
    code = pytest.main(['-q', '-x', '-p', 'no:cacheprovider', '--rootdir', folder, '-c', '/dev/null', *selected], plugins=[collector])
    if int(code) == 5 and not collector.bad:
        return [], [dict(test=job['main'], message='the file holds no test')]
    if int(code) not in (0, 1) and not collector.bad:
        return [], [dict(test=job['main'], message='pytest ended with %d' % int(code))]
    return collector.good, collector.bad

KINDS = {'pyscript': run_script, 'unittest': run_unittest, 'pytest': run_pytest}

def child(job, folder, pipe):
    os.setsid()
    seconds = math.ceil(job['cpuSeconds'])
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    if seconds != job['cpuSeconds']:
        # The limit above knows whole seconds; this one ends the process by itself.
        signal.setitimer(signal.ITIMER_PROF, job['cpuSeconds'])
    resource.setrlimit(resource.RLIMIT_AS, (job['memoryMb'] << 20,) * 2)
    resource.setrlimit(resource.RLIMIT_FSIZE, (32 << 20,) * 2)
    log = os.open(os.path.join(folder, '.output'), os.O_RDWR | os.O_CREAT, 0o600)
    quiet = os.open('/dev/null', os.O_RDONLY)
    os.dup2(quiet, 0), os.dup2(log, 1), os.dup2(log, 2)
    sys.stdin = io.StringIO('')
    sys.stdout = io.TextIOWrapper(os.fdopen(1, 'wb', 0, closefd=False), write_through=True, errors='replace')
    sys.stderr = sys.stdout
    os.chdir(folder)
    sys.path[0] = folder
    sys.argv = [job['main']]
    sys.dont_write_bytecode = True
    os.environ.update(job.get('env') or {})
    if job.get('marks'):
        set_marks()
    good, bad = JOBS[job['kind']](job, folder)
    try:
        text = json.dumps({'passed': good, 'failed': bad[:20], 'probe': PROBED, 'marks': MARKS})
    except RecursionError:
        text = json.dumps({'passed': [], 'failed': [dict(test=job['main'], message='too deeply nested')]})
    view = memoryview(text.encode('utf-8', 'replace'))
    while view:
        view = view[os.write(pipe, view):]

def end_strays():
    """Ends what the job left running: everything that has this process as its parent, now or by adoption."""
    for _ in range(50):
        try:
            with open('/proc/self/task/%d/children' % os.getpid()) as handle:
                strays = [int(pid) for pid in handle.read().split()]
        except OSError:
            return
        if not strays:
            return
        for pid in strays:
            try:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
            except (ProcessLookupError, ChildProcessError):
                pass

def prepare(job, folder):
    for path, text in job['files'].items():
        target = os.path.normpath(os.path.join(folder, path))
        if not target.startswith(folder + '/'):
            continue
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, 'w', encoding='utf-8', newline='') as handle:
            handle.write(text)

def run_job(job, number):
    folder = '/project/j%d' % number
    os.makedirs(folder)
    prepare(job, folder)
    reading, writing = os.pipe()
    began = time.monotonic()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        code = 0
        try:
            child(job, folder, writing)
        except BaseException:
            code = 3
        os._exit(code)
    os.close(writing)
    data, late = b'', False
    while True:
        left = job['wallSeconds'] - (time.monotonic() - began)
        ready = select.select([reading], [], [], max(0, left))[0] if left > 0 else []
        if not ready:
            late = True
            break
        piece = os.read(reading, 65536)
        if not piece:
            break
        data += piece
        if len(data) > 4_000_000:
            break
    # The writing end may be held open by something that the job started: its first process decides when it is over.
    try:
        os.killpg(pid, signal.SIGKILL) if late else None
    except ProcessLookupError:
        pass
    try:
        os.kill(pid, signal.SIGKILL) if late else None
    except ProcessLookupError:
        pass
    _, status = os.waitpid(pid, 0)
    os.close(reading)
    end_strays()
    taken = time.monotonic() - began
    try:
        with open(os.path.join(folder, '.output'), 'rb') as handle:
            handle.seek(0, 2)
            handle.seek(max(0, handle.tell() - 2000))
            output = handle.read().decode('utf-8', 'replace')
    except OSError:
        output = ''
    shutil.rmtree(folder, ignore_errors=True)
    result = {'id': job['id'], 'durationMs': round(taken * 1000), 'output': output, 'passed': [], 'failed': [], 'ended': 'normal'}
    signalled = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    if late or signalled in (signal.SIGXCPU, signal.SIGPROF) or (signalled == signal.SIGKILL and taken >= job['cpuSeconds']):
        result['ended'] = 'time'
    elif signalled:
        result['ended'] = 'signal %d' % signalled
    else:
        try:
            result.update(json.loads(data))
        except ValueError:
            result['ended'] = 'early'
    return result

def main():
    # Orphans come to this process, where they are found and ended (PR_SET_CHILD_SUBREAPER).
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
    with open('/project/jobs.json', encoding='utf-8') as handle:
        jobs = json.load(handle)
    if any(job['kind'] == 'pytest' for job in jobs):
        import pytest
    # Hashing of texts is the same in every run, whatever the environment says.
    results = []
    for number, job in enumerate(jobs):
        results.append(run_job(job, number))
    with open('/project/results.json', 'w') as handle:
        json.dump(results, handle)
`;
