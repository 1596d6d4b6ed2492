/** `backend/src/services/<entity>.ts`: the rules around one entity. */
import { fileText } from '../layout.ts';
import { entityNamed, type EntityModel, type InverseRelation, inverseRelations, type ProjectModel } from '../model.ts';
import { namesOf } from '../naming.ts';
import { imports, otherTargets } from './entity-names.ts';
import { discardedWith, forgetting, keepsDeleted, trashMethods } from './soft-delete.ts';

const repositoryOf = (entity: EntityModel, target: EntityModel): string =>
  target === entity ? 'this.records' : `this.${target.names.camel}Repository`;

function restricting(project: ProjectModel, entity: EntityModel): InverseRelation[] {
  return inverseRelations(project, entity).filter(({ relation }) => relation.onDelete === 'restrict');
}

function checkMethod(project: ProjectModel, entity: EntityModel): string {
  const target = (name: string): string => repositoryOf(entity, entityNamed(project, name));
  const lines = [
    ...entity.relations.map(
      (relation) =>
        `await checkExist(${target(relation.target)}, '${relation.name}_id', [values.${relation.name}_id]);`,
    ),
    ...entity.many.map(
      (many) => `await checkExist(${target(many.target)}, '${many.singular}_ids', values.${many.singular}_ids ?? []);`,
    ),
    ...entity.rules.map((rule) => `checkOrder(values, '${rule.earlier}', '${rule.later}');`),
  ];
  if (lines.length === 0) return '';
  return `
  protected override async check(values: Partial<${entity.names.pascal}Create>): Promise<void> {
    ${lines.join('\n    ')}
  }
`;
}

function removalMethod(project: ProjectModel, entity: EntityModel): string {
  const lines = restricting(project, entity).map(({ child, relation }) => {
    const { names } = child;
    const method = keepsDeleted(project) ? 'countKept' : 'count';
    const count = `await ${repositoryOf(entity, child)}.${method}(eq(${names.camelPlural}.${relation.name}_id, id))`;
    return `checkUnused(${count}, '${names.human}', '${names.humanPlural}');`;
  });
  if (lines.length === 0) return '';
  return `
  protected override async checkRemoval(id: number): Promise<void> {
    ${lines.join('\n    ')}
  }
`;
}

function linkMethod(entity: EntityModel): string {
  if (entity.many.length === 0) return '';
  const lines = entity.many.map(
    ({ name, singular }) =>
      `if (values.${singular}_ids !== undefined) await this.records.${namesOf(name).camel}.replace(id, values.${singular}_ids);`,
  );
  return `
  protected override async link(id: number, values: Partial<${entity.names.pascal}Create>): Promise<void> {
    ${lines.join('\n    ')}
  }
`;
}

function presentMethod(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  const target = (name: string): string => repositoryOf(entity, entityNamed(project, name));
  const reads = [
    ...entity.relations.map(
      ({ name, target: to }) =>
        `const ${namesOf(name).camel}ById = await ${target(to)}.references(rows.map((row) => row.${name}_id));`,
    ),
    ...(entity.many.length > 0 ? ['const ids = rows.map((row) => row.id);'] : []),
    ...entity.many.map(
      ({ name, target: to }) =>
        `const ${namesOf(name).camel}ByOwner = await ${target(to)}.linked(this.records.${namesOf(name).camel}, ids);`,
    ),
  ];
  const members = [
    ...entity.relations.map(({ name }) => `${name}: referenceIn(${namesOf(name).camel}ById, row.${name}_id),`),
    ...entity.many.flatMap(({ name, singular }) => {
      const linked = `${namesOf(name).camel}ByOwner.get(row.id) ?? []`;
      return [`${singular}_ids: idsOf(${linked}),`, `${name}: ${linked},`];
    }),
  ];
  return `
  protected async present(rows: ${names.pascal}Row[]): Promise<${names.pascal}Read[]> {
    const labels = await this.records.labelsOf(rows);
    ${reads.join('\n    ')}
    return rows.map((row, index) => ({ ...row, label: labels[index] ?? '', ${members.join(' ')} }));
  }
`;
}

