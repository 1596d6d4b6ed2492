/** Modules of the command-line tool that say what its records are, and their tests. */
import { fileText } from '../layout.ts';
import { type EntityModel, entityNamed, type FieldModel, NUMBER_BOUNDS, type ProjectModel } from '../model.ts';

const quoted = (text: string): string => JSON.stringify(text);

const KINDS: Readonly<Record<FieldModel['type'], string>> = {
  text: 'text',
  longtext: 'text',
  integer: 'integer',
  decimal: 'decimal',
  boolean: 'boolean',
  date: 'date',
  datetime: 'datetime',
  enum: 'choice',
};

function defaultOf({ type, defaultValue }: FieldModel): string | null {
  if (defaultValue === null) return null;
  if (type === 'boolean') return defaultValue === true ? '1' : '0';
  return type === 'decimal' ? quoted(String(defaultValue)) : JSON.stringify(defaultValue);
}

function fieldSource(field: FieldModel): string {
  const kind = KINDS[field.type];
  const bounds = NUMBER_BOUNDS[field.type === 'decimal' ? 'decimal' : 'integer'];
  const isNumber = kind === 'integer' || kind === 'decimal';
  const fallback = defaultOf(field);
  const parts = [
    quoted(field.name),
    kind === 'text' ? '' : `kind=${quoted(kind)}`,
    field.required ? 'required=True' : '',
    field.unique ? 'unique=True' : '',
    kind === 'text' && field.maxLength !== 200 ? `max_length=${field.maxLength}` : '',
    isNumber && field.min !== bounds.min ? `minimum=${field.min}` : '',
    isNumber && field.max !== bounds.max ? `maximum=${field.max}` : '',
    kind === 'choice' ? `choices=(${field.values.map(quoted).join(', ')},)` : '',
    fallback === null ? '' : `default=${fallback}`,
  ];
  return `Field(${parts.filter((part) => part !== '').join(', ')})`;
}

const ON_DELETE = { restrict: 'RESTRICT', cascade: 'CASCADE', set_null: 'SET NULL' } as const;

function relationSource(project: ProjectModel, relation: EntityModel['relations'][number]): string {
  const { names } = entityNamed(project, relation.target);
  const rule = ON_DELETE[relation.onDelete];
  const parts = [
    quoted(`${relation.name}_id`),
    'kind="reference"',
    relation.required ? 'required=True' : '',
    `refers_to=${quoted(names.snakePlural)}`,
    rule === 'SET NULL' ? '' : `on_delete=${quoted(rule)}`,
  ];
  return `Field(${parts.filter((part) => part !== '').join(', ')})`;
}

/** The module of one kind of record. */
export function entityFile(project: ProjectModel, entity: EntityModel, pkg: string): string {
  const { names } = entity;
  const fields = [
    ...entity.fields.map(fieldSource),
    ...entity.relations.map((relation) => relationSource(project, relation)),
  ];
  const orders = entity.rules.map(({ earlier, later }) => `(${quoted(earlier)}, ${quoted(later)}),`).join(' ');
  return fileText(`
"""What ${names.humanPlural} are made of."""

from ${pkg}.model import Entity, Field

${names.snake.toUpperCase()} = Entity(
    name=${quoted(names.human)},
    plural=${quoted(names.humanPlural)},
    table=${quoted(names.snakePlural)},
    fields=(
${fields.map((field) => `        ${field},`).join('\n')}
    ),${orders === '' ? '' : `\n    orders=(${orders}),`}
)
`);
}

/** The package that holds all kinds of records, by the name of their command. */
export function entitiesPackageFile(project: ProjectModel, pkg: string): string {
  const constants = project.entities.map(({ names }) => ({ constant: names.snake.toUpperCase(), names }));
  const imports = constants
    .toSorted((a, b) => (a.names.snake < b.names.snake ? -1 : 1))
    .map(({ constant, names }) => `from ${pkg}.entities.${names.snake} import ${constant}`);
  return fileText(`
"""All kinds of records, by the name of their command."""

${imports.join('\n')}

ENTITIES = {
${constants.map(({ constant, names }) => `    ${quoted(names.kebab)}: ${constant},`).join('\n')}
}
`);
}

