import { describe, expect, it } from 'vitest';
import { readyComponents } from '../../../src/execution/validate-components.ts';

describe('components that level 3 can check', () => {
  const file = (path: string, accepted = true) => ({ path, accepted });

  it('are folders whose files are all accepted', () => {
    const ready = readyComponents(
      [file('main.py'), file('app/a.py'), file('app/b.py', false), file('web/src/c.ts')],
      [],
    );
    expect([...ready]).toEqual([
      ['.', ['main.py']],
      ['web/src', ['web/src/c.ts']],
    ]);
  });

  it('are left alone while a file of theirs fails by itself', () => {
    const files = [file('app/a.py'), file('lib/b.py')];
    const ready = readyComponents(files, [
      { path: 'app/a.py', outcome: 'failed' },
      { path: 'lib/b.py', outcome: 'not_run' },
    ]);
    expect([...ready.keys()]).toEqual(['lib']);
  });
});
