/** The feature \`seed\` of the Fastify back end: sample records in empty tables. */
import { sampleDay } from '../python-web/samples.ts';
import { fileText } from '../layout.ts';
import { entityNamed, type EntityModel, type FieldModel, type ProjectModel } from '../model.ts';
import { labelOf, namesOf } from '../naming.ts';

/** Sample records of each kind. */
const SAMPLES = 3;

/** A value in terms of \`number\`, which counts the records from 1. */
function sampleValue(entity: EntityModel, field: FieldModel): string {
  const day = sampleDay(entity, field);
  switch (field.type) {
    case 'text':
    case 'longtext':
      return field.maxLength < 40 ? 'String(number)' : `\`${labelOf(field.name)} \${number}\``;
    case 'integer':
    case 'decimal':
      return field.min <= 1 && field.max >= SAMPLES ? 'number' : String(field.min);
    case 'boolean':
      return 'number % 2 === 0';
    case 'date':
      return `\`2024-05-\${${day} + number}\``;
    case 'datetime':
      return `\`2024-05-\${${day} + number}T12:00:00Z\``;
    case 'enum':
      return `'${field.values[0] ?? ''}'`;
  }
}

export function entitySeedFile(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  const required = entity.relations.filter((relation) => relation.required);
  const targets = [...new Set(required.map(({ target }) => entityNamed(project, target)))];
  const lists = targets.map(
    ({ names: target }) => `const ${target.camel}Page = await new ${target.pascal}Service(session).list({});`,
  );
  const members = [
    ...entity.fields.map((field) => `${field.name}: ${sampleValue(entity, field)},`),
    ...required.map(({ name, target }) => `${name}_id: pick(${namesOf(target).camel}Page.items, number),`),
  ];
  const usesNumber = members.some((member) => /\bnumber\b/.test(member));
  return fileText(`
import type { Session } from '../db/database.ts';
import { ${names.pascal}Service } from '../services/${names.kebab}.ts';
${targets.map(({ names: target }) => `import { ${target.pascal}Service } from '../services/${target.kebab}.ts';`).join('\n')}
${required.length > 0 ? "import { pick } from './pick.ts';" : ''}

/** Stores sample ${names.humanPlural} where there are none; says how many. */
export async function seed${names.pascalPlural}(session: Session): Promise<number> {
  const service = new ${names.pascal}Service(session);
  if ((await service.list({ limit: 1 })).total > 0) return 0;
  ${lists.join('\n  ')}
  const numbers = [${Array.from({ length: SAMPLES }, (_, index) => index + 1).join(', ')}];
  for (const ${usesNumber ? 'number' : '_number'} of numbers) {
    await service.create({
      ${members.join('\n      ')}
    });
  }
  return numbers.length;
}
`);
}

export function pickFile(): string {
  return fileText(`
/** The id of one of the records; the same number picks the same one. */
export function pick(records: { id: number }[], number: number): number {
  const record = records[number % records.length];
  if (record === undefined) throw new Error('There is no record to refer to.');
  return record.id;
}
`);
}

export function seedAllFile(project: ProjectModel): string {
  const seeds = project.entities.map(({ names }) => names);
  return fileText(`
import type { Session } from '../db/database.ts';
${seeds.map((names) => `import { seed${names.pascalPlural} } from './${names.kebab}.ts';`).join('\n')}

/** Stores sample records in empty tables, those that others refer to first; says how many of each kind. */
export async function seedAll(session: Session): Promise<Record<string, number>> {
  return {
    ${seeds.map((names) => `${names.snakePlural}: await seed${names.pascalPlural}(session),`).join('\n    ')}
  };
}
`);
}

export function seedCommandFile(): string {
  return fileText(`
import { openDatabase } from './db/database.ts';
import { seedAll } from './seed/all.ts';
import { readSettings } from './settings.ts';

const database = await openDatabase(readSettings(process.env).databaseUrl);
const counts = await database.write(seedAll);
database.close();
for (const [table, count] of Object.entries(counts)) {
  process.stdout.write(\`\${table}: \${count} sample records\\n\`);
}
`);
}

export function seedTestFile(project: ProjectModel): string {
  const tables = project.entities.map(({ names }) => names);
  const counts = (count: number): string => tables.map((names) => `${names.snakePlural}: ${count}`).join(', ');
  const last = tables.at(-1)?.kebabPlural ?? '';
  return fileText(`
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { seedAll } from '../src/seed/all.ts';
import { startService, type TestService } from './support/test-service.ts';

describe('seedAll', () => {
  let service: TestService;

  beforeEach(async () => {
    service = await startService();
  });

  afterEach(() => service.close());

  it('stores sample records in empty tables', async () => {
    const counts = await service.database.write(seedAll);

    expect(counts).toEqual({ ${counts(SAMPLES)} });
    expect((await service.send('GET', '/api/${last}')).json().total).toBe(${SAMPLES});
  });

  it('is safe to repeat', async () => {
    await service.database.write(seedAll);

    expect(await service.database.write(seedAll)).toEqual({ ${counts(0)} });
  });
});
`);
}
