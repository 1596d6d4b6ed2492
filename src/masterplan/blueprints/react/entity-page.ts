/** `src/pages/<entities>-page.tsx`. */
import { fileText, joined, jsxTag } from '../layout.ts';
import type { EntityModel, ProjectModel } from '../model.ts';
import { labelOf } from '../naming.ts';
import { hasFilters } from '../filters.ts';
import { columnFields } from './entity-table.ts';
import { has, where } from './features/feature-file.ts';

function pageImports(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  const api = [`${names.camelPlural}Api`, `type ${names.pascal}Filters`];
  const types = where(project, 'upload', `type ${names.pascal}`);
  const imported = [api[0], types, api[1]].filter((name) => name !== '').join(', ');
  return joined([
    "import { useState } from 'react';",
    `import { ${imported} } from '../api/${names.kebabPlural}';`,
    where(project, 'upload', "import { AttachmentsPanel } from '../components/attachments-panel';"),
    "import { CollectionFrame } from '../components/collection-frame';",
    where(project, 'csv', "import { CsvTools } from '../components/csv-tools';"),
    hasFilters(entity) ? `import { ${names.pascal}FilterBar } from '../components/${names.kebab}-filter-bar';` : '',
    `import { ${names.pascal}Form } from '../components/${names.kebab}-form';`,
    `import { ${names.pascal}Table } from '../components/${names.kebab}-table';`,
    where(project, 'soft_delete', "import { TrashList } from '../components/trash-list';"),
    "import { useCollection } from '../hooks/use-collection';",
    "import { useEditor } from '../hooks/use-editor';",
  ]);
}

function tableTag(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  const booleans = columnFields(entity).some((field) => field.type === 'boolean');
  const attributes = [
    `${names.camelPlural}={${names.camelPlural}}`,
    'sort={filters.sort}',
    'onSort={(sort) => setFilters({ ...filters, sort })}',
    'onEdit={editor.open}',
    'onDelete={(id) => void editor.remove(id)}',
    ...(booleans ? ['onChange={(id, changes) => void editor.change(id, changes)}'] : []),
    ...(has(project, 'upload') ? ['onFiles={setFilesOf}'] : []),
  ];
  return jsxTag(`${names.pascal}Table`, attributes, '/>', 10);
}

/** The buttons beside the heading. */
function headButtons(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  const trash = `
          <button
            type="button"
            aria-pressed={showsTrash}
            onClick={() => setShowsTrash(!showsTrash)}
          >
            Trash
          </button>`;
  return `<div className="actions">${where(project, 'soft_delete', trash)}
          <button type="button" className="primary" onClick={() => editor.open('new')}>
            New ${names.human}
          </button>
        </div>`;
}

/** The list, or the trash in its place. */
function listPart(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  const list = `<CollectionFrame collection={collection} emptyText="No ${names.humanPlural} here yet.">
        {(${names.camelPlural}) => (
          ${tableTag(project, entity)}
        )}
      </CollectionFrame>`;
  if (!has(project, 'soft_delete')) return list;
  return `{showsTrash ? (
        <TrashList
          resource={${names.camelPlural}Api}
          noun="${names.humanPlural}"
          onRestored={collection.reload}
        />
      ) : (
        ${list}
      )}`;
}

function panels(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  const csv = `      <CsvTools
        path={${names.camelPlural}Api.path}
        filters={filters}
        noun="${names.humanPlural}"
        onImported={collection.reload}
      />`;
  const attachments = `      {filesOf && (
        <AttachmentsPanel
          key={filesOf.id}
          path={${names.camelPlural}Api.path}
          record={filesOf}
          onClose={() => setFilesOf(null)}
        />
      )}`;
  const bar = `      <${names.pascal}FilterBar filters={filters} onChange={setFilters} />`;
  const parts = joined([
    hasFilters(entity) ? bar : '',
    where(project, 'csv', csv),
    where(project, 'upload', attachments),
  ]);
  return parts === '' ? '' : `${parts}\n`;
}

export function pageFile(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  const heading = `${names.kebabPlural}-heading`;
  const state = joined([
    where(project, 'upload', `  const [filesOf, setFilesOf] = useState<${names.pascal} | null>(null);`),
    where(project, 'soft_delete', '  const [showsTrash, setShowsTrash] = useState(false);'),
  ]);
  return fileText(`
${pageImports(project, entity)}

interface ${names.pascalPlural}PageProps {
  /** The filters to begin with, from the address. */
  params: URLSearchParams;
}

/** Everything that can be done with ${names.humanPlural}. */
export function ${names.pascalPlural}Page({ params }: ${names.pascalPlural}PageProps) {
  const [filters, setFilters] = useState<${names.pascal}Filters>(() => Object.fromEntries(params));
${state === '' ? '' : `${state}\n`}  const collection = useCollection(${names.camelPlural}Api, filters);
  const editor = useEditor(${names.camelPlural}Api, collection.reload);

  return (
    <section aria-labelledby="${heading}">
      <div className="page-head">
        <h1 id="${heading}">${labelOf(names.humanPlural)}</h1>
        ${headButtons(project, entity)}
      </div>
${panels(project, entity)}      {editor.failure && (
        <p role="alert" className="error">
          {editor.failure}
        </p>
      )}
      {editor.target && (
        <${names.pascal}Form
          key={editor.target === 'new' ? 'new' : editor.target.id}
          ${names.camel}={editor.target === 'new' ? undefined : editor.target}
          onSave={editor.save}
          onCancel={editor.close}
        />
      )}
      ${listPart(project, entity)}
    </section>
  );
}
`);
}
