/**
 * What makes the Python runner a program for an interpreter that is WebAssembly: there are no processes to fork and no timers that
 * interrupt, so each job has an interpreter of its own and slow calls are ended by looking at the clock between steps.
 */
export const PYTHON_WASM_BEFORE = String.raw`
import sys, types, signal, time
sys.modules['resource'] = types.ModuleType('resource')

class Unserved(BaseException):
    """This interpreter cannot run it; says nothing about the code."""

TIMER = {'deadline': None, 'handler': None}
TOOL = sys.monitoring.DEBUGGER_ID
EVENTS = sys.monitoring.events.PY_START | sys.monitoring.events.JUMP
sys.monitoring.use_tool_id(TOOL, 'time')

def look_at_clock(*_):
    deadline = TIMER['deadline']
    if deadline is not None and time.perf_counter() > deadline:
        TIMER['deadline'] = None
        TIMER['handler'](signal.SIGPROF, None)

for event in (sys.monitoring.events.PY_START, sys.monitoring.events.JUMP):
    sys.monitoring.register_callback(TOOL, event, look_at_clock)

def set_timer(which, seconds, interval=0.0):
    # Its clock goes on while other processes have the processor: three times as much.
    TIMER['deadline'] = time.perf_counter() + 3 * seconds if seconds > 0 else None
    sys.monitoring.set_events(TOOL, EVENTS if seconds > 0 else 0)
    return (0.0, 0.0)

def set_handler(number, handler):
    TIMER['handler'] = handler

signal.setitimer = set_timer
signal.signal = set_handler
`;

export const PYTHON_WASM_AFTER = String.raw`
class Tail(io.TextIOBase):
    """Keeps the end of what is printed, however much that is."""
    def __init__(self):
        self.text = ''
    def writable(self):
        return True
    def write(self, text):
        self.text = (self.text + str(text))[-4000:]
        return len(text)

JOBS = {**KINDS, 'pytest': run_small_pytest, 'probe': run_probe}

def run_wasm_job(text):
    job = json.loads(text)
    folder = '/project/j0'
    os.makedirs(folder)
    prepare(job, folder)
    os.chdir(folder)
    sys.path[0] = folder
    sys.argv = [job['main']]
    sys.dont_write_bytecode = True
    os.environ.update(job.get('env') or {})
    tail = Tail()
    sys.stdin, sys.stdout, sys.stderr = io.StringIO(''), tail, tail
    result = {'id': job['id'], 'durationMs': 0, 'passed': [], 'failed': [], 'ended': 'normal', 'output': ''}
    began = time.monotonic()
    if job.get('marks'):
        set_marks()
    try:
        good, bad = JOBS[job['kind']](job, folder)
        result.update(passed=good, failed=bad[:20], probe=PROBED, marks=MARKS)
    except Unserved as reason:
        result['unserved'] = str(reason)
    except MemoryError:
        result['ended'] = 'memory'
    result.update(output=tail.text[-2000:], durationMs=round((time.monotonic() - began) * 1000))
    return json.dumps(result)
`;
