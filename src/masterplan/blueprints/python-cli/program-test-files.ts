/** Tests of the program as a whole, of reading values, and what all tests share. */
import { fileText } from '../layout.ts';
import type { ProjectModel } from '../model.ts';

const quoted = (text: string): string => JSON.stringify(text);

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
