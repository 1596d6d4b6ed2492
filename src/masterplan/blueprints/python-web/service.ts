/** The service of one entity: its rules. */
import { bracketed, bracketedImport, joined } from '../layout.ts';
import { entityNamed, type EntityModel, inverseRelations, type ProjectModel } from '../model.ts';
import { articleFor } from '../naming.ts';
import { pythonText } from '../python-text.ts';
import { takesCsv } from './csv.ts';
import { referencesMethod, resolveMethod } from './many.ts';
import { discardedWith, forgettingEntities, keepsDeleted, trashMethods } from './soft-delete.ts';

function constructorLines(project: ProjectModel, entity: EntityModel): string {
  const targets = neighbours(project, entity).map(
    (other) => `        self.${other.names.snakePlural} = ${other.names.pascal}Repository(session)`,
  );
  return [`        super().__init__(session, ${entity.names.pascal}Repository(session))`, ...targets].join('\n');
}

/** Entities whose tables the service looks into: what this one refers to or is linked with, and what has to do with deleting it. */
function neighbours(project: ProjectModel, entity: EntityModel): EntityModel[] {
  const referred = [...entity.relations, ...entity.many].map(({ target }) => entityNamed(project, target));
  const referring = restricting(project, entity).map((inverse) => inverse.child);
  const forgetting = keepsDeleted(project) ? forgettingEntities(project, entity) : [];
  const unique = [...new Set([...referred, ...referring, ...forgetting])];
  return unique.sort((a, b) => (a.names.snake < b.names.snake ? -1 : 1));
}

function restricting(project: ProjectModel, entity: EntityModel) {
  return inverseRelations(project, entity).filter((inverse) => inverse.relation.onDelete === 'restrict');
}

function checkMethod(project: ProjectModel, entity: EntityModel): string {
  const exists = entity.relations.map((relation) => {
    const table = entityNamed(project, relation.target).names.snakePlural;
    const items = [`self.${table}`, `"${relation.name}_id"`, `values["${relation.name}_id"]`];
    return `        ${bracketed('check_exists(', items, ')', 8)}`;
  });
  const rules = entity.rules.map((rule) => `        check_order(values, "${rule.earlier}", "${rule.later}")`);
  if (exists.length + rules.length === 0) return '';
  return `
    def check(self, values: dict[str, Any]) -> None:
        """What ${articleFor(entity.names.human)} ${entity.names.human} refers to must exist${rules.length > 0 ? '; times must be in order' : ''}."""
${[...exists, ...rules].join('\n')}
`;
}

function deleteMethod(project: ProjectModel, entity: EntityModel): string {
  const inverses = restricting(project, entity);
  if (inverses.length === 0) return '';
  const checks = inverses.map(({ child, relation }) => {
    const table = `self.${child.names.snakePlural}`;
    const count = bracketed(
      `used = ${table}.${keepsDeleted(project) ? 'count_kept' : 'count'}(`,
      [`${child.names.pascal}.${relation.name}_id == record.id`],
      ')',
      8,
    );
    return `        ${count}\n        check_unused(used, "${child.names.human}", "${child.names.humanPlural}")`;
  });
  return `
    def check_delete(self, record: ${entity.names.pascal}) -> None:
        """${entity.names.human.charAt(0).toUpperCase()}${entity.names.human.slice(1)} records in use must stay."""
${checks.join('\n')}
`;
}

function settingsLines(entity: EntityModel): string {
  const tuple = (names: readonly string[]): string =>
    names.length === 1
      ? `("${names[0] ?? ''}",)`
      : bracketed(
          '(',
          names.map((name) => `"${name}"`),
          ')',
          4,
        );
  const required = [
    ...entity.fields.filter((field) => field.required || field.type === 'boolean').map((field) => field.name),
    ...entity.relations.filter((relation) => relation.required).map((relation) => `${relation.name}_id`),
    ...entity.many.map(({ singular }) => `${singular}_ids`),
  ];
  const unique = entity.fields.filter((field) => field.unique).map((field) => field.name);
  return joined([
    `    noun = "${entity.names.human}"`,
    required.length > 0 ? `    required = ${tuple(required)}` : '',
    unique.length > 0 ? `    unique = ${tuple(unique)}` : '',
  ]);
}

function serviceModules(
  entity: EntityModel,
  helpers: readonly string[],
  discarded: readonly EntityModel[],
  trash: boolean,
): string[] {
  const others = discarded.map(({ names }) => `from app.services.${names.snake} import ${names.pascal}Service`);
  const trashNames = ['TrashService', ...(entity.relations.length > 0 ? ['check_kept'] : [])];
  return [
    ...(helpers.length > 0 ? [`from app.services.base import ${helpers.join(', ')}`] : []),
    ...(entity.many.length > 0 ? ['from app.services.links import link'] : []),
    ...(trash ? [`from app.services.trash import ${trashNames.join(', ')}`] : []),
    ...others,
  ].sort();
}

function serviceImports(project: ProjectModel, entity: EntityModel): string {
  const trash = keepsDeleted(project);
  const discarded = trash ? discardedWith(project, entity) : [];
  const models = new Set([entity, ...restricting(project, entity).map((inverse) => inverse.child), ...discarded]);
  const repositories = new Set([entity, ...neighbours(project, entity)]);
  const helpers = [
    ...(trash ? [] : ['Service']),
    ...(entity.relations.length > 0 ? ['check_exists'] : []),
    ...(entity.rules.length > 0 ? ['check_order'] : []),
    ...(restricting(project, entity).length > 0 ? ['check_unused'] : []),
  ];
  const refers = entity.relations.length + entity.many.length > 0;
  const sorted = (set: Set<EntityModel>) => [...set].sort((a, b) => (a.names.snake < b.names.snake ? -1 : 1));
  return [
    ...sorted(models).map((other) => `from app.models.${other.names.snake} import ${other.names.pascal}`),
    ...[
      ...(refers && takesCsv(project) ? ['from app.repositories.base import Repository'] : []),
      ...sorted(repositories).map((other) =>
        bracketedImport(`app.repositories.${other.names.snake}`, [`${other.names.pascal}Repository`]),
      ),
    ].sort(),
    ...serviceModules(entity, helpers, discarded, trash),
  ].join('\n');
}

export function serviceFile(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  const check = checkMethod(project, entity);
  const references = takesCsv(project) ? referencesMethod(project, entity) : '';
  const resolve = resolveMethod(project, entity);
  const trash = trashMethods(project, entity);
  const standard = [
    trash.includes('dt.') ? 'import datetime as dt' : '',
    check + references + resolve === '' ? '' : 'from typing import Any',
  ];
  return pythonText(`
"""The rules around ${names.humanPlural}."""

${joined(standard)}

from sqlalchemy.orm import Session

${serviceImports(project, entity)}


class ${names.pascal}Service(${keepsDeleted(project) ? 'TrashService' : 'Service'}[${names.pascal}]):
    """Finds, creates, changes and deletes ${names.humanPlural}."""

${settingsLines(entity)}

    def __init__(self, session: Session) -> None:
${constructorLines(project, entity)}
${references}${check}${resolve}${deleteMethod(project, entity)}${trash}`).replace(/\n{4,}/g, '\n\n\n');
}