/** A text that the field takes; \`number\` tells records apart. */
export function sampleText(entity: EntityModel, field: FieldModel, number: number): string {
  switch (field.type) {
    case 'text':
    case 'longtext':
      return (field.maxLength < 12 ? `${number}` : `sample ${number}`).slice(0, field.maxLength);
    case 'integer':
    case 'decimal':
      return String(Math.min(Math.max(3, Math.ceil(field.min)), Math.floor(field.max)));
    case 'boolean':
      return 'yes';
    case 'date':
      return entity.rules.some((rule) => rule.later === field.name) ? '2024-05-20' : '2024-05-10';
    case 'datetime':
      return entity.rules.some((rule) => rule.later === field.name) ? '2024-05-20T12:00' : '2024-05-10T12:00';
    case 'enum':
      return field.values[0] ?? '';
  }
}

const optionOf = (name: string): string => `--${name.replaceAll('_', '-')}`;

/** Functions that add one valid record of each kind, with what it refers to. */
export function samplesFile(project: ProjectModel): string {
  const functions = project.entities.map((entity) => {
    const { names } = entity;
    const given = entity.fields.filter((field) => field.required && field.defaultValue === null);
    const parents = entity.relations.filter((relation) => relation.required);
    const lines = parents.map(
      (relation) => `    ${relation.name} = add_${entityNamed(project, relation.target).names.snake}(run, number)`,
    );
    const values = [
      ...given.map((field) => {
        const isText = field.type === 'text' || field.type === 'longtext';
        const value = isText
          ? field.maxLength < 12
            ? 'str(number)'
            : 'f"sample {number}"'
          : quoted(sampleText(entity, field, 1));
        return `${quoted(optionOf(field.name))}, ${value}`;
      }),
      ...parents.map((relation) => `${quoted(optionOf(`${relation.name}_id`))}, ${relation.name}`),
    ];
    return `def add_${names.snake}(run: Run, number: int = 1) -> str:
    """Adds ${/^[aeiou]/.test(names.human) ? 'an' : 'a'} ${names.human}; gives its id."""
${lines.length > 0 ? `${lines.join('\n')}\n` : ''}    code, out, err = run(${[quoted(names.kebab), quoted('add'), ...values].join(', ')})
    assert code == 0, err
    return out.rsplit(" ", 1)[-1]`;
  });
  return fileText(`
"""Valid records for tests."""

from collections.abc import Callable

Run = Callable[..., tuple[int, str, str]]


${functions.join('\n\n\n')}
`);
}

