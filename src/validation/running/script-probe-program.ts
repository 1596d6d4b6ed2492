/** What the worker does with calls of single functions; part of the same program. The counterpart of the Python one. */
export const SCRIPT_PROBE = String.raw`
let randomState = 7;
const random = () => { randomState = (randomState * 1103515245 + 12345) % 2147483648; return randomState / 2147483648; };
const shuffled = (items) => { const copy = [...items]; for (let i = copy.length - 1; i > 0; i--) { const k = Math.floor(random() * (i + 1)); [copy[i], copy[k]] = [copy[k], copy[i]]; } return copy; };
function vary(value) {
  if (typeof value === 'boolean') return [[!value], []];
  if (typeof value === 'number') {
    if (!Number.isInteger(value)) return [[value + 1, value * 2, value + 0.5, value * 1.5], [0, -value]];
    const near = [value + 1, value - 1, value + 2, value * 2, value * 3 + 1, value + 10];
    return [value > 0 ? near.filter((n) => n > 0) : near, [0, 1, -1, -value]];
  }
  if (typeof value === 'string') {
    if (value === '') return [[], []];
    const near = [value.slice(0, -1), value.slice(1), value + value, value + value[0], [...value].reverse().join(''), value.slice(1) + value[0], value[0] + value, shuffled([...value]).join('')];
    return [near.filter((n) => n !== ''), ['', value[0], value.toUpperCase(), value.toLowerCase(), ' ' + value]];
  }
  if (Array.isArray(value)) {
    if (value.length === 0) return [[], []];
    const near = [value.slice(0, -1), value.slice(1), [...value, value[0]], [...value].reverse(), [...value.slice(1), value[0]], [...value, ...value], [value[0], ...value], shuffled(value)];
    for (const index of [0, value.length - 1, Math.floor(value.length / 2)])
      for (const other of vary(value[index])[0].slice(0, 2)) near.push([...value.slice(0, index), other, ...value.slice(index + 1)]);
    return [near.filter((n) => n.length > 0), [[], value.slice(0, 1), [value[0], value[0], value[0]]]];
  }
  if (value !== null && typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype) {
    const [key] = Object.keys(value);
    if (key === undefined) return [[], []];
    return [vary(value[key])[0].slice(0, 3).map((other) => ({ ...value, [key]: other })), [{}]];
  }
  return [[], []];
}
function varied(args) {
  const near = []; const edge = [];
  const each = args.map(vary);
  each.forEach(([likely, unlikely], index) => {
    for (const other of likely) near.push([...args.slice(0, index), other, ...args.slice(index + 1)]);
    for (const other of unlikely) edge.push([...args.slice(0, index), other, ...args.slice(index + 1)]);
  });
  if (args.length > 1) for (let turn = 0; turn < 4; turn++) near.push(args.map((value, i) => (each[i][0].length > 0 ? each[i][0][Math.floor(random() * each[i][0].length)] : value)));
  return [near, edge];
}
const alike = (a, b) => {
  if (a === b || (a == null && b == null)) return true;
  if (typeof a === 'number' && typeof b === 'number') return (Number.isNaN(a) && Number.isNaN(b)) || Math.abs(a - b) <= 1e-6 + 5e-4 * Math.abs(b);
  if (a instanceof Set) return alike([...a], b); if (a instanceof Map) return alike(Object.fromEntries(a), b);
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((x, i) => alike(x, b[i]));
  if (a && b && typeof a === 'object' && typeof b === 'object' && !Array.isArray(a) && !Array.isArray(b)) {
    const keys = Object.keys(a); return keys.length === Object.keys(b).length && keys.every((k) => k in b && alike(a[k], b[k]));
  }
  return false;
};
const typeName = (value) => (value === null || value === undefined ? 'None' : Array.isArray(value) ? 'array' : typeof value === 'object' ? value.constructor && value.constructor.name || 'object' : typeof value);
function oneCall(name, args, timeout) {
  const given = structuredClone(args);
  const answer = { args: args.map((a) => short(a, 200)).join(', ').slice(0, 400), mutated: false, unstable: false, matches: null };
  globalThis.__probe = { fn: globalThis.__module[name], args: given };
  let value;
  try {
    value = vm.runInThisContext('__probe.fn(...__probe.args)', { timeout, filename: 'probe-call.js' });
    if (value && typeof value === 'object' && typeof value.next === 'function') { const list = []; for (const item of value) { list.push(item); if (list.length > 5000) break; } value = list; }
    Object.assign(answer, { ended: 'value', type: typeName(value), text: short(value), mutated: !isDeepStrictEqual(given, args) });
  } catch (error) {
    if (error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') Object.assign(answer, { ended: 'hang', type: '', text: '' });
    else Object.assign(answer, { ended: 'crash', type: error && error.name || 'Error', text: short(String(error), 300) });
  }
  return [answer, value];
}
const literal = (text) => vm.runInNewContext('(' + text + ')', Object.create(null), { timeout: 100 });
async function probe(run) {
  const answers = [];
  globalThis.__module = { ...run() };
  const seeds = new Map();
  for (const call of job.calls ?? []) {
    const answer = { fn: call.fn, role: 'example', args: call.args, mutated: false, unstable: false, matches: null, ended: 'unusable', type: '', text: '' };
    answers.push(answer);
    let args; let wanted;
    try {
      if (typeof globalThis.__module[call.fn] !== 'function') continue;
      args = structuredClone(literal('[' + call.args + ']'));
      if (call.expected !== undefined && call.expected !== null) wanted = structuredClone(literal(call.expected));
    } catch { continue; }
    const [result, value] = oneCall(call.fn, args, 2000);
    const { args: _, ...rest } = result;
    Object.assign(answer, rest);
    if (call.expected !== undefined && call.expected !== null) { answer.matches = result.ended === 'value' && alike(value, wanted); answer.expected = short(wanted); }
    if (answer.ended === 'value') seeds.set(call.fn, [...(seeds.get(call.fn) ?? []), [args, answer.text]]);
  }
  const began = performance.now();
  for (const [name, known] of job.vary ? [...seeds].slice(0, 4) : []) {
    const seen = new Set(known.map(([args]) => JSON.stringify(args)));
    for (const [args, text] of known.slice(0, 2)) {
      const [answer] = oneCall(name, args, 1000);
      if (answer.ended === 'value' && answer.text !== text) answer.unstable = true;
      answers.push({ fn: name, role: 'again', ...answer });
    }
    let count = 0;
    for (const [args] of known.slice(0, 6)) {
      const [near, edge] = varied(args);
      for (const [role, variants] of [['near', near], ['edge', edge]])
        for (const variant of variants) {
          const key = JSON.stringify(variant);
          if (seen.has(key) || count >= 90 || performance.now() - began > 3000) continue;
          seen.add(key); count += 1;
          const [answer] = oneCall(name, variant, 800);
          answers.push({ fn: name, role, ...answer });
          if (answer.ended === 'hang' && answers.filter((a) => a.ended === 'hang').length > 2) count = 1000;
        }
    }
  }
  return answers;
}
`;
