/** Reading a request in its own words. Matching is by words; what is not recognised is said, never guessed. */
import { MgeError } from '../../../domain/index.ts';
import { type EntityModel, type FeatureId, type ProjectModel, type Stack, withNeeds } from '../model.ts';
import { articleFor, labelOf, namesOf, singularOf, wordsOf } from '../naming.ts';
import { inDependencyOrder, entityOf, knownEntity } from './entities.ts';
import { BLUEPRINTS, blueprintOf } from '../registry.ts';
import {
  OPTIONAL_FEATURES,
  type OptionalFeature,
  OTHER_KINDS,
  SERVED_FEATURES,
  takeFeatures,
  takePhrases,
  UNSERVED_FEATURES,
} from './features.ts';
import { FieldTextError, parseField } from './field-text.ts';
import { lookUp } from './lookup.ts';
import { KNOWN_DOMAINS, KNOWN_NOUNS, type KnownDomain, type KnownNoun } from './nouns.ts';
import { servedRelations } from './many.ts';
import { placeOf, relate, takeRelations, type ToldRelation, withoutPlaces } from './relations.ts';
import { type Selection, selectNouns } from './selection.ts';
import { checkEntityNames, checkFeatureNames } from './reserved.ts';
import { takeStack } from './stack.ts';

/** A request as a project, with what was made of its words. */
export interface Understanding {
  readonly project: ProjectModel;
  readonly understood: readonly string[];
  readonly assumed: readonly string[];
  readonly leftOut: readonly string[];
}

/** What the offline blueprint can build, for refusals and documentation. */
export function abilities(): Record<string, unknown> {
  return {
    stacks: BLUEPRINTS.map(({ label, hasFrontend }) => (hasFrontend ? `${label}, with or without React` : label)),
    subjects: KNOWN_DOMAINS.map((domain) => domain.title),
    entities: KNOWN_NOUNS.map((known) => known.noun),
    own_entities:
      'in the request as "animals (name, species, born: date)", related by "each animal belongs to one keeper", or in spec.entities with typed fields and relations',
    features: [
      ...SERVED_FEATURES.map((feature) => feature.label),
      ...OPTIONAL_FEATURES.filter(({ id }) => BLUEPRINTS.some((card) => card.features.includes(id))).map(
        (feature) => feature.label,
      ),
    ],
  };
}

/** A refusal that lists what the blueprint can do. */
export function notServed(reason: string): MgeError {
  const subjects = KNOWN_DOMAINS.map((domain) => domain.title).join(', ');
  return new MgeError(
    'REQUEST_NOT_SERVED',
    `${reason} The blueprint provider builds ${BLUEPRINTS.map((card) => card.label).join(', ')} projects (front ends in React) around entities: known subjects (${subjects}), ` +
      'known entities such as todo, task, product or customer, or entities of your own in "spec" or written as "animals (name, born: date)".',
    { details: { can: abilities() } },
  );
}

/** Words that carry no subject of their own. */
const STOP_WORDS = new Set(
  `a an the and or of for to with without in on at by from as that which who where when is are be can could should would will must may
  i we you he she they it me us my our your their its his her this these those all each every any some more many few one two three
  build make create write develop design implement generate need want like please let lets provide give have has had do does using use
  uses used based made built app apps application applications web website websites site page pages system systems platform tool
  service services project software simple basic small large big full complete modern nice clean good great fast beautiful responsive
  production ready quality crud manage manages managing management manager tracker tracking track tracks keep organise organize
  organizer organiser list lists listing view views show shows see display displays add adds adding edit edits editing update updates
  delete deletes deleting remove removes store stores stored save saves also so plus then user users admin people person frontend
  backend front back end ends side client-side server ui ux interface stack fastapi react vite typescript python reactjs form forms
  table tables detail details record records data field fields item entry entries new own per via into about including include includes
  containing contain contains e g eg etc such between it's mark marks marking`.split(/\s+/),
);

interface WrittenEntities {
  readonly entities: readonly EntityModel[];
  readonly rest: string;
}

const WRITTEN_ENTITY = /([a-z][a-z-]*(?: [a-z][a-z-]*)?) ?\(([^()]*(?:\([^()]*\)[^()]*)*)\)/g;

/** Entities that the request spells out: `animals (name, species, born: date)`; `rest` has their places where they stood. */
function takeWrittenEntities(text: string): WrittenEntities {
  const entities: EntityModel[] = [];
  const rest = text.replace(WRITTEN_ENTITY, (whole: string, before: string, list: string) => {
    const noun = singularNoun(before);
    const fields = splitFields(list);
    if (noun === null || !isFieldList(fields)) return whole;
    entities.push(writtenEntity(noun, fields));
    const words = before.split(' ');
    const isPlural = singularOf(words.at(-1) ?? '') !== words.at(-1);
    const around = words.slice(0, -1).filter((word) => STOP_WORDS.has(word));
    return ` ${[...around, placeOf(entities.length - 1, isPlural)].join(' ')} `;
  });
  return { entities, rest };
}