/** What the commands of one kind of record must do. */
export function entityTestFile(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  const command = quoted(names.kebab);
  const add = `add_${names.snake}`;
  const tests: string[] = [];
  const test = (name: string, body: string) =>
    tests.push(`def test_${name}(run: Run) -> None:\n${body.replace(/^\n/, '').trimEnd()}`);

  test(
    'shows_what_was_added',
    `
    record = ${add}(run)
    code, out, _ = run(${command}, "show", record)
    assert code == 0
    assert f"id: {record}" in out.splitlines()
`,
  );
  test(
    'lists_in_all_formats',
    `
    ${add}(run, 1)
    ${add}(run, 2)
    assert len(json.loads(run(${command}, "list", "--format", "json")[1])) == 2
    assert len(run(${command}, "list", "--format", "csv")[1].splitlines()) == 3
    assert len(run(${command}, "list", "--limit", "1")[1].splitlines()) == 2
`,
  );
  test(
    'sorts_and_refuses_to_sort_by_what_is_not_there',
    `
    ${add}(run, 1)
    last = ${add}(run, 2)
    _, out, _ = run(${command}, "list", "--sort", "id", "--descending", "--format", "json")
    assert str(json.loads(out)[0]["id"]) == last
    assert run(${command}, "list", "--sort", "nothing")[0] == 1
`,
  );
  test(
    'removes_a_record_once',
    `
    record = ${add}(run)
    assert run(${command}, "remove", record)[0] == 0
    code, _, err = run(${command}, "remove", record)
    assert code == 1
    assert "there is no ${names.human}" in err
`,
  );
  test(
    'changes_nothing_unless_told_what',
    `
    record = ${add}(run)
    code, _, err = run(${command}, "edit", record)
    assert code == 1
    assert "nothing to change" in err
`,
  );
  const text = entity.fields.find((field) => field.type === 'text' && field.required && field.maxLength >= 12);
  if (text) {
    test(
      `edits_and_finds_by_${text.name}`,
      `
    record = ${add}(run)
    assert run(${command}, "edit", record, ${quoted(optionOf(text.name))}, "Changed")[0] == 0
    _, out, _ = run(${command}, "list", "--search", "change", "--format", "json")
    assert [row[${quoted(text.name)}] for row in json.loads(out)] == ["Changed"]
`,
    );
    test(
      `refuses_a_${text.name}_that_is_too_long`,
      `
    record = ${add}(run)
    code, _, err = run(${command}, "edit", record, ${quoted(optionOf(text.name))}, "x" * ${text.maxLength + 1})
    assert code == 1
    assert "at most ${text.maxLength} characters" in err
`,
    );
  }
  const needed = entity.fields.find((field) => field.required && field.defaultValue === null);
  if (needed)
    test(
      `needs_a_${needed.name}`,
      `
    code, _, err = run(${command}, "add")
    assert code == 1
    assert "a value is needed" in err
`,
    );
  const choice = entity.fields.find((field) => field.type === 'enum');
  if (choice)
    test(
      `refuses_an_unknown_${choice.name}`,
      `
    record = ${add}(run)
    code, _, err = run(${command}, "edit", record, ${quoted(optionOf(choice.name))}, "something else")
    assert code == 1
    assert ${quoted(choice.values[0] ?? '')} in err
`,
    );
  const number = entity.fields.find((field) => field.type === 'integer' || field.type === 'decimal');
  if (number)
    test(
      `refuses_a_${number.name}_that_is_no_number`,
      `
    record = ${add}(run)
    code, _, err = run(${command}, "edit", record, ${quoted(optionOf(number.name))}, "many")
    assert code == 1
    assert "is not a" in err
`,
    );
  const day = entity.fields.find((field) => field.type === 'date' || field.type === 'datetime');
  if (day)
    test(
      `refuses_a_${day.name}_that_is_no_date`,
      `
    record = ${add}(run)
    code, _, err = run(${command}, "edit", record, ${quoted(optionOf(day.name))}, "tomorrow")
    assert code == 1
    assert "like 2024-05-31" in err
`,
    );
  const [rule] = entity.rules;
  if (rule) {
    const time = entity.fields.find((field) => field.name === rule.later)?.type === 'datetime' ? 'T12:00' : '';
    test(
      `keeps_${rule.earlier}_before_${rule.later}`,
      `
    record = ${add}(run)
    code, _, err = run(
        ${command}, "edit", record,
        ${quoted(optionOf(rule.earlier))}, "2024-05-20${time}", ${quoted(optionOf(rule.later))}, "2024-05-10${time}",
    )
    assert code == 1
    assert "must not be before" in err
`,
    );
  }
  const [relation] = entity.relations;
  if (relation)
    test(
      `refuses_a_${relation.name}_that_is_not_there`,
      `
    record = ${add}(run)
    code, _, err = run(${command}, "edit", record, ${quoted(optionOf(`${relation.name}_id`))}, "999")
    assert code == 1
    assert "not there" in err
`,
    );
  const unique = entity.fields.find((field) => field.unique);
  if (!unique)
    test(
      'imports_what_it_exported',
      `
    ${add}(run, 1)
    ${add}(run, 2)
    file = run.folder / "export.csv"
    file.write_text(run(${command}, "list", "--format", "csv")[1], encoding="utf-8")
    code, out, _ = run(${command}, "import", str(file))
    assert (code, out) == (0, "added 2 ${names.humanPlural}")
`,
    );
  test(
    'imports_all_lines_or_none',
    `
    file = run.folder / "broken.csv"
    file.write_text("nothing\\nat all\\n", encoding="utf-8")
    code, _, err = run(${command}, "import", str(file))
    assert code == 1
    assert "line 2" in err
    assert json.loads(run(${command}, "list", "--format", "json")[1]) == []
`,
  );
  return fileText(`
"""Tests of the commands for ${names.humanPlural}."""

import json

from tests.conftest import Run
from tests.samples import ${add}

${['', ...tests].join('\n\n\n').trimStart()}
`);
}

/** Runs commands against a file of their own. */
export function conftestFile(pkg: string): string {
  return fileText(`
"""What tests share."""

from pathlib import Path

import pytest

from ${pkg}.cli import main


class Run:
    """Runs commands against a file of their own."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.capture = capture

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        """The exit code and what was printed, without the last line break."""
        code = main(["--file", str(self.folder / "records.db"), *arguments])
        out, err = self.capture.readouterr()
        return code, out.rstrip("\\n"), err.rstrip("\\n")


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """A program without records."""
    return Run(tmp_path, capsys)
`);
}

