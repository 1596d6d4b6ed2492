import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadConfig, renderEnvironmentExample, VARIABLE_SECTIONS } from '../../../src/config/index.ts';

const VARIABLES = VARIABLE_SECTIONS.flatMap((section) => section.variables);

/** Names of all variables that reading the configuration asks for. */
function namesRead(): string[] {
  const names = new Set<string>();
  const env = new Proxy<Record<string, string | undefined>>(
    {},
    {
      get: (_target, name) => {
        names.add(String(name));
        return undefined;
      },
    },
  );
  loadConfig(env, '/');
  return [...names].sort();
}

describe('the list of variables', () => {
  it('is what the program reads, no more and no less', () => {
    const listed = VARIABLES.flatMap(({ name, isSecret }) => (isSecret ? [name, `${name}_FILE`] : [name]));
    expect(listed.sort()).toEqual(namesRead());
  });

  it('names the real defaults', () => {
    for (const { name, standard } of VARIABLES)
      if (standard !== null) expect(loadConfig({ [name]: standard }, '/'), name).toEqual(loadConfig({}, '/'));
  });

  it('is what deploy/.env.example says', () => {
    const committed = readFileSync(new URL('../../../deploy/.env.example', import.meta.url), 'utf8');
    expect(committed).toBe(renderEnvironmentExample());
  });
});
