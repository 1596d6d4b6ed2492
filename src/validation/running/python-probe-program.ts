/**
 * What the Python runner does with calls of single functions; part of the same program. Each call of the plan is made, its arguments
 * are varied by their types, and every answer is reported. What the answers mean is judged outside.
 */
export const PYTHON_PROBE = String.raw`
class TooSlow(BaseException):
    pass

def ring(signum, frame):
    raise TooSlow()

def vary_int(value, rng):
    near = [value + 1, value - 1, value + 2, value * 2, value * 3 + 1, value + 10]
    edge = [0, 1, -1, -value]
    if value > 0:
        near = [n for n in near if n > 0]
    return near, edge

def vary_text(value, rng):
    if not value:
        return [], []
    near = [value[:-1], value[1:], value + value, value + value[0], value[::-1], value[1:] + value[0], value[:1] + value]
    shuffled = list(value)
    rng.shuffle(shuffled)
    near.append(''.join(shuffled))
    return [n for n in near if n], ['', value[0], value.upper(), value.lower(), ' ' + value]

def vary_items(value, rng, make):
    items = list(value)
    if not items:
        return [], []
    near = [items[:-1], items[1:], items + items[:1], items[::-1], items[1:] + items[:1], items + items, items[:1] + items]
    shuffled = items[:]
    rng.shuffle(shuffled)
    near.append(shuffled)
    for index in (0, len(items) - 1, len(items) // 2):
        for other in vary(items[index], rng)[0][:2]:
            near.append(items[:index] + [other] + items[index + 1:])
    return [make(n) for n in near if n], [make([]), make(items[:1]), make([items[0]] * 3)]

def vary(value, rng):
    """Values like this one, and values at the borders of its type."""
    if isinstance(value, bool):
        return [not value], []
    if isinstance(value, int):
        return vary_int(value, rng)
    if isinstance(value, float):
        return [value + 1.0, value * 2.0, value + 0.5, value * 1.5], [0.0, -value]
    if isinstance(value, str):
        return vary_text(value, rng)
    if isinstance(value, list):
        return vary_items(value, rng, list)
    if isinstance(value, tuple):
        return vary_items(value, rng, tuple)
    if isinstance(value, (set, frozenset)):
        near, edge = vary_items(sorted(value, key=repr), rng, list)
        return [type(value)(n) for n in near], [type(value)(n) for n in edge]
    if isinstance(value, dict) and value:
        key = next(iter(value))
        less = {k: v for k, v in value.items() if k != key}
        near = [{**value, key: other} for other in vary(value[key], rng)[0][:3]]
        return near + ([less] if less else []), [{}]
    return [], []

def varied(args, rng):
    """Argument lists with one argument changed at a time, then with all of them changed."""
    near, edge = [], []
    each = [vary(value, rng) for value in args]
    for index, (likely, unlikely) in enumerate(each):
        near += [args[:index] + [other] + args[index + 1:] for other in likely]
        edge += [args[:index] + [other] + args[index + 1:] for other in unlikely]
    if len(args) > 1:
        for turn in range(4):
            near.append([rng.choice(likely) if likely else value for value, (likely, _) in zip(args, each)])
    return near, edge

def plain(value):
    if isinstance(value, (types.GeneratorType, map, filter, zip, range)):
        return list(itertools.islice(value, 5000))
    return value

def alike(a, b):
    if isinstance(a, bool) != isinstance(b, bool) and isinstance(a, (bool, int, float)) and isinstance(b, (bool, int, float)):
        return a == b
    if isinstance(a, (int, float)) and isinstance(b, (int, float)) and not isinstance(a, bool):
        return a == b or (a != a and b != b) or abs(a - b) <= 1e-6 + 5e-4 * abs(b)
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(alike(x, y) for x, y in zip(a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(alike(a[k], b[k]) for k in b)
    return a == b

def line_in(error, folder):
    line, walker = None, error.__traceback__
    while walker is not None:
        if inside_job(walker.tb_frame.f_code.co_filename, folder):
            line = walker.tb_lineno
        walker = walker.tb_next
    return line

def one_call(function, args, folder, seconds):
    signal.signal(signal.SIGPROF, ring)
    given = copy.deepcopy(args)
    answer = {'args': short(', '.join(repr(a) for a in args), 400), 'mutated': False, 'unstable': False, 'matches': None}
    value = None
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        try:
            value = plain(function(*given))
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        answer.update(ended='value', type=type(value).__name__, text=short(value))
    except TooSlow:
        answer.update(ended='hang', type='', text='')
    except BaseException as error:
        answer.update(ended='crash', type=type(error).__name__, text=short('%s: %s' % (type(error).__name__, error)), line=line_in(error, folder))
    try:
        answer['mutated'] = not alike(given, args) if answer['ended'] == 'value' else False
    except Exception:
        pass
    return answer, value

def is_example_fault(result):
    """An example that does not run for reasons of its own says nothing about the code."""
    if result['ended'] != 'crash' or result.get('line') is not None:
        return False
    return not (result['type'] in ('AttributeError', 'TypeError') and 'not callable' not in result['text'] and 'subscriptable' not in result['text'])

def literal_args(text):
    tree = ast.parse('f(%s)' % text, mode='eval').body
    if tree.keywords or any(isinstance(a, ast.Starred) for a in tree.args):
        raise ValueError('only plain arguments')
    return [ast.literal_eval(a) for a in tree.args]

def probe_call(call, module, folder):
    scope = dict(vars(module))
    answer = {'fn': call['fn'], 'role': 'example', 'args': call['args'], 'mutated': False, 'unstable': False, 'matches': None, 'ended': 'unusable', 'type': '', 'text': ''}
    try:
        code = compile('(%s)(%s)' % (call['fn'], call['args']), '<call>', 'eval')
    except Exception:
        return answer
    wanted, known = None, call.get('expected') is not None
    try:
        wanted = eval(call['expected'], {**vars(math), **vars(builtins)}) if known else None
    except Exception:
        known = False
    result, value = one_call(lambda: eval(code, scope), [], folder, 2.0)
    answer.update({k: v for k, v in result.items() if k != 'args'})
    if is_example_fault(result):
        answer['ended'] = 'unusable'
        return answer
    if known:
        try:
            answer['matches'] = bool(result['ended'] == 'value' and alike(value, plain(wanted)))
        except Exception:
            answer['ended'] = 'unusable'
        answer['expected'] = short(wanted)
    return answer

def is_direct(source, module):
    """A call of one of the module's functions and nothing else."""
    try:
        node = ast.parse(source.strip(), mode='eval').body
    except SyntaxError:
        return False
    if isinstance(node, ast.Compare):
        node = node.left
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and isinstance(getattr(module, node.func.id, None), types.FunctionType)

def is_value(want, got):
    """What an example expects reads as what it got: a value where there is a value."""
    first = want.strip().split('\n')[0]
    try:
        ast.literal_eval(got.strip().split('\n')[-1])
    except Exception:
        return bool(got.strip())
    for form in (want.strip(), first):
        try:
            ast.literal_eval(form)
            return True
        except Exception:
            pass
    return not first

# Messages of Python's own errors differ from version to version.
BUILT_IN = re.compile(r"pop from|not supported between|unsupported operand|invalid literal|object is not|has no attribute|not in list|out of range|missing \d|takes \d|could not convert|division|object cannot be|expected at most|math domain|must be (str|real)|indices must|empty sequence|not enough values|too many values|not iterable|recursion depth|unhashable|argument of type|cannot be interpreted", re.I)

def message_of(text):
    return re.sub(r'\s+', ' ', text.strip().split(':', 1)[1] if ':' in text else '').strip()

def is_same_error(want, got):
    """Errors of one kind whose message, where it is the code's own, is the same too."""
    kind = lambda text: text.split(':', 1)[0].strip().rsplit('.', 1)[-1]
    if kind(want) != kind(got):
        return False
    told = message_of(want)
    return not told or bool(BUILT_IN.search(told)) or '...' in told or told == message_of(got)

def own_docstrings(job, folder):
    known = source_of(os.path.join(folder, job['main']))
    found = []
    if known is not None:
        for node in ast.walk(known[1]):
            if isinstance(node, (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                text = ast.get_docstring(node)
                name, only = getattr(node, 'name', 'module'), job.get('only')
                if text and '>>>' in text and (only is None or name in only):
                    found.append((name, text))
    return found

def run_doctests(job, module, folder):
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    RAISED = re.compile(r'[A-Za-z_][\w.]*(Error|Exception|Warning|Interrupt|Exit|Iteration)\b')
    class Checker(doctest.OutputChecker):
        def check_output(self, want, got, flags):
            if want is not None and RAISED.match(want.strip()) and RAISED.match(got.strip()):
                return is_same_error(want, got)
            if super().check_output(want, got, flags) or not want.strip():
                return True
            first = want.strip().split('\n')[0].strip()
            for form in dict.fromkeys((want.strip(), first)):
                # What the code prints beside its value stands before it.
                if got.strip().strip('"\'') == form.strip('"\'') or got.strip().endswith('\n' + form):
                    return True
                try:
                    last = got.strip().split('\n')[-1] if '\n' not in form else got.strip()
                    if alike(ast.literal_eval(last), ast.literal_eval(form)):
                        return True
                except Exception:
                    pass
            return False
    class Runner(doctest.DocTestRunner):
        def report_failure(self, out, test, example, got):
            if example.exc_msg is None:
                self.note(test, example, 'value', got)
                return
            # An error is shown: the code gave a value instead, or another error.
            ended = 'crash' if got.startswith('Traceback') else 'value'
            lines = got.strip().split('\n')
            self.note(test, example, ended, lines[-1] if ended == 'crash' else got or 'no error', kind=lines[-1].split(':', 1)[0], wanted=example.exc_msg.strip(), raises=True)
        def report_success(self, out, test, example, got):
            # An example without a value may itself be a comparison.
            if not example.want.strip() and got.strip() == 'False' and '==' in example.source:
                self.note(test, example, 'value', got, wanted='True')
        def report_unexpected_exception(self, out, test, example, exc_info):
            ended = 'hang' if exc_info[0] is TooSlow else 'crash'
            self.note(test, example, ended, '%s: %s' % (exc_info[0].__name__, exc_info[1]), line_in(exc_info[1], folder), exc_info[0].__name__)
        def note(self, test, example, ended, got, line=None, kind='', wanted=None, raises=False):
            answer = {'fn': test.name, 'role': 'doctest', 'args': short(example.source.strip(), 400), 'expected': short(wanted or example.want.strip() or 'no exception'), 'ended': ended,
                'text': short(got.strip()), 'type': kind, 'matches': False, 'mutated': False, 'unstable': False, 'line': line, 'origin': self.origin, 'direct': is_direct(example.source, module)}
            if not raises and (is_example_fault(answer) or (ended == 'value' and not is_value(example.want, got))):
                answer.update(ended='unusable', matches=None)
            PROBED.append(answer)
    parser = doctest.DocTestParser()
    signal.signal(signal.SIGPROF, ring)
    own = own_docstrings(job, folder)
    bare = {re.sub(r'\s+', ' ', text).strip() for _, text in own}
    told = [(name, text, 'task') for name, text in job.get('doctests') or [] if re.sub(r'\s+', ' ', text).strip() not in bare]
    for name, text, origin in [(name, text, 'own') for name, text in own] + told:
        try:
            test = parser.get_doctest(text, dict(vars(module)), name, job['main'], 0)
        except ValueError:
            continue
        if not test.examples:
            continue
        runner = Runner(checker=Checker(), verbose=False, optionflags=flags)
        runner.origin = origin
        signal.setitimer(signal.ITIMER_PROF, 3.0)
        try:
            outcome = runner.run(test, out=lambda text: None)
            PROBED.append({'fn': name, 'role': 'doctests', 'args': '', 'ended': 'value', 'text': '%d of %d' % (outcome.attempted - outcome.failed, outcome.attempted),
                'type': '', 'matches': None, 'mutated': False, 'unstable': False, 'origin': origin})
        except TooSlow:
            PROBED.append({'fn': name, 'role': 'doctest', 'args': name, 'ended': 'hang', 'text': '', 'type': '', 'matches': False, 'mutated': False, 'unstable': False, 'origin': origin, 'direct': True})
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)

def run_probe(job, folder):
    path = os.path.join(folder, job['main'])
    try:
        module = load_module(job, folder)
    except BaseException as error:
        return [], [dict(test=job['main'], **explain(error, folder, path))]
    rng = random.Random(7)
    run_doctests(job, module, folder)
    seeds = {}
    for call in job.get('calls') or []:
        answer = probe_call(call, module, folder)
        PROBED.append(answer)
        try:
            args = literal_args(call['args'])
        except Exception:
            continue
        if answer['ended'] == 'value':
            seeds.setdefault(call['fn'], []).append((args, answer['text']))
    began = time.process_time()
    for name, known in list(seeds.items())[:4] if job.get('vary') else []:
        function = getattr(module, name, None)
        if not callable(function) or isinstance(function, type):
            continue
        seen = {repr(args) for args, _ in known}
        for args, text in known[:2]:
            answer, _ = one_call(function, args, folder, 1.0)
            if answer['ended'] == 'value' and answer['text'] != text and ' at 0x' not in text:
                answer['unstable'] = True
            PROBED.append({'fn': name, 'role': 'again', **answer})
        count = 0
        for args, _ in known[:6]:
            near, edge = varied(args, rng)
            for role, variants in (('near', near), ('edge', edge)):
                for variant in variants:
                    key = repr(variant)
                    if key in seen or count >= 90 or time.process_time() - began > 2.5:
                        continue
                    seen.add(key)
                    count += 1
                    answer, _ = one_call(function, variant, folder, 0.8)
                    PROBED.append({'fn': name, 'role': role, **answer})
                    if answer['ended'] == 'hang' and sum(1 for p in PROBED if p['ended'] == 'hang') > 2:
                        count = 1000
    return [job['main']], []
`;