/** Tests of reading values and of what is shown. */
export function modelTestFile(pkg: string): string {
  return fileText(`
"""Tests of reading values."""

import pytest

from ${pkg}.errors import InputError
from ${pkg}.model import Entity, Field


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("text", " a ", "a"),
        ("integer", "-3", -3),
        ("decimal", "1.50", "1.50"),
        ("boolean", "Yes", 1),
        ("boolean", "off", 0),
        ("date", "2024-02-29", "2024-02-29"),
        ("datetime", "2024-05-31T12:00+02:00", "2024-05-31T10:00:00+00:00"),
        ("datetime", "2024-05-31T12:00Z", "2024-05-31T12:00:00+00:00"),
    ],
)
def test_reads_values(kind: str, text: str, value: object) -> None:
    assert Field("x", kind=kind).parse(text) == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("integer", "1.5"),
        ("decimal", "NaN"),
        ("decimal", "one"),
        ("boolean", "maybe"),
        ("date", "2023-02-29"),
        ("datetime", "noon"),
    ],
)
def test_refuses_other_texts(kind: str, text: str) -> None:
    with pytest.raises(InputError, match="^x: "):
        Field("x", kind=kind).parse(text)


def test_keeps_numbers_within_bounds() -> None:
    field = Field("x", kind="integer", minimum=1, maximum=5)
    assert field.parse("5") == 5
    with pytest.raises(InputError, match="at least 1"):
        field.parse("0")
    with pytest.raises(InputError, match="at most 5"):
        field.parse("6")


def test_gives_the_default_where_nothing_is_given() -> None:
    assert Field("x", default="a").parse("  ") == "a"
    assert Field("x").parse("") is None
    with pytest.raises(InputError, match="a value is needed"):
        Field("x", required=True).parse("")


def test_knows_its_fields() -> None:
    entity = Entity(name="thing", plural="things", table="things", fields=(Field("x"),))
    assert entity.field("x").name == "x"
    with pytest.raises(InputError, match="known are x"):
        entity.field("y")


def test_compares_times_of_a_record() -> None:
    fields = (Field("a", kind="date"), Field("b", kind="date"))
    entity = Entity(name="t", plural="ts", table="ts", fields=fields, orders=(("a", "b"),))
    entity.check({"a": "2024-01-01", "b": "2024-01-01"})
    entity.check({"a": "2024-01-02", "b": None})
    with pytest.raises(InputError, match="b: must not be before a"):
        entity.check({"a": "2024-01-02", "b": "2024-01-01"})
`);
}

/** Tests of what is shown, and of the program as a whole. */
export function programTestFile(pkg: string, project: ProjectModel): string {
  const [first] = project.entities;
  const command = quoted(first?.names.kebab ?? '');
  return fileText(`
"""Tests of the program as a whole and of what it shows."""

import subprocess
import sys
from pathlib import Path

import pytest

from ${pkg}.cli import default_path, main
from ${pkg}.output import as_table, render
from tests.conftest import Run


def test_shortens_long_values_of_a_table() -> None:
    table = as_table([{"id": 1, "text": "x" * 60}], ["id", "text"])
    assert table.splitlines()[1].endswith("…")
    assert len(table.splitlines()[1]) == len("id") + 2 + 40


def test_shows_empty_results_in_each_format() -> None:
    assert render([], ["id"], "json") == "[]"
    assert render([], ["id"], "csv") == "id"
    assert render([], ["id"], "table") == "id"


def test_starts_empty(run: Run) -> None:
    code, out, _ = run(${command}, "list", "--format", "json")
    assert (code, out) == (0, "[]")


def test_refuses_wrong_limits(run: Run) -> None:
    assert run(${command}, "list", "--limit", "0")[0] == 1
    assert run(${command}, "list", "--offset", "-1")[0] == 1


def test_refuses_a_file_of_something_else(run: Run) -> None:
    (run.folder / "records.db").write_text("not a database" * 100)
    code, _, err = run(${command}, "list")
    assert code == 1
    assert "not a database" in err


def test_wrong_usage_ends_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["no-such-command"])
    assert ended.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_takes_the_file_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("${pkg.toUpperCase()}_FILE", "/somewhere/records.db")
    assert default_path() == Path("/somewhere/records.db")


def test_runs_as_a_module(tmp_path: Path) -> None:
    arguments = ["--file", str(tmp_path / "records.db"), ${command}, "list"]
    command = [sys.executable, "-m", "${pkg}", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("id")
`);
}