const list = (names: readonly string[]): string => `[${names.map((name) => `'${name}'`).join(', ')}] as const`;

export function serviceFile(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  const unique = entity.fields.filter((field) => field.unique).map((field) => field.name);
  const instants = entity.fields.filter((field) => field.type === 'datetime').map((field) => field.name);
  const discarded = discardedWith(project, entity);
  const children = [...restricting(project, entity).map(({ child }) => child), ...discarded];
  const isOther = (other: EntityModel): boolean => other !== entity;
  const asked = restricting(project, entity).map(({ child }) => child);
  const others = [
    ...new Set([...otherTargets(project, entity), ...[...asked, ...forgetting(project, entity)].filter(isOther)]),
  ];
  const parts = [
    ...others.map(({ names: other }) => [`${other.camel}Repository`, `${other.pascal}Repository`]),
    ...discarded.filter(isOther).map(({ names: other }) => [`${other.camel}Service`, `${other.pascal}Service`]),
  ];
  const own = parts.map(([name, type]) => `  private readonly ${name}: ${type};\n`);
  const made = parts.map(([name, type]) => `    this.${name} = new ${type}(session);\n`);
  const base = keepsDeleted(project) ? 'TrashService' : 'Service';
  const body = `
/** The rules around ${names.humanPlural}. */
export class ${names.pascal}Service extends ${base}<${names.pascal}Row, ${names.pascal}Create, ${names.pascal}Read, ${names.pascal}Query> {
  protected readonly noun = '${names.human}';
${unique.length > 0 ? `  protected override readonly unique = ${list(unique)};\n` : ''}${
    instants.length > 0 ? `  protected override readonly instants = ${list(instants)};\n` : ''
  }  protected readonly records: ${names.pascal}Repository;
${own.join('')}
  constructor(session: Session) {
    super();
    this.records = new ${names.pascal}Repository(session);
${made.join('')}  }
${checkMethod(project, entity)}${linkMethod(entity)}${removalMethod(project, entity)}${trashMethods(project, entity)}${presentMethod(project, entity)}}
`;
  const uses = (name: string): boolean => body.includes(`${name}(`);
  const tables = [...new Set(children)].map((child): [string, string[]] => [
    `../db/tables/${child.names.kebab}.ts`,
    [child.names.camelPlural],
  ]);
  const ownTable = `../db/tables/${names.kebab}.ts`;
  const tableImports = { [ownTable]: [`type ${names.pascal}Row`], ...Object.fromEntries(tables) };
  if (children.includes(entity)) tableImports[ownTable] = [`type ${names.pascal}Row`, names.camelPlural];
  return fileText(`
${imports({
  'drizzle-orm': uses('eq') ? ['eq'] : [],
  '../db/database.ts': ['type Session'],
  ...tableImports,
  [`../repositories/${names.kebab}.ts`]: [`${names.pascal}Repository`],
  ...Object.fromEntries(
    others.map(({ names: other }) => [`../repositories/${other.kebab}.ts`, [`${other.pascal}Repository`]]),
  ),
  '../repositories/repository.ts': uses('referenceIn') ? ['referenceIn'] : [],
  [`../schemas/${names.kebab}.ts`]: ['Create', 'Query', 'Read'].map((suffix) => `type ${names.pascal}${suffix}`),
  '../schemas/schema.ts': uses('idsOf') ? ['idsOf'] : [],
  './checks.ts': ['checkExist', 'checkOrder', 'checkUnused'].filter(uses),
  ...Object.fromEntries(
    discarded.filter(isOther).map(({ names: other }) => [`./${other.kebab}.ts`, [`${other.pascal}Service`]]),
  ),
  './service.ts': base === 'Service' ? ['Service'] : [],
  './trash.ts': base === 'Service' ? [] : [...['checkKept'].filter(uses), 'TrashService'],
}).replaceAll(
  /import \{ ((?:type \w+(?:, )?)+) \} from/g,
  (_, types: string) => `import type { ${types.replaceAll('type ', '')} } from`,
)}
${body}`);
}
