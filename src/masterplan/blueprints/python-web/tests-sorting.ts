/** Tests of sorting, below the web framework. */
import type { EntityModel, FieldModel } from '../model.ts';
import { enumClass, enumMember } from './entity-model.ts';

interface SortCase {
  readonly field: FieldModel;
  /** Python values, the first of which comes first. */
  readonly low: string;
  readonly high: string;
}

function pairOf(entity: EntityModel, field: FieldModel): readonly [string, string] | null {
  switch (field.type) {
    case 'text':
      return ['"1 first"', '"2 last"'];
    case 'integer':
    case 'decimal':
      return [String(Math.max(field.min, 1)), String(Math.min(field.max, Math.max(field.min, 1) + 1))];
    case 'date':
      return ['dt.date(2024, 5, 1)', 'dt.date(2024, 5, 2)'];
    case 'enum': {
      const [low, high] = [...field.values].sort();
      const member = (value = ''): string => `${enumClass(entity, field)}.${enumMember(value)}`;
      return [member(low), member(high)];
    }
    default:
      return null;
  }
}

function sortCase(entity: EntityModel): SortCase | null {
  for (const field of entity.fields) {
    const pair = field.type === 'text' && field.maxLength < 10 ? null : pairOf(entity, field);
    if (pair !== null && pair[0] !== pair[1]) return { field, low: pair[0], high: pair[1] };
  }
  return null;
}

function bothWaysTest(entity: EntityModel): string {
  const found = sortCase(entity);
  if (found === null) return '';
  const { field, low, high } = found;
  const { snake } = entity.names;
  return `

def test_sorts_by_${field.name}_both_ways(session: Session) -> None:
    last = make_${snake}(session, ${field.name}=${high})
    first = make_${snake}(session, ${field.name}=${low})

    assert sorted_by(session, "${field.name}") == [first, last]
    assert sorted_by(session, "-${field.name}") == [last, first]
`;
}

function emptyLastTest(entity: EntityModel): string {
  const optional = entity.fields.find(
    (field) => !field.required && field.type !== 'boolean' && field.type !== 'longtext',
  );
  if (optional === undefined) return '';
  const { snake } = entity.names;
  return `

def test_records_without_${optional.name}_come_last(session: Session) -> None:
    filled = make_${snake}(session)
    empty = make_${snake}(session, ${optional.name}=None)

    assert sorted_by(session, "${optional.name}") == [filled, empty]
    assert sorted_by(session, "-${optional.name}") == [filled, empty]
`;
}

/** Types whose sample value is the same in all records. */
const CONSTANT = new Set(['integer', 'decimal', 'boolean', 'date', 'datetime', 'enum']);

function tiesTest(entity: EntityModel): string {
  const constant = entity.fields.find((field) => CONSTANT.has(field.type));
  if (constant === undefined) return '';
  const { snake } = entity.names;
  return `

def test_of_equal_records_the_newest_comes_first(session: Session) -> None:
    older = make_${snake}(session)
    newer = make_${snake}(session)

    assert sorted_by(session, "${constant.name}") == [newer, older]
`;
}

/** Tests for `test_<entity>_repository.py`, with the helper that they call. */
export function sortTests(entity: EntityModel): string {
  const { pascal, humanPlural } = entity.names;
  const tests = bothWaysTest(entity) + emptyLastTest(entity) + tiesTest(entity);
  if (tests === '') return '';
  return `

def sorted_by(session: Session, sort: str) -> list[${pascal}]:
    """The first page of the ${humanPlural} in an order."""
    records, _ = ${pascal}Repository(session).page([], PageRequest(sort=sort))
    return records
${tests}`;
}
