/** `backend/src/repositories/<entity>.ts`: reading and writing one table. */
import { fileText } from '../layout.ts';
import { filterFields, searchFields, sortNames } from '../filters.ts';
import { entityNamed, type EntityModel, type ProjectModel } from '../model.ts';
import { namesOf } from '../naming.ts';
import { keepsDeleted } from './bases.ts';
import { hasFilters, imports, labelRelations, linkTable } from './entity-names.ts';

function conditionMethod(project: ProjectModel, entity: EntityModel): string {
  const hasTrash = keepsDeleted(project);
  if (!hasFilters(entity) && !hasTrash) return '';
  const { names } = entity;
  const table = names.camelPlural;
  const searched = searchFields(entity).map((field) => `${table}.${field.name}`);
  const columns = [
    ...filterFields(entity).map(({ name }) => name),
    ...entity.relations.map(({ name }) => `${name}_id`),
  ];
  const entries = [
    ...(searched.length > 0 ? [`contains([${searched.join(', ')}], query.search),`] : []),
    ...columns.map((column) => `equals(${table}.${column}, query.${column}),`),
    ...entity.many.map((many) => `this.${namesOf(many.name).camel}.include(${table}.id, query.${many.singular}_id),`),
    ...(hasTrash ? ['this.inTrash(query.deleted),'] : []),
  ];
  return `
  override condition(query: ${names.pascal}Query): SQL | undefined {
    return and(
      ${entries.join('\n      ')}
    );
  }
`;
}

function labelsMethod(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  const head = `async labelsOf(rows: ${names.pascal}Row[]): Promise<string[]>`;
  if (entity.display !== null) return `  ${head} {\n    return rows.map((row) => row.${entity.display});\n  }\n`;
  const relations = labelRelations(entity);
  if (relations.length === 0) return `  ${head} {\n    return rows.map((row) => \`${names.human} \${row.id}\`);\n  }\n`;
  const reads = relations.map(({ name, target }) => {
    const repository = `${entityNamed(project, target).names.pascal}Repository`;
    return `const ${namesOf(name).camel}ById = await new ${repository}(this.session).references(rows.map((row) => row.${name}_id));`;
  });
  const parts = relations.map(({ name }) => `${namesOf(name).camel}ById.get(row.${name}_id)?.label`);
  return `  ${head} {
    ${reads.join('\n    ')}
    return rows.map((row) => [${parts.join(', ')}].join(' / '));
  }
`;
}

export function repositoryFile(project: ProjectModel, entity: EntityModel): string {
  const hasTrash = keepsDeleted(project);
  const { names } = entity;
  const table = names.camelPlural;
  const links = entity.many.map(
    (many) => `  readonly ${namesOf(many.name).camel} = new Links(this.session, ${linkTable(entity, many)});\n`,
  );
  const body = `
/** Stored ${names.humanPlural}. */
export class ${names.pascal}Repository extends ${hasTrash ? 'TrashRepository' : 'Repository'}<${names.pascal}Row, ${names.pascal}Query> {
${links.join('')}  protected readonly table = ${table};
  protected readonly sortable = {
    ${sortNames(entity)
      .map((name) => `${name}: ${table}.${name},`)
      .join('\n    ')}
  };
${conditionMethod(project, entity)}
${labelsMethod(project, entity)}}
`;
  const labelled =
    entity.display === null ? labelRelations(entity).map(({ target }) => entityNamed(project, target)) : [];
  const uses = (name: string): boolean => new RegExp(`\\b${name}\\(`).test(body);
  return fileText(`
${imports({
  'drizzle-orm': hasFilters(entity) || hasTrash ? ['and', 'type SQL'] : [],
  [`../db/tables/${names.kebab}.ts`]: [
    `type ${names.pascal}Row`,
    table,
    ...entity.many.map((many) => linkTable(entity, many)),
  ],
  [`../schemas/${names.kebab}.ts`]: [`type ${names.pascal}Query`],
  ...Object.fromEntries(labelled.map(({ names: target }) => [`./${target.kebab}.ts`, [`${target.pascal}Repository`]])),
  './links.ts': entity.many.length > 0 ? ['Links'] : [],
  './repository.ts': [...['contains', 'equals'].filter(uses), ...(hasTrash ? [] : ['Repository'])],
  './trash.ts': hasTrash ? ['TrashRepository'] : [],
}).replaceAll(/import \{ type (\w+) \} from/g, 'import type { $1 } from')}
${body}`);
}
