import { describe, expect, it } from 'vitest';
import { checkAnswer, type CheckedAnswer } from '../../../src/adapters/llm/check-answer.ts';

const python = { language: 'python', replaces: null };
const check = (text: string, expected: { language: string; replaces: string | null } = python): CheckedAnswer =>
  checkAnswer(text, 'stop', expected);
const CODE = 'def add(a: int, b: int) -> int:\n    return a + b\n';
const FENCED = `\`\`\`python\n${CODE}\`\`\``;

describe('code is recovered from', () => {
  it.each([
    ['a code block', FENCED],
    ['a longer fence', `\`\`\`\`\`\`python\n${CODE}\`\`\`\`\`\``],
    ['tildes', `~~~py\n${CODE}~~~`],
    ['a fence without a language', `\`\`\`\n${CODE}\`\`\``],
    ['prose around it', `Sure! Here is the function:\n\n${FENCED}\n\nThis adds two numbers.`],
    ['the same block twice', `${FENCED}\n\nAgain:\n\n${FENCED}`],
    ['a shell command beside it', `${FENCED}\n\nRun it:\n\n\`\`\`bash\npytest\n\`\`\``],
    ['an empty block beside it', `\`\`\`python\n\`\`\`\n${FENCED}`],
    ['no fence at all', CODE],
    ['CRLF line ends', FENCED.replaceAll('\n', '\r\n')],
    ['blank lines before and after', `\`\`\`python\n\n\n${CODE}\n\n\`\`\``],
  ])('%s', (_name, answer) => {
    expect(check(answer)).toEqual({ code: CODE });
  });

  it('a document with code blocks of its own', () => {
    const document = '# Use\n\n```bash\nnpm start\n```\n\nDone.\n';
    expect(check(`\`\`\`\`\`\`markdown\n${document}\`\`\`\`\`\``, { language: 'markdown', replaces: null })).toEqual({
      code: document,
    });
    expect(check(`\`\`\`markdown\n${document}\`\`\``, { language: 'markdown', replaces: null })).toEqual({
      code: document,
    });
  });
});

describe('what is no code is', () => {
  it.each([
    ['empty', ''],
    ['empty', ' \n\n'],
    ['empty', '```python\n\n```'],
    ['truncated', '```python\ndef add(a, b):\n    return'],
    ['refusal', "I'm sorry, but I can't help with that."],
    ['refusal', 'I cannot assist with this request.'],
    ['refusal', 'As an AI language model I do not write such code.'],
    ['refusal', 'Unfortunately, I am unable to generate this code.'],
    ['prose', 'Here is what you need to do: first, open the file, then add the function.'],
    ['prose', 'The function should add both numbers and return the result.'],
    ['wrong_language', '```javascript\nconst add = (a, b) => a + b;\n```'],
    ['wrong_language', '```\nconst add = (a, b) => {\nexport const two = 2;\n```'],
    ['wrong_language', 'import { x } from "y";\nexport const add = (a, b) => a + b;\n'],
    ['several_candidates', `${FENCED}\n\nOr:\n\n\`\`\`python\ndef add(a, b):\n    return sum((a, b))\n\`\`\``],
  ])('%s: %j', (problem, answer) => {
    expect(check(answer)).toMatchObject({ problem });
  });

  it('cut off, refused or broken off, whatever it holds', () => {
    expect(checkAnswer(FENCED, 'length', python)).toMatchObject({ problem: 'truncated' });
    expect(checkAnswer(FENCED, 'cut_off', python)).toMatchObject({ problem: 'truncated' });
    expect(checkAnswer(FENCED, 'refusal', python)).toMatchObject({ problem: 'refusal' });
  });

  it('Python where TypeScript is asked for', () => {
    const answer = 'from os import path\n\ndef add(a, b):\n    return a + b\n';
    expect(check(answer, { language: 'typescript', replaces: null })).toMatchObject({ problem: 'wrong_language' });
  });
});

describe('code that talks about refusing', () => {
  it('is code', () => {
    const code = 'def refuse() -> str:\n    return "I\'m sorry, I can\'t help"\n';
    expect(check(`\`\`\`python\n${code}\`\`\``)).toEqual({ code });
    expect(check(code)).toEqual({ code });
  });
});

describe('the place of what it replaces', () => {
  const method = '    def name(self) -> str:\n        return self._name\n\n\n';
  const within = { language: 'python', replaces: method };

  it('gives a text that was moved to the left its indentation and its ending back', () => {
    const answer = fence('def name(self) -> str:\n    return self._label');
    expect(check(answer, within)).toEqual({ code: '    def name(self) -> str:\n        return self._label\n\n\n' });
  });

  it('leaves a text that is in place as it is', () => {
    expect(check(fence('    def name(self) -> str:\n        return self._label'), within)).toEqual({
      code: '    def name(self) -> str:\n        return self._label\n\n\n',
    });
  });

  it('keeps leading blank lines, tabs, CRLF and a missing line end', () => {
    expect(check(fence('b = 2'), { language: 'python', replaces: '\n\nb = 1' })).toEqual({ code: '\n\nb = 2' });
    expect(check('```go\nreturn 2\n```', { language: 'go', replaces: '\treturn 1\n' })).toEqual({
      code: '\treturn 2\n',
    });
    expect(check(fence('a = 1\nb = 2'), { language: 'python', replaces: 'a = 0\r\n' })).toEqual({
      code: 'a = 1\r\nb = 2\r\n',
    });
  });
});

function fence(code: string): string {
  return `\`\`\`python\n${code}\n\`\`\``;
}
