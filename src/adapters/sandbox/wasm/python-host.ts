import { SEAL } from './seal.ts';

/**
 * Runs Python by Pyodide. `snapshot`: starts the interpreter, defines the program in it and hands back its memory. `job`: wakes such a
 * memory up and calls the program's `run_wasm_job` with the text of a job; what it returns is the result.
 */
export const PYTHON_HOST = String.raw`${SEAL}
const { loadPyodide } = await import(head.entry);
let printed = '';
const keep = (text) => { printed = (printed + text + '\n').slice(-4000); };
const options = {
  indexURL: head.folder, jsglobals: Object.create(null), stdin: () => null, stdout: keep, stderr: keep,
  env: { HOME: '/home/pyodide', LANG: 'C.UTF-8', PYTHONHASHSEED: '0' },
  ...(head.mode === 'snapshot' ? { _makeSnapshot: true } : { _loadSnapshot: rest }),
};
const pyodide = await loadPyodide(options);

// Files live in this process's memory, outside of the interpreter's: they are counted.
const { FS } = pyodide;
const { MEMFS } = FS.filesystems;
let stored = 0;
const room = (node, size) => {
  stored += Math.max(0, size - (node.usedBytes ?? 0));
  if (stored > head.diskMb * 1024 * 1024) throw new FS.ErrnoError(51);
};
const { file } = MEMFS.ops_table;
const { write } = file.stream;
file.stream.write = (stream, buffer, offset, length, position, canOwn) => {
  room(stream.node, position + length);
  return write(stream, buffer, offset, length, position, canOwn);
};
const { setattr } = file.node;
file.node.setattr = (node, change) => {
  if (change.size !== undefined) room(node, change.size);
  return setattr(node, change);
};
for (const name of Object.keys(FS.filesystems)) if (name !== 'MEMFS') delete FS.filesystems[name];

if (head.mode === 'snapshot') {
  pyodide.runPython(head.program);
  writeResult(Buffer.from(pyodide.makeMemorySnapshot()));
} else {
  writeResult(Buffer.from('up\n'));
  const run = pyodide.globals.get('run_wasm_job');
  // The ways from Python to the host's JavaScript.
  for (const name of ['js', 'pyodide_js']) { try { pyodide.unregisterJsModule(name); } catch { /* never there */ } }
  pyodide.runPython('close_bridges()');
  const text = run(head.job);
  writeResult(Buffer.from(JSON.stringify({ result: String(text), printed })));
}
process.reallyExit(0);
`;

/** Python that takes the modules which lead to JavaScript out of reach; defined in every interpreter before its program. */
export const CLOSE_BRIDGES = String.raw`
def close_bridges():
    import sys
    closed = ('js', 'pyodide_js', 'pyodide', '_pyodide', '_pyodide_core', 'pyodide_http')
    def is_closed(name):
        return name.split('.')[0] in closed
    class Closed:
        @staticmethod
        def find_spec(name, path=None, target=None):
            if is_closed(name):
                raise ModuleNotFoundError("No module named %r" % name, name=name)
            return None
    sys.meta_path[:] = [Closed] + [finder for finder in sys.meta_path if 'JsFinder' not in type(finder).__name__]
    for name in [name for name in sys.modules if is_closed(name)]:
        module = sys.modules.pop(name)
        if not name.startswith('_pyodide_core'):
            for attribute in list(vars(module)) if hasattr(module, '__dict__') else []:
                if type(getattr(module, attribute, None)).__name__ == 'JsProxy' or attribute in ('run_js', 'create_proxy', 'create_once_callable', 'to_js'):
                    try:
                        delattr(module, attribute)
                    except Exception:
                        pass
`;
