import { describe, expect, it } from 'vitest';
import { commandsOf } from '../../../src/validation/system/node-scripts.ts';

describe('commandsOf', () => {
  it('takes known programs apart, in their order', () => {
    expect(commandsOf('tsc --noEmit && vite build').commands).toEqual([
      ['node', '/deps/node_modules/typescript/bin/tsc', '--noEmit'],
      ['node', '/deps/node_modules/vite/bin/vite.js', 'build'],
    ]);
    expect(commandsOf('node --enable-source-maps dist/main.js').commands).toEqual([
      ['node', '--enable-source-maps', 'dist/main.js'],
    ]);
  });

  it.each(['tsup', 'tsc && rm -rf dist', '', 'constructor'])('does not run %j: a program is unknown', (script) => {
    expect(commandsOf(script)).toMatchObject({ commands: null });
  });

  it.each(['tsc; node x', 'node $(ls)', 'tsc & node x', 'tsc > log', 'node "a b"'])(
    'does not run %j: it needs a shell',
    (script) => {
      expect(commandsOf(script).problem).toContain('needs a shell');
    },
  );
});
