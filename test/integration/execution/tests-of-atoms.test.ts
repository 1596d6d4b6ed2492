import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { detectSandbox } from '../../../src/adapters/sandbox/index.ts';
import { createLogger } from '../../../src/adapters/telemetry/logger.ts';
import { createValidation } from '../../../src/validation/index.ts';
import { Harness, scriptedProvider } from './harness.ts';

const sandbox = await detectSandbox(createLogger('silent'));
let harness: Harness;
beforeAll(async () => {
  harness = await Harness.open();
});
afterEach(() => harness.stopWorkers());
afterAll(() => harness.close());

const DRAFTS: Record<string, string> = {
  suite: 'from adder import add\n\n\ndef test_add():\n    assert add(2, 3) == 5\n',
  adder: 'import json\n\n\ndef add(a, b):\n    return json.loads(json.dumps(a)) - b\n',
};

describe.skipIf(!sandbox.confined)('an atom that a test of its project reaches', () => {
  it('is refused while the test fails, and the next attempt hears what was expected and what was got', async () => {
    const validation = await createValidation({ sandbox, threads: 1 });
    const provider = scriptedProvider(() => 'def add(a, b):\n    return a + b\n');
    await harness.worker({ provider, validation });
    const plan = await harness.plan({
      waves: [['adder'], ['suite']],
      edges: [['suite', 'adder']],
      draft: (name) => DRAFTS[name] ?? '',
      file: (name) => (name === 'suite' ? 'test_adder.py' : 'adder.py'),
    });
    await harness.start(plan);
    await harness.until(plan, 'completed');
    await validation.close();
    expect(await harness.atom(plan, 'adder')).toMatchObject({ attempts: 2, status: 'completed' });
    const heard = provider.requests[0]?.findings.map(({ message }) => message).join('\n');
    expect(heard).toContain('add(2, 3) == 5');
  });
});
