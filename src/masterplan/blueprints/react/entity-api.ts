/** `src/api/<entities>.ts` and `src/forms/<entity>-values.ts`: types and conversions of one entity. */
import { bracketedTs, fileText, joined } from '../layout.ts';
import { entityNamed, type EntityModel, type FieldModel, type ManyRelationModel, type ProjectModel } from '../model.ts';
import { labelOf, namesOf, pluralOf } from '../naming.ts';
import { filterFields, searchFields } from '../filters.ts';
import { where } from './features/feature-file.ts';

/** `TodoPriority`. */
export function enumType(entity: EntityModel, field: FieldModel): string {
  return `${entity.names.pascal}${namesOf(field.name).pascal}`;
}

/** `TODO_PRIORITIES`. */
export function enumOptions(entity: EntityModel, field: FieldModel): string {
  const words = field.name.split('_');
  const plural = [...words.slice(0, -1), pluralOf(words.at(-1) ?? '')].join('_');
  return `${entity.names.snake}_${plural}`.toUpperCase();
}

/** True where the API may send or take null. */
export function isNullable(field: FieldModel): boolean {
  return !field.required && field.type !== 'boolean';
}

function valueType(entity: EntityModel, field: FieldModel): string {
  if (field.type === 'enum') return enumType(entity, field);
  if (field.type === 'boolean') return 'boolean';
  return field.type === 'integer' || field.type === 'decimal' ? 'number' : 'string';
}

function memberLines(entity: EntityModel): string {
  return entity.fields
    .map((field) => `  ${field.name}: ${valueType(entity, field)}${isNullable(field) ? ' | null' : ''};`)
    .join('\n');
}

function enumLines(entity: EntityModel, field: FieldModel): string {
  const values = field.values.map((value) => `'${value}'`);
  const flat = `export type ${enumType(entity, field)} = ${values.join(' | ')};`;
  const union =
    flat.length <= 100
      ? flat
      : `export type ${enumType(entity, field)} =\n${values.map((value) => `  | ${value}`).join('\n')};`;
  const options = field.values.map((value) => `  { value: '${value}', label: '${labelOf(value)}' },`).join('\n');
  const head = `export const ${enumOptions(entity, field)}: readonly { value: ${enumType(entity, field)}; label: string }[] = [`;
  const wrapped =
    head.length <= 100
      ? head
      : `export const ${enumOptions(entity, field)}: readonly {\n  value: ${enumType(entity, field)};\n  label: string;\n}[] = [`;
  return `
/** Allowed values of \`${field.name}\`. */
${union}

/** The same for selection lists. */
${wrapped}
${options}
];
`;
}

/** `tag_ids`: the member that lists the linked records. */
export function idsOf(many: ManyRelationModel): string {
  return `${many.singular}_ids`;
}

/** Names of the filters of a list, in the order of the filter bar. */
export function filterNames(entity: EntityModel): string[] {
  return [
    ...(searchFields(entity).length > 0 ? ['search'] : []),
    ...filterFields(entity).map((field) => field.name),
    ...entity.relations.map((relation) => `${relation.name}_id`),
    ...entity.many.map(({ singular }) => `${singular}_id`),
  ];
}

export function entityApiFile(project: ProjectModel, entity: EntityModel): string {
  const { names, relations, many } = entity;
  const readMany = many.map((one) => `  ${idsOf(one)}: number[];\n  ${one.name}: Reference[];`).join('\n');
  const sentMany = many.map((one) => `  ${idsOf(one)}: number[];`).join('\n');
  const readRelations = relations
    .map(({ name, required }) => {
      const none = required ? '' : ' | null';
      return `  ${name}_id: number${none};\n  ${name}: Reference${none};`;
    })
    .join('\n');
  const sentRelations = relations
    .map(({ name, required }) => `  ${name}_id: number${required ? '' : ' | null'};`)
    .join('\n');
  const filters = [...filterNames(entity), 'sort', where(project, 'soft_delete', 'deleted')]
    .filter((name) => name !== '')
    .map((name) => `  ${name}?: string;`)
    .join('\n');
  const enums = entity.fields.filter((field) => field.type === 'enum');
  const types = [names.pascal, `${names.pascal}Input`, `${names.pascal}Filters`];
  return fileText(`
import { createResource, type Reference } from './resource';
${enums.map((field) => enumLines(entity, field)).join('')}
/** A stored ${names.human}. */
export interface ${names.pascal} extends Reference {
${joined([memberLines(entity), readRelations, readMany, ...ownMembers(project)])}
}

/** What a client says of a ${names.human}. */
export interface ${names.pascal}Input {
${joined([memberLines(entity), sentRelations, sentMany])}
}

/** Which ${names.humanPlural} a list shows and in which order, as the query string carries it; what is missing or blank means any. */
export interface ${names.pascal}Filters {
${filters}
}

${resourceLine(entity, types)}
`);
}

