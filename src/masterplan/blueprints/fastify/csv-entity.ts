/** Export and import of one entity in the Fastify back end, and their tests. */
import { fileText } from '../layout.ts';
import type { EntityModel, FieldModel, ProjectModel } from '../model.ts';
import { mandatoryNames } from '../python-web/samples.ts';
import { knowsActor } from './bases.ts';
import { entityTest } from './tests-frame.ts';

function columnOf(field: FieldModel): string {
  if (field.type === 'boolean') return 'boolean';
  return field.type === 'integer' || field.type === 'decimal' ? 'number' : 'text';
}

function columnsOf(entity: EntityModel): [string, string][] {
  return [
    ...entity.fields.map((field): [string, string] => [field.name, columnOf(field)]),
    ...entity.relations.map(({ name }): [string, string] => [`${name}_id`, 'number']),
  ];
}

export function entityCsvRoutesFile(project: ProjectModel, entity: EntityModel): string {
  const args = knowsActor(project) ? 'session, actor' : 'session';
  const { names } = entity;
  const columns = columnsOf(entity).map(([name, column]) => `${name}: '${column}',`);
  return fileText(`
import type { FastifyPluginAsync } from 'fastify';
import type { CsvColumn } from '../csv-import.ts';
import type { Database } from '../db/database.ts';
import { ${names.pascal}Create, ${names.pascal}Query } from '../schemas/${names.kebab}.ts';
import { ${names.pascal}Service } from '../services/${names.kebab}.ts';
import { csvRoutes } from './csv-files.ts';

const COLUMNS: Record<string, CsvColumn> = {
  ${columns.join('\n  ')}
};

/** Export and import of ${names.humanPlural}. */
export function ${names.camel}CsvRoutes(database: Database): FastifyPluginAsync {
  return csvRoutes<${names.pascal}Create>(database, {
    tags: ['${names.humanPlural}'],
    columns: COLUMNS,
    create: ${names.pascal}Create,
    query: ${names.pascal}Query,
    open: (${args}) => new ${names.pascal}Service(${args}),
  });
}
`);
}

export function entityCsvTestFile(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  const header = ['id', ...columnsOf(entity).map(([name]) => name)].join(',');
  const [mandatory] = mandatoryNames(entity);
  const other = columnsOf(entity).find(([name]) => name !== mandatory)?.[0];
  const lacking =
    mandatory === undefined || other === undefined
      ? ''
      : `
  it('says which line lacks a field, and stores nothing', async () => {
    const columns = Object.keys(await ${names.camel}Values(service.database)).filter((name) => !name.endsWith('_ids'));
    const values = await ${names.camel}Values(service.database);
    const row = columns.map((name) => (name === '${mandatory}' ? '' : String(Object(values)[name])));

    const response = await send(formatCsv([columns, row]));

    expect(response.statusCode).toBe(422);
    expect(response.json().errors[0].field).toBe('line 2: ${mandatory}');
    expect((await service.send('GET', URL)).json().total).toBe(0);
  });
`;
  const body = `
  function send(text: string) {
    return service.sendText('POST', \`\${URL}/import\`, text);
  }

  it('exports all records with their fields', async () => {
    const { id } = await make${names.pascal}(service.database);

    const response = await service.send('GET', \`\${URL}/export\`);

    expect(response.headers['content-type']).toContain('text/csv');
    const [first, second] = response.body.split('\\r\\n');
    expect(first).toBe('${header}');
    expect(second).toMatch(new RegExp(\`^\${id},\`));
  });

  it('imports what it would export', async () => {
    const values = await ${names.camel}Values(service.database);
    const columns = Object.keys(values);

    const response = await send(formatCsv([columns, columns.map((name) => Object(values)[name])]));

    expect(response.json()).toEqual({ created: 1 });
    expect((await service.send('GET', URL)).json().items[0]).toMatchObject(values);
  });
${lacking}
  it.each(['id', 'unheard_of'])('refuses the column %s', async (column) => {
    const response = await send(\`\${column}\\r\\n1\\r\\n\`);

    expect(response.statusCode).toBe(422);
    expect(response.json().errors[0].field).toBe(\`line 1: \${column}\`);
  });
`;
  return fileText(
    entityTest(project, entity, `CSV files of ${names.humanPlural}`, body).replace(
      "import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';\n",
      "import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';\nimport { formatCsv } from '../src/csv.ts';\n",
    ),
  );
}