function singularNoun(text: string): string | null {
  const words = text.split(' ');
  const last = words.pop() ?? '';
  if (STOP_WORDS.has(last)) return null;
  return [...words.filter((word) => !STOP_WORDS.has(word)), singularOf(last)].join(' ');
}

/** Whether what stands in parentheses is a list of fields rather than a remark. */
function isFieldList(parts: readonly string[]): boolean {
  const names = parts.map((part) =>
    part
      .replace(/[:!=].*$/, '')
      .trim()
      .split(' '),
  );
  const isName = (words: readonly string[]): boolean => words.length <= 4 && /^[a-z]/.test(words[0] ?? '');
  const saysSomething = names.some((words) => words.some((word) => !STOP_WORDS.has(word)));
  return parts.length > 0 && saysSomething && names.every(isName);
}

function splitFields(list: string): string[] {
  return list
    .split(/,(?![^()]*\))/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function writtenEntity(noun: string, fields: readonly string[]): EntityModel {
  try {
    const parsed = fields.map(parseField);
    const first = parsed.find((field) => field.type === 'text');
    const hasName = parsed.some((field) => field.type === 'text' && field.required);
    const named = parsed.map((field) => (field === first && !hasName ? { ...field, required: true } : field));
    return entityOf(noun, named, []);
  } catch (error) {
    if (error instanceof FieldTextError) throw notServed(`In "${noun} (${fields.join(', ')})": ${error.message}.`);
    throw error;
  }
}

/** `(many-to-many)`, `n:m`: said in one way, and not taken for a list of fields. */
const MANY_TO_MANY = /\(\s*(?:many[- ]to[- ]many|[mn][:-][mn])\s*\)|\bmany-to-many\b|\b[mn][:-][mn]\b/g;

/** Lower case, with everything but words, brackets and what fields are written with as blanks. */
function normalised(request: string): string {
  return request
    .normalize('NFKC')
    .replace(/\bto-do\b/gi, 'todo')
    .toLowerCase()
    .replace(MANY_TO_MANY, ' many to many ')
    .replace(/[^\p{L}\p{N}()|,:!.#+=_'-]+/gu, ' ');
}

function refuseOtherKinds(text: string): void {
  const { labels } = takeFeatures(text.replace(/[(),:!]/g, ' ').replace(/\s+/g, ' '), OTHER_KINDS);
  const [label] = labels;
  if (label !== undefined) throw notServed(`The request asks for ${label}, which is not served.`);
}

/** Runs of words that nothing was made of. */
function unknownPhrases(rest: readonly (string | null)[]): string[] {
  const phrases: string[][] = [[]];
  for (const word of rest) {
    if (word === null || STOP_WORDS.has(word) || /^\d+$/.test(word)) phrases.push([]);
    else phrases.at(-1)?.push(word);
  }
  const texts = phrases.filter((words) => words.length > 0).map((words) => words.join(' '));
  return [...new Set(texts)].slice(0, 10);
}

function describe(entity: EntityModel): string {
  const fields = entity.fields.map((field) => field.name.replaceAll('_', ' '));
  const relations = entity.relations.map(
    (relation) =>
      `${relation.name.replaceAll('_', ' ')} (${articleFor(relation.target)} ${namesOf(relation.target).human})`,
  );
  const many = entity.many.map(({ name, target }) => {
    const { humanPlural } = namesOf(target);
    const human = name.replaceAll('_', ' ');
    return human === humanPlural ? `many ${human}` : `${human} (many ${humanPlural})`;
  });
  return `${labelOf(entity.names.human)}: ${[...fields, ...relations, ...many].join(', ')}`;
}

/** What a project is made with beside its entities. */
export interface Make {
  readonly stack: Stack;
  readonly features: readonly FeatureId[];
}

/** The project of a set of entities; refuses names that the generated code cannot bear. */
export function projectOf(title: string, entities: readonly EntityModel[], make: Make): ProjectModel {
  const ordered = inDependencyOrder(entities);
  if (ordered === null) throw notServed('The relations between the entities form a circle.');
  const features = withNeeds(make.features);
  checkEntityNames(ordered, notServed);
  checkFeatureNames(ordered, features, notServed);
  const slug = wordsOf(title).join('-').slice(0, 50).replace(/-+$/, '') || 'project';
  return { ...make, features, title, slug, entities: ordered };
}

function titleOf(selection: Selection, entities: readonly EntityModel[]): string {
  if (selection.title !== null) return selection.title;
  const [first] = entities;
  if (entities.length === 1 && first !== undefined) return `${labelOf(first.names.human)} app`;
  return labelOf(
    entities
      .map((entity) => entity.names.humanPlural)
      .slice(0, 3)
      .join(' and '),
  );
}

function buildEntities(nouns: readonly KnownNoun[], written: readonly EntityModel[]): EntityModel[] {
  const own = new Set(written.map((entity) => entity.names.pascal));
  const known = nouns.filter((noun) => !own.has(namesOf(noun.noun).pascal));
  const present = new Set([...own, ...known.map((noun) => namesOf(noun.noun).pascal)]);
  return [...known.map((noun) => knownEntity(noun, present)), ...written];
}

/** One line per entity with its fields and relations. */
export function describeProject(project: ProjectModel): string[] {
  return project.entities.map(describe);
}

interface Words {
  readonly written: readonly EntityModel[];
  readonly relations: readonly ToldRelation[];
  readonly nouns: readonly KnownNoun[];
  readonly domains: readonly KnownDomain[];
  readonly served: readonly string[];
  readonly leftOut: readonly string[];
  readonly assumed: readonly string[];
  readonly make: Make;
}

/** Stands between words that are no longer neighbours because something was recognised there. */
const GAP = '|';

function readWords(request: string): Words {
  const text = normalised(request);
  const written = takeWrittenEntities(text);
  const told = takeRelations(written.rest, written.entities);
  refuseOtherKinds(withoutPlaces(written.rest));
  const plain = told.rest
    .replace(/[(),:!.|=#]/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  const chosen = takeStack(plain);
  const served = takeFeatures(chosen.rest, SERVED_FEATURES);
  const early = takePhrases(served.rest);
  const looked = lookUp(early.rest.split(' ').filter((word) => word !== ''));
  const optional = takeFeatures(looked.rest.map((word) => word ?? GAP).join(' '), OPTIONAL_FEATURES);
  const wanted = splitFeatures(onceEach([...early.found, ...optional.found]), chosen.stack);
  const unserved = takeFeatures(optional.rest, UNSERVED_FEATURES);
  const unknown = unknownPhrases(unserved.rest.split(/\s+/).map((word) => (word === GAP || word === '' ? null : word)));
  return {
    written: written.entities,
    relations: told.relations,
    nouns: looked.nouns.map((found) => found.value),
    domains: looked.domains.map((found) => found.value),
    served: [...served.labels, ...wanted.built.map((feature) => feature.label)],
    assumed: chosen.assumed,
    make: { stack: chosen.stack, features: wanted.built.map((feature) => feature.id) },
    leftOut: [
      ...wanted.notBuilt.map((feature) => feature.label),
      ...unserved.labels,
      ...unknown.map((phrase) => `not understood, so not built: "${phrase}"`),
    ],
  };
}

/** What is built although nobody asked for it, because something else needs it. */
export function neededFeatures(project: ProjectModel, { features }: Make): string[] {
  return OPTIONAL_FEATURES.filter(({ id }) => project.features.includes(id) && !features.includes(id)).map(
    ({ label }) => `${label}: another feature needs it`,
  );
}

/** Features without those that are there twice. */
function onceEach(features: readonly OptionalFeature[]): OptionalFeature[] {
  return [...new Map(features.map((feature) => [feature.id, feature])).values()];
}

/** What the chosen blueprint builds of what is asked for, and what it does not. */
function splitFeatures(
  found: readonly OptionalFeature[],
  stack: Stack,
): { built: OptionalFeature[]; notBuilt: OptionalFeature[] } {
  const { features } = blueprintOf(stack.blueprint);
  return {
    built: found.filter(({ id }) => features.includes(id)),
    notBuilt: found.filter(({ id }) => !features.includes(id)),
  };
}

/**
 * What a request asks for beside the entities that `spec` gives.
 * @throws {MgeError} REQUEST_NOT_SERVED when its substance is something else.
 */
export function understandBeside(
  request: string,
  names: readonly string[],
): { understood: string[]; leftOut: string[]; assumed: readonly string[]; make: Make } {
  const { served, leftOut, relations, assumed, make } = readWords(request);
  const own = new Set(names.flatMap((name) => [namesOf(name).human, namesOf(name).humanPlural]));
  const quoted = leftOut.filter((entry) => !own.has(/"(.*)"$/.exec(entry)?.[1] ?? ''));
  const notMade = relations.map(({ words }) => `relations are taken from the spec, not from words: "${words}"`);
  return { understood: [...served], leftOut: [...quoted, ...notMade], assumed, make };
}

/**
 * Reads a request in its own words.
 * @throws {MgeError} REQUEST_NOT_SERVED when its substance is something else, or no entity is recognised.
 */
export function understandRequest(request: string): Understanding {
  const words = readWords(request);
  const selection = selectNouns(words.nouns, words.domains);
  const { entities, assumed, leftOut } = relate(buildEntities(selection.nouns, words.written), words.relations);
  if (entities.length === 0) throw notServed('No entity was recognised in the request.');
  const made = projectOf(titleOf(selection, entities), entities, words.make);
  const { project, leftOut: unserved } = servedRelations(made);
  return {
    project,
    understood: [...describeProject(project), ...words.served],
    assumed: [...words.assumed, ...selection.assumed, ...assumed, ...neededFeatures(project, words.make)],
    leftOut: [...words.leftOut, ...leftOut, ...unserved],
  };
}
