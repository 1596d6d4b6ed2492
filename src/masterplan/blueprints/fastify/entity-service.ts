/** `backend/src/services/<entity>.ts`: the rules around one entity. */
import { fileText } from '../layout.ts';
import { entityNamed, type EntityModel, type InverseRelation, inverseRelations, type ProjectModel } from '../model.ts';
import { namesOf } from '../naming.ts';
import { imports, otherTargets } from './entity-names.ts';
import { hasAttachments, isAudited, keepsDeleted, knowsActor, serviceBase } from './bases.ts';
import { childrenOf, releaseMethod, releaseOf } from './release.ts';
import { restoreMethod } from './soft-delete.ts';

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

/** The method that shows the trail what a record is linked with; empty where there is no trail, or nothing is linked. */
function snapshotMethod(project: ProjectModel, entity: EntityModel): string {
  if (!isAudited(project) || entity.many.length === 0) return '';
  const members = entity.many.map(({ name }) => `${name}: await this.records.${namesOf(name).camel}.idsOf(row.id),`);
  return `
  protected override async snapshot(row: ${entity.names.pascal}Row): Promise<object> {
    return { ...row, ${members.join(' ')} };
  }
`;
}

/** A member of a service: its name, its type and how the constructor makes it. */
interface Part {
  readonly declaration: string;
  readonly made: string;
}

/** What other services and repositories a service works with. */
function partsOf(project: ProjectModel, entity: EntityModel): Part[] {
  const { names } = entity;
  const actor = isAudited(project) ? (knowsActor(project) ? ', actor' : ', null') : '';
  const { going, noting } = releaseOf(project, entity);
  const own = (name: string, type: string, args: string): Part => ({
    declaration: `  private readonly ${name}: ${type};\n`,
    made: `    this.${name} = new ${type}(${args});\n`,
  });
  const shared = (name: string, type: string, args: string): Part => ({
    declaration: `  protected readonly ${name}: ${type};\n`,
    made: `    this.${name} = new ${type}(${args});\n`,
  });
  return [
    shared('records', `${names.pascal}Repository`, 'session'),
    ...(isAudited(project) ? [shared('trail', 'Trail', `session, '${names.kebabPlural}'${actor}`)] : []),
    ...(hasAttachments(project) ? [shared('files', 'AttachedFiles', `session, '${names.kebabPlural}'`)] : []),
    ...repositoriesOf(project, entity).map(({ names: other }) =>
      own(`${other.camel}Repository`, `${other.pascal}Repository`, 'session'),
    ),
    ...childrenOf([...going, ...noting])
      .filter((child) => child !== entity)
      .map(({ names: other }) =>
        own(`${other.camel}Service`, `${other.pascal}Service`, knowsActor(project) ? 'session, actor' : 'session'),
      ),
  ];
}

/** The other entities whose records a service reads, or empties references of. */
function repositoriesOf(project: ProjectModel, entity: EntityModel): EntityModel[] {
  const { forgetting } = releaseOf(project, entity);
  const asked = childrenOf([...restricting(project, entity), ...forgetting]);
  return [...new Set([...otherTargets(project, entity), ...asked.filter((other) => other !== entity)])];
}

const list = (names: readonly string[]): string => `[${names.map((name) => `'${name}'`).join(', ')}] as const`;

export function serviceFile(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  const unique = entity.fields.filter((field) => field.unique).map((field) => field.name);
  const instants = entity.fields.filter((field) => field.type === 'datetime').map((field) => field.name);
  const { going, noting } = releaseOf(project, entity);
  const services = childrenOf([...going, ...noting]);
  const others = repositoriesOf(project, entity);
  const children = [...childrenOf(restricting(project, entity)), ...services];
  const parts = partsOf(project, entity);
  const base = serviceBase(project);
  const body = `
/** The rules around ${names.humanPlural}. */
export class ${names.pascal}Service extends ${base.name}<${names.pascal}Row, ${names.pascal}Create, ${names.pascal}Read, ${names.pascal}Query> {
  protected readonly noun = '${names.human}';
${unique.length > 0 ? `  protected override readonly unique = ${list(unique)};\n` : ''}${
    instants.length > 0 ? `  protected override readonly instants = ${list(instants)};\n` : ''
  }${parts.map(({ declaration }) => declaration).join('')}
  constructor(session: Session${knowsActor(project) ? ', actor: string | null = null' : ''}) {
    super();
${parts.map(({ made }) => made).join('')}  }
${checkMethod(project, entity)}${linkMethod(entity)}${removalMethod(project, entity)}${releaseMethod(project, entity)}${restoreMethod(project, entity)}${snapshotMethod(project, entity)}${presentMethod(project, entity)}}
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
  './attached-files.ts': hasAttachments(project) ? ['AttachedFiles'] : [],
  ...Object.fromEntries(
    services
      .filter((other) => other !== entity)
      .map(({ names: other }) => [`./${other.kebab}.ts`, [`${other.pascal}Service`]]),
  ),
  [base.module]: [...(keepsDeleted(project) ? ['checkKept'].filter(uses) : []), base.name],
  './trail.ts': isAudited(project) ? ['Trail'] : [],
}).replaceAll(
  /import \{ ((?:type \w+(?:, )?)+) \} from/g,
  (_, types: string) => `import type { ${types.replaceAll('type ', '')} } from`,
)}
${body}`);
}