function resourceLine(entity: EntityModel, types: readonly string[]): string {
  const head = `export const ${entity.names.camelPlural}Api = createResource`;
  const tail = `('/api/${entity.names.kebabPlural}');`;
  const flat = `${head}<${types.join(', ')}>${tail}`;
  if (flat.length <= 100) return flat;
  return `${head}<\n${types.map((type) => `  ${type}`).join(',\n')}\n>${tail.startsWith('(') ? tail : ''}`;
}

/** What every record has of its own. */
function ownMembers(project: ProjectModel): string[] {
  return [
    '  created_at: string;',
    '  updated_at: string;',
    where(project, 'soft_delete', '  /** When it was deleted; null while it is not. */\n  deleted_at: string | null;'),
    where(
      project,
      'audit',
      '  /** Who made and last changed it; null when nobody was signed in. */\n  created_by: string | null;\n  updated_by: string | null;',
    ),
  ];
}

// --- form values ---

function formDefault(field: FieldModel): string {
  const value = field.defaultValue;
  if (field.type === 'boolean') return String(value === true);
  return value === null ? "''" : `'${String(value)}'`;
}

function toForm(field: FieldModel, record: string): string {
  const source = `${record}.${field.name}`;
  switch (field.type) {
    case 'boolean':
      return source;
    case 'datetime':
      return `localTimeOf(${source})`;
    case 'integer':
    case 'decimal':
      return `textOf(${source})`;
    default:
      return isNullable(field) ? `textOf(${source})` : source;
  }
}

function toInput(entity: EntityModel, field: FieldModel): string {
  const source = `values.${field.name}`;
  const nullable = isNullable(field);
  switch (field.type) {
    case 'boolean':
      return source;
    case 'integer':
    case 'decimal':
      return nullable ? `numberOrNull(${source})` : `Number(${source})`;
    case 'enum':
      return nullable
        ? `textOrNull(${source}) as ${enumType(entity, field)} | null`
        : `${source} as ${enumType(entity, field)}`;
    case 'datetime':
      return nullable ? `instantOrNull(${source})` : `new Date(${source}).toISOString()`;
    case 'date':
    case 'text':
    case 'longtext':
      return nullable ? `textOrNull(${source})` : `${source}.trim()`;
  }
}

function rulesOf(entity: EntityModel, field: FieldModel): string[] {
  const order = entity.rules.find((rule) => rule.later === field.name);
  return [
    ...(field.required ? ['required'] : []),
    ...(field.type === 'text' || field.type === 'longtext' ? [`maxLength(${field.maxLength})`] : []),
    ...(field.type === 'integer' ? ['wholeNumber'] : []),
    ...(field.type === 'integer' || field.type === 'decimal' ? [`numberBetween(${field.min}, ${field.max})`] : []),
    ...(order === undefined ? [] : [`notBefore(values.${order.earlier}, '${namesOf(order.earlier).human}')`]),
  ];
}

function problemLines(entity: EntityModel): { lines: string[]; rules: string } {
  const checked = [
    ...entity.fields
      .map((field) => ({ name: field.name, rules: rulesOf(entity, field) }))
      .filter((entry) => entry.rules.length > 0),
    ...entity.relations
      .filter((relation) => relation.required)
      .map((relation) => ({ name: `${relation.name}_id`, rules: ['required'] })),
  ];
  const lines = checked.map(({ name, rules }) => {
    const flat = `${name}: firstProblem(values.${name}, [${rules.join(', ')}]),`;
    if (flat.length + 4 <= 100) return `    ${flat}`;
    return `    ${name}: firstProblem(values.${name}, [\n${rules.map((rule) => `      ${rule},`).join('\n')}\n    ]),`;
  });
  return { lines, rules: lines.join(' ') };
}

