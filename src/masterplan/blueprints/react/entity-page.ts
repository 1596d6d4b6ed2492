/** `src/pages/<entities>-page.tsx` and `src/app.tsx`. */
import { bracketedTs, fileText, jsxTag } from '../layout.ts';
import type { EntityModel, ProjectModel } from '../model.ts';
import { labelOf } from '../naming.ts';
import { hasFilters } from '../filters.ts';
import { columnFields } from './entity-table.ts';

export function pageFile(entity: EntityModel): string {
  const { names } = entity;
  const booleans = columnFields(entity).some((field) => field.type === 'boolean');
  const heading = `${names.kebabPlural}-heading`;
  const tag = jsxTag(
    `${names.pascal}Table`,
    [
      `${names.camelPlural}={${names.camelPlural}}`,
      'sort={filters.sort}',
      'onSort={(sort) => setFilters({ ...filters, sort })}',
      'onEdit={editor.open}',
      'onDelete={editor.remove}',
      ...(booleans ? ['onChange={editor.change}'] : []),
    ],
    '/>',
    10,
  );
  return fileText(`
import { useState } from 'react';
import { ${names.camelPlural}Api, type ${names.pascal}Filters } from '../api/${names.kebabPlural}';
import { CollectionFrame } from '../components/collection-frame';
${hasFilters(entity) ? `import { ${names.pascal}FilterBar } from '../components/${names.kebab}-filter-bar';\n` : ''}import { ${names.pascal}Form } from '../components/${names.kebab}-form';
import { ${names.pascal}Table } from '../components/${names.kebab}-table';
import { useCollection } from '../hooks/use-collection';
import { useEditor } from '../hooks/use-editor';

interface ${names.pascalPlural}PageProps {
  /** The filters to begin with, from the address. */
  params: URLSearchParams;
}

/** Everything that can be done with ${names.humanPlural}. */
export function ${names.pascalPlural}Page({ params }: ${names.pascalPlural}PageProps) {
  const [filters, setFilters] = useState<${names.pascal}Filters>(() => Object.fromEntries(params));
  const collection = useCollection(${names.camelPlural}Api, filters);
  const editor = useEditor(${names.camelPlural}Api, collection.reload);

  return (
    <section aria-labelledby="${heading}">
      <h1 id="${heading}">${labelOf(names.humanPlural)}</h1>
${hasFilters(entity) ? `      <${names.pascal}FilterBar filters={filters} onChange={setFilters} />\n` : ''}      <button type="button" className="primary" onClick={() => editor.open('new')}>
        New ${names.human}
      </button>
      {editor.failure && (
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
      <CollectionFrame collection={collection} emptyText="No ${names.humanPlural} here yet.">
        {(${names.camelPlural}) => (
          ${tag}
        )}
      </CollectionFrame>
    </section>
  );
}
`);
}

export function appFile(project: ProjectModel): string {
  const pages = project.entities.map(({ names }) => ({ names, component: `${names.pascalPlural}Page` }));
  const entries = pages.map(({ names, component }) => {
    const members = [`path: '/${names.kebabPlural}'`, `label: '${labelOf(names.humanPlural)}'`, `Page: ${component}`];
    return `  ${bracketedTs('{', members, '}', 2)},`;
  });
  const sorted = [...pages].sort((a, b) => (a.names.kebab < b.names.kebab ? -1 : 1));
  return fileText(`
import { parseRoute, useHash } from './hooks/use-hash-route';
${sorted.map(({ names, component }) => `import { ${component} } from './pages/${names.kebabPlural}-page';`).join('\n')}

const PAGES = [
${entries.join('\n')}
] as const;

/** The application: navigation and the page that the address names. */
export function App() {
  const hash = useHash();
  const route = parseRoute(hash);
  const { path, Page } = PAGES.find((page) => page.path === route.path) ?? PAGES[0];

  return (
    <div className="layout">
      <nav className="navigation" aria-label="Main">
        {PAGES.map((page) => (
          <a
            key={page.path}
            href={\`#\${page.path}\`}
            aria-current={page.path === path ? 'page' : undefined}
          >
            {page.label}
          </a>
        ))}
      </nav>
      <main>
        <Page key={hash} params={route.params} />
      </main>
    </div>
  );
}
`);
}
