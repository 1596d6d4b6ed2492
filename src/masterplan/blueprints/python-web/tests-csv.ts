/** Tests of CSV below the web framework. */
import { bracketedImport } from '../layout.ts';
import { entityNamed, type EntityModel, type ProjectModel } from '../model.ts';
import { pythonText } from '../python-text.ts';
import { factoryImport } from './samples.ts';

/** `backend/tests/test_csv_import.py`: what holds for every kind of record. */
export function csvImportTestFile(): string {
  return pythonText(`
"""Reading CSV."""

import datetime as dt

import pytest
from pydantic import BaseModel

from app.errors import AppError, InvalidInputError
from app.schemas.base import Text200
from app.services import csv_import
from app.services.csv_cells import marked, unmarked
from app.services.csv_export import cell_of
from app.services.csv_import import read_lines, text_of


class Row(BaseModel):
    name: Text200
    born_on: dt.date | None = None
    weight: float = 1


def problems_of(text: str) -> list[str]:
    """Where a text is wrong."""
    with pytest.raises(AppError) as caught:
        read_lines(Row, text)
    return [problem["field"] for problem in caught.value.problems()]


def test_names_may_come_in_any_order() -> None:
    (line,) = read_lines(Row, "weight,name\\r\\n2.5,Ada\\r\\n")

    assert line.payload == Row(name="Ada", weight=2.5)


def test_empty_cells_take_the_default() -> None:
    (line,) = read_lines(Row, "name,born_on,weight\\nAda,,\\n")

    assert line.payload == Row(name="Ada")


def test_cells_may_hold_commas_quotes_and_lines() -> None:
    (line,) = read_lines(Row, 'name\\n"Ada, ""Countess""\\nLovelace"\\n')

    assert line.payload == Row(name='Ada, "Countess"\\nLovelace')


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@sum", "\\t=1", "'=1+1", "''-1"])
def test_what_a_spreadsheet_would_run_is_marked_and_comes_back(text: str) -> None:
    assert marked(text) == f"'{text}"
    assert unmarked(marked(text)) == text


@pytest.mark.parametrize("text", ["", "'", "Ada", "'Ada'", "a=b", "1-1"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert marked(text) == unmarked(text) == text


def test_numbers_are_numbers() -> None:
    assert cell_of(-5) == "-5"
    assert cell_of("-5") == "'-5"


def test_marks_are_no_part_of_what_is_read() -> None:
    (line,) = read_lines(Row, "name,weight\\n'=1+1,-5\\n")

    assert line.payload == Row(name="=1+1", weight=-5)


def test_texts_that_cannot_be_stored_are_refused() -> None:
    assert problems_of("name\\nAda\\n\\0\\n") == ["line 3: name"]


def test_blank_lines_do_not_count() -> None:
    assert [line.number for line in read_lines(Row, "name\\nAda\\n\\nGrace\\n")] == [2, 4]


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("", ["line 1"]),
        ("id,name\\n1,Ada\\n", ["line 1: id"]),
        ("name,shoe_size,name\\nAda,38,Ada\\n", ["line 1: shoe_size", "line 1: name"]),
        ("name\\nAda,38\\n", ["line 2"]),
        ('name\\n"Ada\\n', ["line 2"]),
        ("name,weight\\nAda,heavy\\n,2\\n", ["line 2: weight", "line 3: name"]),
    ],
)
def test_says_which_line_is_wrong(text: str, problems: list[str]) -> None:
    assert problems_of(text) == problems


def test_takes_no_more_lines_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_import, "MAX_LINES", 2)

    assert len(read_lines(Row, "name\\nAda\\nGrace\\n")) == 2
    with pytest.raises(InvalidInputError):
        read_lines(Row, "name\\nAda\\nGrace\\nJoan\\n")


def test_the_mark_of_spreadsheets_is_no_part_of_the_text() -> None:
    assert text_of("\\ufeffname\\n".encode()) == "name\\n"


def test_other_encodings_are_refused() -> None:
    with pytest.raises(InvalidInputError):
        text_of("Zoë".encode("latin-1"))
`);
}

function linkTest(project: ProjectModel, entity: EntityModel): string {
  const [many] = entity.many;
  if (many === undefined) return '';
  const { names } = entity;
  const { snake } = entityNamed(project, many.target).names;
  return `

def test_${many.name}_come_back(session: Session, service: ${names.pascal}Service) -> None:
    linked = [make_${snake}(session), make_${snake}(session)]
    make_${names.snake}(session, ${many.name}=linked)
    text = without_records(service)

    import_csv(service, ${names.pascal}Create, text)

    assert sorted(only_record(service).${many.singular}_ids) == [record.id for record in linked]
`;
}

