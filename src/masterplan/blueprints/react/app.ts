/** `src/app.tsx`: navigation and pages. */
import { bracketedTs, fileText, joined } from '../layout.ts';
import type { ProjectModel } from '../model.ts';
import { labelOf } from '../naming.ts';
import { has, where } from './features/feature-file.ts';

interface PageEntry {
  readonly path: string;
  readonly label: string;
  readonly component: string;
  readonly adminsOnly: boolean;
}

/** The pages of a project in the order of the navigation: those of the entities, then those of features. */
function pagesOf(project: ProjectModel): PageEntry[] {
  const page = (path: string, label: string, component: string, adminsOnly = false): PageEntry => ({
    path,
    label,
    component,
    adminsOnly,
  });
  return [
    ...project.entities.map(({ names }) =>
      page(names.kebabPlural, labelOf(names.humanPlural), `${names.pascalPlural}Page`),
    ),
    ...(has(project, 'audit') ? [page('history', 'History', 'HistoryPage')] : []),
    ...(has(project, 'jobs') ? [page('jobs', 'Jobs', 'JobsPage')] : []),
    ...(has(project, 'roles') ? [page('accounts', 'Accounts', 'AccountsPage', true)] : []),
  ];
}

/** A text as JSX shows it, whatever it holds. */
function textOf(text: string): string {
  return /^[\w ,.:-]+$/.test(text) ? text : `{${JSON.stringify(text)}}`;
}

function entryLine({ path, label, component, adminsOnly }: PageEntry): string {
  const members = [`path: '/${path}'`, `label: '${label}'`, `Page: ${component}`];
  return `  ${bracketedTs('{', adminsOnly ? [...members, 'adminsOnly: true'] : members, '}', 2)},`;
}

function appImports(project: ProjectModel, pages: readonly PageEntry[]): string {
  const sorted = [...pages].sort((a, b) => (a.path < b.path ? -1 : 1));
  return joined([
    "import type { ComponentType } from 'react';",
    where(project, 'roles', "import { useSession } from './auth/session-context';"),
    where(project, 'auth', "import { AccountBar } from './components/account-bar';"),
    where(project, 'auth', "import { SessionGate } from './components/session-gate';"),
    "import { parseRoute, useHash } from './hooks/use-hash-route';",
    ...sorted.map(({ path, component }) => `import { ${component} } from './pages/${path}-page';`),
  ]);
}

export function appFile(project: ProjectModel): string {
  const pages = pagesOf(project);
  const roles = has(project, 'roles');
  const allowed = `  const session = useSession();
  const isAdmin = session?.account.role === 'admin';
  const pages = PAGES.filter((page) => isAdmin || !page.adminsOnly);
`;
  const gate = `
/** The application, for those who are signed in. */
export function App() {
  return (
    <SessionGate>
      <Pages />
    </SessionGate>
  );
}
`;
  const signIn = has(project, 'auth');
  return fileText(`
${appImports(project, pages)}

interface PageEntry {
  path: string;
  label: string;
  Page: ComponentType<{ params: URLSearchParams }>;
${where(project, 'roles', '  adminsOnly?: boolean;\n')}}

const PAGES: [PageEntry, ...PageEntry[]] = [
${pages.map(entryLine).join('\n')}
];
${signIn ? gate : ''}
/** ${signIn ? 'Navigation' : 'The application: navigation'} and the page that the address names. */
${signIn ? 'function Pages' : 'export function App'}() {
  const hash = useHash();
  const route = parseRoute(hash);
${roles ? allowed : ''}  const { path, Page } = ${roles ? 'pages' : 'PAGES'}.find((page) => page.path === route.path) ?? PAGES[0];

  return (
    <>
      <header className="masthead">
        <span className="brand">${textOf(project.title)}</span>
        <nav className="navigation" aria-label="Main">
          {${roles ? 'pages' : 'PAGES'}.map((page) => (
            <a
              key={page.path}
              href={\`#\${page.path}\`}
              aria-current={page.path === path ? 'page' : undefined}
            >
              {page.label}
            </a>
          ))}
        </nav>
${where(project, 'auth', '        <AccountBar />\n')}      </header>
      <main className="layout">
        <Page key={hash} params={route.params} />
      </main>
    </>
  );
}
`);
}
