/** Names that the modules of one entity share. */
import { filterFields, searchFields } from '../filters.ts';
import { entityNamed, type EntityModel, type FieldModel, type ProjectModel } from '../model.ts';
import { articleFor, namesOf } from '../naming.ts';

/** Constant with the allowed values of an enum field: `BOOK_KINDS`. */
export function valuesName(entity: EntityModel, field: FieldModel): string {
  return `${entity.names.snake}_${namesOf(field.name).snakePlural}`.toUpperCase();
}

/** Constants of all enum fields of an entity. */
export function valuesNames(entity: EntityModel): string[] {
  return entity.fields.filter((field) => field.type === 'enum').map((field) => valuesName(entity, field));
}

/** Table constant of a relation of many with many: `bookTags`. */
export function linkTable(entity: EntityModel, many: EntityModel['many'][number]): string {
  return `${entity.names.camel}${namesOf(many.name).pascal}`;
}

/** Name of that table in the database: `book_tags`. */
export function linkTableName(entity: EntityModel, many: EntityModel['many'][number]): string {
  return `${entity.names.snake}_${many.name}`;
}

/** The entities that an entity refers to or is linked with, once each and without itself. */
export function otherTargets(project: ProjectModel, entity: EntityModel): EntityModel[] {
  const names = [...entity.relations, ...entity.many].map(({ target }) => target);
  return [...new Set(names)].filter((name) => name !== entity.names.pascal).map((name) => entityNamed(project, name));
}

/** Whether lists of the entity take parameters beside page and order. */
export function hasFilters(entity: EntityModel): boolean {
  return filterFields(entity).length + searchFields(entity).length + entity.relations.length + entity.many.length > 0;
}

/** `a book`, `an author`. */
export function aHuman(entity: EntityModel): string {
  return `${articleFor(entity.names.human)} ${entity.names.human}`;
}

/** The relations that make up the label of an entity without a display text. */
export function labelRelations(entity: EntityModel): EntityModel['relations'] {
  return entity.relations.filter((relation) => relation.required).slice(0, 2);
}

/** Import statements in the order of their paths, without the empty ones. */
export function imports(lines: Readonly<Record<string, readonly string[]>>): string {
  return Object.entries(lines)
    .filter(([, names]) => names.length > 0)
    .map(([path, names]) => `import { ${[...new Set(names)].join(', ')} } from '${path}';`)
    .join('\n');
}
