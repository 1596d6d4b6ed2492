/** What the components of one entity have in common: imports and the hooks behind selection lists. */
import { bracketedTs } from '../layout.ts';
import { entityNamed, type EntityModel, type ProjectModel } from '../model.ts';
import { targetsOf } from './entity-api.ts';

export function optionsName(relation: { readonly name: string }): string {
  const words = relation.name.split('_');
  const camel = words
    .map((word, index) => (index === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1)))
    .join('');
  return `${camel}Options`;
}

export function optionHooks(project: ProjectModel, entity: EntityModel, chosen: boolean): string {
  return [...entity.relations, ...entity.many]
    .map((relation) => {
      const api = `${entityNamed(project, relation.target).names.camelPlural}Api`;
      const items = chosen ? [api, `${entity.names.camel}?.${relation.name}`] : [api];
      return `  ${bracketedTs(`const ${optionsName(relation)} = useOptions(`, items, ');', 2)}\n`;
    })
    .join('');
}

export function apiImports(project: ProjectModel, entity: EntityModel): string {
  return targetsOf(project, entity)
    .map((target) => `import { ${target.names.camelPlural}Api } from '../api/${target.names.kebabPlural}';`)
    .join('\n');
}

export function fieldImports(jsx: string): string {
  const used = ['CheckboxField', 'ChoicesField', 'SelectField', 'TextAreaField', 'TextField'].filter((name) =>
    jsx.includes(`<${name}`),
  );
  const files: Readonly<Record<string, string>> = {
    CheckboxField: 'checkbox-field',
    ChoicesField: 'choices-field',
    SelectField: 'select-field',
    TextAreaField: 'text-area-field',
    TextField: 'text-field',
  };
  return used.map((name) => `import { ${name} } from './${files[name] ?? ''}';`).join('\n');
}

/** Whether the entity refers to others, singly or to many. */
export function hasOptions(entity: EntityModel): boolean {
  return entity.relations.length + entity.many.length > 0;
}

/** Enum lists and types of an entity, for one import statement. */
export function entityImport(entity: EntityModel, values: readonly string[], types: readonly string[]): string {
  const names = [...values, ...types.map((type) => `type ${type}`)];
  if (values.length === 0) return bracketedTs('import type {', types, `} from '../api/${entity.names.kebabPlural}';`);
  return bracketedTs('import {', names, `} from '../api/${entity.names.kebabPlural}';`);
}
