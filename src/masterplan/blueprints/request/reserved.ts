/** Names that the generated code needs for itself, or that its languages reserve. */
import type { MgeError } from '../../../domain/index.ts';
import type { EntityModel, FeatureId } from '../model.ts';

const ENTITY_NAMES = new Set(
  `Any App Array Base Boolean Column Database Date Depends Enum Error Field Filters Function Generic Health Integer Map Number Numeric
  Object Openapi Option Page Path Promise Query Record Reference Repository Request Resource Response Router Row Schema Service Session Set
  Settings String Symbol Table Text Type Url Class Import Default Function New Return Var Let Const Delete Switch Case Try Catch Throw
  If Else For While Do In Of With Yield Await Async Static Super This Null True False Enum Export Extends Interface Package Private
  Protected Public Typeof Void Break Continue Debugger Finally Instanceof Window Document Form Title Value Action Checked Test Factory Status`.split(
    /\s+/,
  ),
);

const FIELD_NAMES = new Set(
  `id label created_at updated_at metadata registry search sort limit offset deleted deleted_at created_by updated_by model dict json copy fields schema construct validate
  and as assert async await break class continue def del elif else except false finally for from global if import in is lambda none
  nonlocal not or pass raise return true try while with yield self cls of constructor prototype int
  str float bool list property classmethod staticmethod type_ dt enum_type`.split(/\s+/),
);

interface FeatureNames {
  /** What the project is with the feature: `a project with sign-in`. */
  readonly noun: string;
  readonly entities: readonly string[];
  readonly fields?: readonly string[];
}

/** Names that a feature has for itself. */
const FEATURE_NAMES: Partial<Record<FeatureId, FeatureNames>> = {
  auth: { noun: 'sign-in', entities: ['Account', 'Auth', 'Token'] },
  roles: { noun: 'roles', entities: ['Role'] },
  upload: { noun: 'file upload', entities: ['Attachment'] },
  audit: { noun: 'an audit trail', entities: ['Audit', 'AuditEntry'], fields: ['created_by', 'updated_by'] },
  jobs: { noun: 'background jobs', entities: ['Job'] },
};

/** Throws what `refuse` makes of the first name of an entity or field that a feature of the project has for itself. */
export function checkFeatureNames(
  entities: readonly EntityModel[],
  features: readonly FeatureId[],
  refuse: (reason: string) => MgeError,
): void {
  for (const taken of features.map((id) => FEATURE_NAMES[id]).filter((entry) => entry !== undefined)) {
    for (const { names, fields } of entities) {
      const other = `Call it otherwise, for example "customer ${names.human}".`;
      if (taken.entities.includes(names.pascal))
        throw refuse(
          `"${names.human}" cannot name an entity of a project with ${taken.noun}, which needs it. ${other}`,
        );
      const field = fields.find(({ name }) => taken.fields?.includes(name));
      if (field !== undefined)
        throw refuse(`"${field.name}" cannot name a field of ${names.human}: ${taken.noun} brings one of that name.`);
    }
  }
}

/** Throws what \`refuse\` makes of the first name that cannot be used. */
export function checkEntityNames(entities: readonly EntityModel[], refuse: (reason: string) => MgeError): void {
  const seen = new Set<string>();
  for (const { names } of entities) {
    if (!/^[A-Z][A-Za-z0-9]{1,23}$/.test(names.pascal))
      throw refuse(`"${names.human}" cannot name an entity (2 to 24 letters and digits).`);
    if (ENTITY_NAMES.has(names.pascal) || names.snake.startsWith('test_'))
      throw refuse(`"${names.human}" cannot name an entity: the generated code needs the name.`);
    if (names.snake === names.snakePlural)
      throw refuse(`"${names.human}" cannot name an entity: its plural is the same word.`);
    if (seen.has(names.snakePlural)) throw refuse(`"${names.human}" is named twice.`);
    seen.add(names.snakePlural);
  }
  for (const entity of entities) {
    checkFieldNames(entity, refuse);
    checkEnumLengths(entity, refuse);
  }
}

function checkFieldNames(entity: EntityModel, refuse: (reason: string) => MgeError): void {
  const columns = [
    ...entity.fields.map((field) => field.name),
    ...entity.relations.flatMap((relation) => [relation.name, `${relation.name}_id`]),
    ...entity.many.flatMap(({ name, singular }) => [name, `${singular}_id`, `${singular}_ids`]),
  ];
  if (entity.fields.length === 0) throw refuse(`"${entity.names.human}" needs at least one field.`);
  for (const [index, name] of columns.entries()) {
    if (FIELD_NAMES.has(name) || name.startsWith('model_'))
      throw refuse(`"${name}" cannot name a field of ${entity.names.human}: the generated code needs the name.`);
    if (columns.indexOf(name) < index) throw refuse(`"${name}" is there twice in ${entity.names.human}.`);
  }
}

/** Characters that the name of an entity, twice that of an enum field and its longest value may have together. */
const MAX_ENUM_NAMES = 84;

function checkEnumLengths(entity: EntityModel, refuse: (reason: string) => MgeError): void {
  for (const field of entity.fields) {
    const longest = Math.max(0, ...field.values.map((value) => value.length));
    if (entity.names.pascal.length + 2 * field.name.length + longest > MAX_ENUM_NAMES) {
      throw refuse(
        `The names of ${entity.names.human}, its field "${field.name}" and the values are too long together.`,
      );
    }
  }
}
