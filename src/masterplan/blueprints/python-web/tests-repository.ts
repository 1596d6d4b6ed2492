/** `backend/tests/test_<entity>_repository.py`. */
import { bracketed, bracketedImport } from '../layout.ts';
import { entityNamed, type EntityModel, type FieldModel, type ProjectModel } from '../model.ts';
import { pythonText } from '../python-text.ts';
import { filterFields, searchFields } from '../filters.ts';
import { enumClass, enumMember } from './entity-model.ts';
import { factoryImport } from './samples.ts';
import { manyFilterTests } from './tests-many.ts';
import { sortTests } from './tests-sorting.ts';

const call = (head: string, items: readonly string[], tail: string): string => bracketed(head, items, tail, 4);

function exactFilterTest(entity: EntityModel, field: FieldModel): string {
  const { names } = entity;
  const [wanted, other] =
    field.type === 'boolean'
      ? ['True', 'False']
      : field.values.slice(0, 2).map((value) => `${enumClass(entity, field)}.${enumMember(value)}`);
  if (wanted === undefined || other === undefined) return '';
  return `

def test_filters_by_${field.name}(session: Session) -> None:
    wanted = make_${names.snake}(session, ${field.name}=${wanted})
    make_${names.snake}(session, ${field.name}=${other})

    ${call('records, total = find(', ['session', `${field.name}=${wanted}`], ')')}

    assert records == [wanted]
    assert total == 1
`;
}

function relationFilterTests(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  return entity.relations
    .map((relation) => {
      const target = entityNamed(project, relation.target).names;
      const column = `${relation.name}_id`;
      return `

def test_filters_by_${relation.name}(session: Session) -> None:
    target = make_${target.snake}(session)
    wanted = make_${names.snake}(session, ${column}=target.id)
    make_${names.snake}(session, ${column}=make_${target.snake}(session).id)

    ${call('records, total = find(', ['session', `${column}=target.id`], ')')}

    assert records == [wanted]
    assert total == 1
`;
    })
    .join('');
}

function searchTests(entity: EntityModel): string {
  const { names } = entity;
  return searchFields(entity)
    .filter((field) => field.maxLength >= 20)
    .slice(0, 2)
    .map(
      (field) => `

def test_search_looks_into_${field.name}_whatever_the_case(session: Session) -> None:
    wanted = make_${names.snake}(session, ${field.name}="A rare Marmot")
    make_${names.snake}(session)

    records, _ = find(session, search="MARMOT")

    assert records == [wanted]


def test_search_takes_wildcards_in_${field.name}_literally(session: Session) -> None:
    wanted = make_${names.snake}(session, ${field.name}="100% sure")
    make_${names.snake}(session, ${field.name}="100 sure")

    records, _ = find(session, search="0% s")

    assert records == [wanted]
`,
    )
    .join('');
}

function testsOf(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  return `${bracketed('def find(', ['session: Session', '**filters: Any'], `) -> tuple[list[${names.pascal}], int]:`)}
    """The first page of the ${names.humanPlural} that pass the filters."""
    repository = ${names.pascal}Repository(session)
    conditions = repository.conditions(${names.pascal}Filters(**filters))
    return repository.page(conditions, PageRequest())


def test_finds_all_newest_first(session: Session) -> None:
    older = make_${names.snake}(session)
    newer = make_${names.snake}(session)

    records, total = find(session)

    assert records == [newer, older]
    assert total == 2


def test_a_page_holds_part_and_counts_all(session: Session) -> None:
    middle = [make_${names.snake}(session) for _ in range(3)][1]
    page = PageRequest(limit=1, offset=1)

    records, total = ${names.pascal}Repository(session).page([], page)

    assert records == [middle]
    assert total == 3


def test_a_deleted_record_is_gone(session: Session) -> None:
    record = make_${names.snake}(session)
    repository = ${names.pascal}Repository(session)

    repository.delete(record)

    assert repository.get(record.id) is None
${filterFields(entity)
  .map((field) => exactFilterTest(entity, field))
  .join(
    '',
  )}${relationFilterTests(project, entity)}${manyFilterTests(project, entity)}${searchTests(entity)}${sortTests(entity)}`;
}

export function repositoryTestFile(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  const enums = filterFields(entity).filter((field) => field.type === 'enum');
  const factories = [
    `make_${names.snake}`,
    ...[...entity.relations, ...entity.many].map((r) => `make_${entityNamed(project, r.target).names.snake}`),
  ];
  const tests = testsOf(project, entity);
  return pythonText(`
"""The table of ${names.humanPlural}: finding, filtering, sorting, paging."""

${tests.includes('dt.') ? 'import datetime as dt\n' : ''}from typing import Any

from sqlalchemy.orm import Session

${bracketedImport(`app.models.${names.snake}`, [names.pascal, ...enums.map((field) => enumClass(entity, field))].sort())}
from app.pagination import PageRequest
${bracketedImport(`app.repositories.${names.snake}`, [`${names.pascal}Filters`, `${names.pascal}Repository`])}
${factoryImport(factories)}


${tests}`);
}
