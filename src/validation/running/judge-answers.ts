import type { Finding, Severity } from '../../domain/index.ts';
import { callKey, type Examined, testedCalls, toldCalls } from './examine.ts';
import { keyedAnswers } from './keyed-answers.ts';
import type { ProbeAnswer } from './test-run.ts';

/** At most this many findings of one rule: more say nothing new to the next attempt. */
const MOST = 3;
const NOTHING = new Set(['None', 'NoneType']);
/** Errors that no input justifies. */
const BROKEN = new Set(['NameError', 'UnboundLocalError', 'ReferenceError', 'ImportError', 'ModuleNotFoundError']);

/** A member of nothing: an answer that was not there was not asked for. */
const OF_NOTHING = /^"?AttributeError: 'NoneType' object|Cannot read properties of (?:undefined|null)/;

type Say = (rule: string, severity: Severity, message: string, answer?: ProbeAnswer) => void;

/** Examples whose outcome decides. Tests that quote most of a task's examples and leave one out may have left it out as wrong. */
function isDecisive(answer: ProbeAnswer, doubtful: boolean): boolean {
  if (doubtful) return false;
  return answer.role !== 'doctest' || answer.origin === 'own' || answer.direct === true;
}

function shownCall(answer: ProbeAnswer): string {
  return answer.role === 'doctest' ? answer.args : `${answer.fn}(${answer.args})`;
}

function actually(answer: ProbeAnswer): string {
  if (answer.ended === 'hang') return 'it did not end';
  return answer.ended === 'crash' ? `it raised ${answer.text}` : `got ${answer.text}`;
}

function judgeExamples(examined: Examined, answers: readonly ProbeAnswer[], say: Say): void {
  const tested = testedCalls(examined);
  // The calls of a doctest are compared as text: `f(1, 2)` is what its example says.
  const isQuoted = (answer: ProbeAnswer): boolean =>
    answer.role === 'doctest'
      ? [...tested].some((key) => squeezed(answer.args).includes(squeezed(key.replace(' ', '(')) + ')'))
      : tested.has(callKey(answer.fn, answer.args));
  const examples = answers.filter(
    ({ role, matches }) => matches !== null && (role === 'example' || role === 'doctest'),
  );
  const told = toldCalls(examined);
  const quoted = [...told].filter((key) => tested.has(key)).length;
  const doubtful = quoted * 2 >= told.size ? quoted > 0 || examples.some(isQuoted) : false;
  for (const answer of examples.filter(({ matches, ended }) => matches === false && ended !== 'unusable')) {
    const severity = isDecisive(answer, doubtful) && !isQuoted(answer) ? 'error' : 'info';
    say('example', severity, `${shownCall(answer)}: expected ${answer.expected ?? ''}, ${actually(answer)}`, answer);
  }
}

function squeezed(text: string): string {
  return text.replaceAll(/\s+/g, '').replaceAll("'", '"');
}

function judgeVariations(answers: readonly ProbeAnswer[], say: Say): void {
  for (const fn of new Set(answers.map((answer) => answer.fn))) {
    const own = answers.filter((answer) => answer.fn === fn);
    const examples = own.filter(({ role, ended }) => role === 'example' && ended === 'value');
    if (examples.length === 0) continue;
    const tried = own.filter(({ role }) => role === 'near' || role === 'edge');
    const returns = !examples.some(({ type }) => NOTHING.has(type));
    for (const answer of tried) {
      const what = `${fn}(${answer.args})`;
      if (answer.ended === 'crash' && BROKEN.has(answer.type))
        say('broken-path', answer.role === 'near' ? 'error' : 'warning', `${what} raises ${answer.text}`, answer);
      else if (answer.ended === 'crash' && answer.role === 'near' && OF_NOTHING.test(answer.text))
        say('crash', 'error', `${what} raises ${answer.text}`, answer);
      else if (answer.ended === 'crash')
        say('crash', answer.role === 'near' ? 'warning' : 'info', `${what} raises ${answer.text}`, answer);
      else if (answer.ended === 'hang')
        say('hang', 'warning', `${what} does not end in time, while the examples do`, answer);
      else if (returns && NOTHING.has(answer.type))
        say(
          'returns-nothing',
          answer.role === 'near' ? 'warning' : 'info',
          `${what} returns nothing, while the examples return values`,
          answer,
        );
      else if (answer.mutated) say('changes-arguments', 'info', `${what} changes its arguments`, answer);
    }
    const unstable = own.find((answer) => answer.unstable);
    if (unstable) say('unstable', 'warning', `${fn}(${unstable.args}) gives another answer each time`, unstable);
    const types = new Set(examples.map(({ type }) => type));
    const other = tried.find(
      ({ ended, type, role }) => role === 'near' && ended === 'value' && !types.has(type) && !NOTHING.has(type),
    );
    if (other)
      say(
        'other-type',
        'info',
        `${fn}(${other.args}) returns a value of type ${other.type}, the examples ${[...types].join(', ')}`,
        other,
      );
    const near = tried.filter(({ role }) => role === 'near');
    if (near.length >= 10 && new Set(near.map(({ ended, text }) => `${ended} ${text}`)).size === 1)
      say('constant', 'warning', `${fn} gives ${near[0]?.text ?? ''} for each of ${near.length} other inputs`, near[0]);
  }
}

/** What the tried calls say of a file, worst first: at most a few findings of each rule. */
export function judgeAnswers(examined: Examined, answers: readonly ProbeAnswer[]): Finding[] {
  const findings: Finding[] = [];
  const counts = new Map<string, number>();
  const say: Say = (rule, severity, message, answer) => {
    const count = (counts.get(rule) ?? 0) + 1;
    counts.set(rule, count);
    if (count > MOST) return;
    const line = answer?.line ?? 1;
    findings.push({ file: examined.path, line, column: 1, rule, severity, message, suggestion: null });
  };
  const keyed = keyedAnswers(examined.text, examined.language === 'python', answers);
  if (keyed !== null) say('keyed-on-examples', 'error', keyed);
  judgeExamples(examined, answers, say);
  judgeVariations(answers, say);
  const order: Severity[] = ['critical', 'error', 'warning', 'info'];
  return findings.sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
}
