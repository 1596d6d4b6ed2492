/** Values of sample records: what a person might have typed, as Python source. */
import type { EntityModel, FieldModel } from '../model.ts';
import { labelOf } from '../naming.ts';
import { enumClass, enumMember } from './entity-model.ts';
import { sampleDay } from './samples.ts';

/** How many sample records a table gets. */
export const SAMPLE_COUNT = 3;

const PEOPLE = ['Ada Lovelace', 'Grace Hopper', 'Alan Turing'];
/** Entities whose records are people, as far as their names tell. */
const PERSON =
  /(author|customer|client|employee|member|person|patient|doctor|student|teacher|contact|agent|borrower|guest|user|keeper|candidate|attendee|player|speaker|artist|actor|driver|tenant|owner|volunteer|donor|nurse|trainer|instructor|manager|applicant)$/;

/** Texts by what their field is called. */
const TEXTS: readonly (readonly [RegExp, (number: number) => string])[] = [
  [/e_?mail/, (number) => `${['ada', 'grace', 'alan'][number - 1] ?? 'person'}@example.com`],
  [/phone|mobile/, (number) => `+1 555 010${number}`],
  [/website|url|link/, (number) => `https://example.com/${number}`],
  [/isbn/, (number) => `978-0-00-000000-${number}`],
  [/city|town/, (number) => ['Lisbon', 'Oslo', 'Kyoto'][number - 1] ?? 'Quito'],
  [/country/, (number) => ['Portugal', 'Norway', 'Japan'][number - 1] ?? 'Ecuador'],
  [
    /author_name|borrower|assignee|teacher_name|contact_name|person|owner/,
    (number) => PEOPLE[number - 1] ?? 'Somebody',
  ],
];

function textOf(entity: EntityModel, field: FieldModel, number: number): string {
  if (field.name === 'name' && PERSON.test(entity.names.snake)) return PEOPLE[number - 1] ?? 'Somebody';
  if (field.name === entity.display) return `${labelOf(entity.names.human)} ${number}`;
  const known = TEXTS.find(([pattern]) => pattern.test(field.name));
  return known === undefined ? `${labelOf(field.name)} ${number}` : known[1](number);
}

function within(field: FieldModel, value: number): number {
  return Math.min(Math.max(value, field.min), field.max);
}

function yearOf(field: FieldModel): number {
  return /born|birth/.test(field.name) ? 1980 : 2024;
}

function numberOf(field: FieldModel, number: number): number {
  if (field.type === 'decimal') return within(field, 9.5 * number);
  return within(field, /year/.test(field.name) ? 2010 + 5 * number : 3 * number);
}

/** The value of a field in the `number`th sample record, from 1. */
export function sampleValue(entity: EntityModel, field: FieldModel, number: number): string {
  const day = sampleDay(entity, field) + number;
  switch (field.type) {
    case 'text': {
      const text = textOf(entity, field, number);
      return JSON.stringify(text.length <= field.maxLength ? text : String(number));
    }
    case 'longtext': {
      const text = `A few words about ${entity.names.human} ${number}.`;
      return JSON.stringify(text.slice(0, field.maxLength));
    }
    case 'integer':
    case 'decimal':
      return String(numberOf(field, number));
    case 'boolean':
      return number % 2 === 1 ? 'True' : 'False';
    case 'date':
      return `dt.date(${yearOf(field)}, 5, ${day})`;
    case 'datetime':
      return `dt.datetime(${yearOf(field)}, 5, ${day}, ${8 + number}, tzinfo=dt.timezone.utc)`;
    case 'enum':
      return `${enumClass(entity, field)}.${enumMember(field.values[(number - 1) % field.values.length] ?? '')}`;
  }
}