function emptyLines(entity: EntityModel): string {
  return joined([
    ...entity.fields.map((field) => `  ${field.name}: ${formDefault(field)},`),
    ...entity.relations.map((relation) => `  ${relation.name}_id: '',`),
    ...entity.many.map((many) => `  ${idsOf(many)}: [],`),
  ]);
}

function filledLines(entity: EntityModel): string {
  const { camel } = entity.names;
  return joined([
    ...entity.fields.map((field) => `    ${field.name}: ${toForm(field, camel)},`),
    ...entity.relations.map(
      ({ name, required }) =>
        `    ${name}_id: ${required ? `String(${camel}.${name}_id)` : `textOf(${camel}.${name}_id)`},`,
    ),
    ...entity.many.map((many) => `    ${idsOf(many)}: ${camel}.${idsOf(many)}.map(String),`),
  ]);
}

function inputLines(entity: EntityModel): string {
  return joined([
    ...entity.fields.map((field) => `    ${field.name}: ${toInput(entity, field)},`),
    ...entity.relations.map(
      ({ name, required }) =>
        `    ${name}_id: ${required ? `Number(values.${name}_id)` : `numberOrNull(values.${name}_id)`},`,
    ),
    ...entity.many.map((many) => `    ${idsOf(many)}: values.${idsOf(many)}.map(Number),`),
  ]);
}

function usedNames(text: string, candidates: readonly string[]): string[] {
  return candidates.filter((name) => new RegExp(`\\b${name}\\b`).test(text));
}

function importLine(names: readonly string[], module: string): string {
  return names.length === 0 ? '' : bracketedTs('import {', names, `} from '${module}';`);
}

function validateFunction(entity: EntityModel, lines: readonly string[]): string {
  const { pascal } = entity.names;
  const head = (parameter: string): string =>
    `export function validate${pascal}(${parameter}: ${pascal}Values): FormErrors<${pascal}Values> {`;
  if (lines.length === 0) return `/** Nothing in this form can be wrong. */\n${head('_values')}\n  return {};\n}`;
  return `/** The problems of the form, by field. */\n${head('values')}\n  return onlyProblems({\n${lines.join('\n')}\n  });\n}`;
}

export function entityValuesFile(entity: EntityModel): string {
  const { names } = entity;
  const { lines, rules } = problemLines(entity);
  const filled = filledLines(entity);
  const sent = inputLines(entity);
  const enums = entity.fields.filter((field) => field.type === 'enum').map((field) => enumType(entity, field));
  const types = [names.pascal, ...enums, `${names.pascal}Input`].sort();
  const members = joined([
    ...entity.fields.map((field) => `  ${field.name}: ${field.type === 'boolean' ? 'boolean' : 'string'};`),
    ...entity.relations.map((relation) => `  ${relation.name}_id: string;`),
    ...entity.many.map((many) => `  ${idsOf(many)}: string[];`),
  ]);
  const converters = usedNames(filled + sent, ['instantOrNull', 'localTimeOf', 'numberOrNull', 'textOf', 'textOrNull']);
  const checks = usedNames(rules, ['firstProblem', 'maxLength', 'notBefore', 'numberBetween']);
  const ruleImports = [
    ...checks,
    ...(lines.length > 0 ? ['onlyProblems'] : []),
    ...usedNames(rules, ['required', 'wholeNumber']),
  ];
  return fileText(`
${joined([
  bracketedTs('import type {', types, `} from '../api/${names.kebabPlural}';`),
  "import type { FormErrors } from '../hooks/use-form';",
  importLine(converters, './convert'),
  importLine(ruleImports, './rules'),
])}

/** A ${names.human} as the inputs of its form hold it. */
export interface ${names.pascal}Values {
${members}
}

/** The form of a new ${names.human}. */
export const EMPTY_${names.snake.toUpperCase()}: ${names.pascal}Values = {
${emptyLines(entity)}
};

/** The form of a stored ${names.human}. */
export function ${names.camel}Values(${names.camel}: ${names.pascal}): ${names.pascal}Values {
  return {
${filled}
  };
}

/** What the form says, as the API takes it. */
export function ${names.camel}Input(values: ${names.pascal}Values): ${names.pascal}Input {
  return {
${sent}
  };
}

${validateFunction(entity, lines)}
`);
}

/** The entities that an entity refers to, once each. */
export function targetsOf(project: ProjectModel, entity: EntityModel): EntityModel[] {
  return [...new Set([...entity.relations, ...entity.many].map(({ target }) => entityNamed(project, target)))];
}
