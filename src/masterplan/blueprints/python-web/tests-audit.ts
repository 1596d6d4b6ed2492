/** Tests of the audit trail that do not need the web framework. */
import { entityNamed, type EntityModel, type ProjectModel } from '../model.ts';
import { fileText } from '../layout.ts';
import { has } from './feature-parts.ts';
import { changeableField, changedValue } from './samples.ts';

/** An entity with something to change, and that change. */
export interface AuditSample {
  readonly entity: EntityModel;
  readonly field: string;
  /** As JSON and Python have it. */
  readonly value: string;
}

/** What the tests of the trail change; null where nothing in the project can be changed in a simple way. */
export function auditSample(project: ProjectModel): AuditSample | null {
  for (const entity of project.entities) {
    const field = changeableField(entity);
    const value = field === null ? null : changedValue(entity, field);
    if (field !== null && value !== null) return { entity, field: field.name, value };
  }
  return null;
}

function updateTests({ entity, field, value }: AuditSample): string {
  const { snake, pascal } = entity.names;
  return `

def test_an_update_notes_the_values_before_and_after(session: Session) -> None:
    record = make_${snake}(session)
    service = ${pascal}Service(session)

    service.update(record.id, ${pascal}Update(${field}=${value}))
    service.update(record.id, ${pascal}Update(${field}=${value}))

    updates = [entry for entry in trail(session) if entry.action is AuditAction.UPDATE]
    assert [list(entry.changes) for entry in updates] == [["${field}"]]
    assert updates[0].changes["${field}"][1] == ${value}


def test_the_last_change_is_signed(session: Session) -> None:
    record = make_${snake}(session)
    info_of(session)["actor"] = "bob@example.com"

    ${pascal}Service(session).update(record.id, ${pascal}Update(${field}=${value}))

    assert (record.created_by, record.updated_by) == (None, "bob@example.com")
`;
}

function restoreTest(entity: EntityModel): string {
  const { snake, pascal } = entity.names;
  return `

def test_a_restored_record_is_noted(session: Session) -> None:
    record = make_${snake}(session)
    service = ${pascal}Service(session)

    service.delete(record.id)
    service.restore(record.id)

    actions = [entry.action for entry in trail(session)]
    assert actions == [AuditAction.CREATE, AuditAction.DELETE, AuditAction.RESTORE]
`;
}

interface Dependent {
  readonly parent: EntityModel;
  readonly child: EntityModel;
  readonly column: string;
  readonly rule: 'cascade' | 'set_null';
}

function dependentOf(project: ProjectModel): Dependent | null {
  for (const child of project.entities) {
    for (const { name, target, onDelete } of child.relations) {
      if (onDelete !== 'restrict' && target !== child.names.pascal)
        return { parent: entityNamed(project, target), child, column: `${name}_id`, rule: onDelete };
    }
  }
  return null;
}

function dependentTest({ parent, child, column, rule }: Dependent): string {
  const title = rule === 'cascade' ? 'what_goes_with_a_record_is_noted' : 'what_forgets_a_record_is_noted';
  const action = rule === 'cascade' ? 'DELETE' : 'UPDATE';
  return `

def test_${title}(session: Session) -> None:
    parent = make_${parent.names.snake}(session)
    child = make_${child.names.snake}(session, ${column}=parent.id)

    ${parent.names.pascal}Service(session).delete(parent.id)

    noted = [entry.action for entry in trail(session) if entry.entity == "${child.names.kebabPlural}"]
    assert child.id
    assert noted == [AuditAction.CREATE, AuditAction.${action}]
`;
}

function linkTest(project: ProjectModel): string {
  const entity = project.entities.find(({ many }) => many.length > 0);
  const many = entity?.many[0];
  if (entity === undefined || many === undefined) return '';
  const { snake, pascal } = entity.names;
  const target = entityNamed(project, many.target).names;
  return `

def test_changed_links_are_noted(session: Session) -> None:
    record, linked = make_${snake}(session), make_${target.snake}(session)

    ${pascal}Service(session).update(record.id, ${pascal}Update(${many.singular}_ids=[linked.id]))

    assert trail(session)[-1].changes["${many.name}"] == [[], [linked.id]]
`;
}

function importsOf(body: string, project: ProjectModel): string {
  const used = (name: string): boolean => new RegExp(`\\b${name}\\(`).test(body);
  const sorted = [...project.entities].sort((a, b) => (a.names.snake < b.names.snake ? -1 : 1));
  const schemas = sorted.filter(({ names }) => used(`${names.pascal}Update`));
  const services = sorted.filter(({ names }) => used(`${names.pascal}Service`));
  const factories = sorted.map(({ names }) => `make_${names.snake}`).filter(used);
  return [
    'from app.models.audit import AuditAction, AuditEntry',
    ...schemas.map(({ names }) => `from app.schemas.${names.snake} import ${names.pascal}Update`),
    ...services.map(({ names }) => `from app.services.${names.snake} import ${names.pascal}Service`),
    'from app.session_info import info_of',
    `from tests.factories import ${factories.join(', ')}`,
  ].join('\n');
}

export function auditTestFile(project: ProjectModel): string {
  const [entity] = project.entities;
  if (entity === undefined) return '';
  const { snake, pascal, kebabPlural } = entity.names;
  const sample = auditSample(project);
  const dependent = dependentOf(project);
  const body = `
def trail(session: Session) -> list[AuditEntry]:
    """All entries, oldest first."""
    return list(session.scalars(select(AuditEntry).order_by(AuditEntry.id)))


def test_a_new_record_is_noted(session: Session) -> None:
    info_of(session)["actor"] = "ada@example.com"

    record = make_${snake}(session)

    [entry] = [entry for entry in trail(session) if entry.entity == "${kebabPlural}"]
    assert (entry.action, entry.record_id) == (AuditAction.CREATE, record.id)
    assert entry.actor == record.created_by == record.updated_by == "ada@example.com"
    assert all(before is None for before, _ in entry.changes.values())


def test_a_deleted_record_is_noted_with_what_it_held(session: Session) -> None:
    record = make_${snake}(session)

    ${pascal}Service(session).delete(record.id)

    entry = trail(session)[-1]
    assert (entry.action, entry.record_id) == (AuditAction.DELETE, record.id)
    assert entry.changes


def test_what_is_taken_back_is_not_noted(session: Session) -> None:
    record = make_${snake}(session)
    noted = len(trail(session))

    session.delete(record)
    session.flush()
    session.rollback()

    assert len(trail(session)) == noted
${sample === null ? '' : updateTests(sample)}${has(project, 'soft_delete') ? restoreTest(entity) : ''}${dependent === null ? '' : dependentTest(dependent)}${linkTest(project)}`;
  return fileText(`
"""The audit trail."""

from sqlalchemy import select
from sqlalchemy.orm import Session

${importsOf(body, project)}

${body}`);
}
