/** Tests of the commands of each kind of record, and the records that they need. */
import { fileText } from '../layout.ts';
import { type EntityModel, entityNamed, type FieldModel, type ProjectModel } from '../model.ts';

const quoted = (text: string): string => JSON.stringify(text);

/** A text that the field takes; \`number\` tells records apart. */
function sampleText(entity: EntityModel, field: FieldModel, number: number): string {
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

/** What the tests of an entity share: its words, and a list that `test` adds to. */
function suiteOf(entity: EntityModel) {
  const { names } = entity;
  const tests: string[] = [];
  const test = (name: string, body: string) =>
    tests.push(`def test_${name}(run: Run) -> None:\n${body.replace(/^\n/, '').trimEnd()}`);
  return { names, command: quoted(names.kebab), add: `add_${names.snake}`, tests, test };
}

/** What every kind of record can do. */
function commonTests(entity: EntityModel): string[] {
  const { names, command, add, tests, test } = suiteOf(entity);
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
  return tests;
}

/** What single fields take and refuse. */
function fieldTests(entity: EntityModel): string[] {
  const { command, add, tests, test } = suiteOf(entity);
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
  return tests;
}

/** What fields must be to each other, and what a file of records must be. */
function recordTests(entity: EntityModel): string[] {
  const { names, command, add, tests, test } = suiteOf(entity);
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
  return tests;
}

/** What the commands of one kind of record must do. */
export function entityTestFile(entity: EntityModel): string {
  const { names, add } = suiteOf(entity);
  const tests = [...commonTests(entity), ...fieldTests(entity), ...recordTests(entity)];
  return fileText(`
"""Tests of the commands for ${names.humanPlural}."""

import json

from tests.conftest import Run
from tests.samples import ${add}

${['', ...tests].join('\n\n\n').trimStart()}
`);
}