function testsOf(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  const fixtures = `session: Session, service: ${names.pascal}Service`;
  const columns = [
    ...entity.fields.map(({ name }) => name),
    ...entity.relations.map(({ name }) => `${name}_id`),
    ...entity.many.map(({ singular }) => `${singular}_ids`),
  ];
  const compared = [...entity.fields.map(({ name }) => name), ...entity.relations.map(({ name }) => `${name}_id`)];
  return `
COLUMNS = [${columns.map((name) => `"${name}"`).join(', ')}]


@pytest.fixture
def service(session: Session) -> ${names.pascal}Service:
    """The service on the database of the test."""
    return ${names.pascal}Service(session)


def exported(service: ${names.pascal}Service) -> list[list[str]]:
    """The cells of all ${names.humanPlural} as CSV, oldest first."""
    text = export_csv(service, ${names.pascal}Create, ${names.pascal}Filters(), "id")
    return list(csv.reader(io.StringIO(text)))


def without_records(service: ${names.pascal}Service) -> bytes:
    """Exports the ${names.humanPlural} without their ids and removes them."""
    text = io.StringIO()
    csv.writer(text).writerows(cells[1:] for cells in exported(service))
    records, _ = service.records.page([], PageRequest())
    for record in records:
        service.records.delete(record)
    service.session.commit()
    return text.getvalue().encode()


def only_record(service: ${names.pascal}Service) -> ${names.pascal}:
    """The one ${names.human} that there is."""
    (record,), _ = service.records.page([], PageRequest())
    return record


def test_exports_a_line_for_each_record(${fixtures}) -> None:
    records = [make_${names.snake}(session), make_${names.snake}(session)]

    header, *lines = exported(service)

    assert header == ["id", *COLUMNS]
    assert [cells[0] for cells in lines] == [str(record.id) for record in records]


def test_what_is_exported_can_be_imported(${fixtures}) -> None:
    record = make_${names.snake}(session)
    names = (${compared.map((name) => `"${name}"`).join(', ')}${compared.length === 1 ? ',' : ''})
    before = [getattr(record, name) for name in names]
    text = without_records(service)

    assert import_csv(service, ${names.pascal}Create, text) == 1

    assert [getattr(only_record(service), name) for name in names] == before
${linkTest(project, entity)}${refusalTest(entity)}`;
}

/** Lines that the rules refuse after one that they take: nothing is stored. */
function refusalTest(entity: EntityModel): string {
  const unique = entity.fields.find((field) => field.unique);
  const relation = entity.relations.find(({ required }) => required);
  return [
    unique === undefined ? '' : uniqueTests(entity, unique.name),
    relation === undefined ? '' : unknownTest(entity, `${relation.name}_id`),
  ].join('');
}

const REFUSED = `
    with pytest.raises(InvalidLinesError) as caught:
        import_csv(service, CREATE, text.getvalue().encode())
`;

function uniqueTests(entity: EntityModel, field: string): string {
  const { names } = entity;
  return `

def test_lines_with_equal_${field}_values_are_refused(${fixturesOf(entity)}) -> None:
    make_${names.snake}(session)
    lines = list(csv.reader(io.StringIO(without_records(service).decode())))
    text = io.StringIO()
    csv.writer(text).writerows([*lines, lines[1]])
${REFUSED.replace('CREATE', `${names.pascal}Create`)}
    assert [problem["field"] for problem in caught.value.problems()] == ["line 3: ${field}"]
    assert service.records.count() == 0


def test_a_${field}_that_is_stored_already_is_refused(${fixturesOf(entity)}) -> None:
    make_${names.snake}(session)
    text = io.StringIO()
    csv.writer(text).writerows(cells[1:] for cells in exported(service))
${REFUSED.replace('CREATE', `${names.pascal}Create`)}
    assert [problem["field"] for problem in caught.value.problems()] == ["line 2: ${field}"]
    assert service.records.count() == 1
`;
}

function unknownTest(entity: EntityModel, field: string): string {
  const { names } = entity;
  // A second line with the values of the first would be refused for its unique ones.
  const rows = entity.fields.some(({ unique }) => unique) ? ['header', 'wrong'] : ['header', 'line', 'wrong'];
  return `

def test_a_line_with_an_unknown_${field}_is_refused(${fixturesOf(entity)}) -> None:
    make_${names.snake}(session)
    header, line = csv.reader(io.StringIO(without_records(service).decode()))
    wrong = [*line]
    wrong[COLUMNS.index("${field}")] = "999"
    text = io.StringIO()
    csv.writer(text).writerows([${rows.join(', ')}])
${REFUSED.replace('CREATE', `${names.pascal}Create`)}
    assert [problem["field"] for problem in caught.value.problems()] == ["line ${rows.length}: ${field}"]
    assert service.records.count() == 0
`;
}

function fixturesOf({ names }: EntityModel): string {
  return `session: Session, service: ${names.pascal}Service`;
}

/** `backend/tests/test_<entity>_csv.py`. */
export function csvTestFile(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  const tests = testsOf(project, entity);
  const candidates = project.entities.map((e) => `make_${e.names.snake}`);
  const imports = [
    ...(tests.includes('InvalidLinesError') ? ['from app.errors import InvalidLinesError'] : []),
    `from app.models.${names.snake} import ${names.pascal}`,
    'from app.pagination import PageRequest',
    bracketedImport(`app.repositories.${names.snake}`, [`${names.pascal}Filters`]),
    `from app.schemas.${names.snake} import ${names.pascal}Create`,
    ...[
      'from app.services.csv_export import export_csv',
      'from app.services.csv_import import import_csv',
      `from app.services.${names.snake} import ${names.pascal}Service`,
    ].sort(),
  ];
  return pythonText(`
"""${names.humanPlural.charAt(0).toUpperCase()}${names.humanPlural.slice(1)} as CSV."""

import csv
import io

import pytest
from sqlalchemy.orm import Session

${imports.join('\n')}
${factoryImport(candidates.filter((name) => new RegExp(`\\b${name}\\(`).test(tests)))}
${tests}`);
}
