/** What the test files of one entity begin with. */
import type { EntityModel, ProjectModel } from '../model.ts';
import { imports } from './entity-names.ts';

/** A test file around the tests of one entity: \`service\` is started for each of them. */
export function entityTest(project: ProjectModel, entity: EntityModel, title: string, body: string): string {
  const uses = (name: string): boolean => new RegExp(`\\b${name}\\(`).test(body);
  const factories = project.entities.map(({ names }): [string, string[]] => [
    `./support/${names.kebab}-factory.ts`,
    [`${names.camel}Values`, `make${names.pascal}`].filter(uses),
  ]);
  return `
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
${imports({
  ...Object.fromEntries(factories),
  './support/test-service.ts': ['startService', 'type TestService'],
})}

const URL = '/api/${entity.names.kebabPlural}';

describe('${title}', () => {
  let service: TestService;

  beforeAll(async () => {
    service = await startService();
  });

  afterEach(() => service.empty());

  afterAll(() => service.close());
${body}});
`;
}
