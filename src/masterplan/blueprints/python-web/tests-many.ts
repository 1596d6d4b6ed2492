/** Tests of relations of many with many, below the web framework. */
import { bracketed } from '../layout.ts';
import { entityNamed, type EntityModel, type ProjectModel } from '../model.ts';

/** Tests for `test_<entity>_repository.py`. */
export function manyFilterTests(project: ProjectModel, entity: EntityModel): string {
  const { snake } = entity.names;
  return entity.many
    .map(({ name, singular, target }) => {
      const other = entityNamed(project, target).names.snake;
      return `

def test_filters_by_${singular}(session: Session) -> None:
    target = make_${other}(session)
    wanted = make_${snake}(session, ${name}=[target])
    make_${snake}(session, ${name}=[make_${other}(session)])

    ${bracketed('records, total = find(', ['session', `${singular}_id=target.id`], ')', 4)}

    assert records == [wanted]
    assert total == 1
`;
    })
    .join('');
}

/** Tests for `test_<entity>_service.py`. */
export function manyServiceTests(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  const fixtures = `session: Session, service: ${names.pascal}Service`;
  return entity.many
    .map(({ name, singular, target }) => {
      const other = entityNamed(project, target).names.snake;
      return `

def test_each_${singular}_must_exist(${fixtures}) -> None:
    values = ${names.snake}_values(session, ${singular}_ids=[999])

    with pytest.raises(InvalidInputError) as caught:
        service.create(${names.pascal}Create(**values))

    assert caught.value.field == "${singular}_ids"


def test_${name}_are_replaced(${fixtures}) -> None:
    record = make_${names.snake}(session, ${name}=[make_${other}(session)])
    other = make_${other}(session)
    payload = ${names.pascal}Update(${singular}_ids=[other.id, other.id])

    changed = service.update(record.id, payload)

    assert changed.${name} == [other]


def test_${name}_stay_where_a_change_does_not_name_them(${fixtures}) -> None:
    target = make_${other}(session)
    record = make_${names.snake}(session, ${name}=[target])

    changed = service.update(record.id, ${names.pascal}Update())

    assert changed.${name} == [target]


def test_a_removed_${singular}_takes_its_links_along(${fixtures}) -> None:
    target = make_${other}(session)
    record = make_${names.snake}(session, ${name}=[target])

    session.delete(target)
    session.commit()

    assert service.fresh(record).${name} == []
`;
    })
    .join('');
}
