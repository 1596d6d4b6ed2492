/** Relations of many with many in the tables, schemas, repositories and services of a Python back end. */
import { articleFor } from '../naming.ts';
import { bracketed, fileText, joined } from '../layout.ts';
import { keepsDeleted } from './soft-delete.ts';
import { entityNamed, type EntityModel, type ManyRelationModel, type ProjectModel } from '../model.ts';

/** Whether records of a project refer to others. */
export function hasRelations(project: ProjectModel): boolean {
  return project.entities.some(({ relations }) => relations.length > 0);
}

/** Whether records of a project refer to others or are linked with them. */
export function refersToRecords(project: ProjectModel): boolean {
  return hasRelations(project) || hasLinks(project);
}

/** Whether a project has relations of many with many. */
export function hasLinks(project: ProjectModel): boolean {
  return project.entities.some(({ many }) => many.length > 0);
}

/** The name of the table that holds the links, and of its variable. */
export function linkTable(entity: EntityModel, many: ManyRelationModel): string {
  return `${entity.names.snakePlural}_${many.name}`;
}

function linkColumn(entity: EntityModel, options: readonly string[]): string {
  const { snake, snakePlural } = entity.names;
  const key = `ForeignKey("${snakePlural}.id", ondelete="CASCADE")`;
  return bracketed('Column(', [`"${snake}_id"`, key, 'primary_key=True', ...options], ')', 4);
}

/** The definitions of the link tables of an entity. */
export function linkTables(project: ProjectModel, entity: EntityModel): string {
  return entity.many
    .map((many) => {
      const name = linkTable(entity, many);
      const target = entityNamed(project, many.target);
      const columns = [linkColumn(entity, []), linkColumn(target, ['index=True'])];
      return `${bracketed(`${name}: Any = Table(`, [`"${name}"`, 'Base.metadata', ...columns], ')')}\n\n`;
    })
    .join('');
}

/** The attributes that hold linked records. */
export function manyRelationships(project: ProjectModel, entity: EntityModel): string[] {
  return entity.many.map((many) => {
    const { pascal, snake } = entityNamed(project, many.target).names;
    const table = linkTable(entity, many);
    const items = [
      `"${pascal}"`,
      `secondary=${table}`,
      ...(keepsDeleted(project) ? [`secondaryjoin=kept("${pascal}", ${table}.c.${snake}_id)`] : []),
      'lazy="selectin"',
    ];
    return `    ${bracketed(`${many.name} = relationship(`, items, ')', 4)}`;
  });
}

/** The properties that name the ids of linked records. */
export function idProperties(entity: EntityModel): string {
  return entity.many
    .map(
      ({ name, singular }) => `
    @property
    def ${singular}_ids(self) -> list[int]:
        """The ids of the ${name.replaceAll('_', ' ')}, in the order of their labels."""
        return [record.id for record in by_label(self.${name})]
`,
    )
    .join('');
}

/** Conditions of lists that are narrowed to the records linked with one. */
export function linkConditions(entity: EntityModel): string {
  return entity.many
    .map(
      ({ name, singular }) => `
        if filters.${singular}_id is not None:
            conditions.append(${entity.names.pascal}.${name}.any(id=filters.${singular}_id))`,
    )
    .join('');
}

/** The method that says where to find what the fields refer to. */
export function referencesMethod(project: ProjectModel, entity: EntityModel): string {
  const tableOf = (target: string) => `self.${entityNamed(project, target).names.snakePlural}`;
  const items = [
    ...entity.relations.map(({ name, target }) => `"${name}_id": ${tableOf(target)}`),
    ...entity.many.map(({ singular, target }) => `"${singular}_ids": ${tableOf(target)}`),
  ];
  if (items.length === 0) return '';
  return `
    def references(self) -> dict[str, Repository[Any]]:
        """Where to find what the fields of ${articleFor(entity.names.human)} ${entity.names.human} refer to."""
        ${bracketed('return {', items, '}', 8)}
`;
}

/** The method that puts linked records in the place of their ids. */
export function resolveMethod(project: ProjectModel, entity: EntityModel): string {
  if (entity.many.length === 0) return '';
  const steps = entity.many.map(({ name, singular, target }) => {
    const table = entityNamed(project, target).names.snakePlural;
    return `        ${bracketed('link(', ['values', `"${singular}_ids"`, `"${name}"`, `self.${table}`], ')', 8)}`;
  });
  const names = entity.many.map(({ name }) => name.replaceAll('_', ' ')).join(' and ');
  return `
    def resolve(self, values: dict[str, Any]) -> dict[str, Any]:
        """The values with ${names} in the place of their ids."""
${joined(steps)}
        return values
`;
}

/** `backend/app/services/links.py`. */
export function linksFile(): string {
  return fileText(`
"""Linking records with any number of others."""

from typing import Any

from app.errors import InvalidInputError
from app.repositories.base import Repository

MAX_LINKS = 100


def link(values: dict[str, Any], ids_name: str, name: str, records: Repository[Any]) -> None:
    """Puts the records themselves in the place of their ids, where the values name any."""
    if ids_name in values:
        values[name] = linked_records(records, ids_name, values.pop(ids_name))


def linked_records(records: Repository[Any], field: str, ids: list[int]) -> list[Any]:
    """The records of the ids, each once; raises InvalidInputError where one is not there."""
    if len(ids) > MAX_LINKS:
        raise InvalidInputError(f"At most {MAX_LINKS} can be linked.", field)
    found = {record.id: record for record in records.of_ids(ids)}
    for record_id in ids:
        if record_id not in found:
            raise InvalidInputError(f"There is no record with id {record_id}.", field)
    return list(found.values())
`);
}
