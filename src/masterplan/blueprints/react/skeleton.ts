/** Front-end files around the source: package, compiler, bundler, page, styles. */
import { fileText } from '../layout.ts';
import type { ProjectModel } from '../model.ts';
import { FRONTEND_VERSIONS } from './versions.ts';

export function packageJsonFile(project: ProjectModel): string {
  const manifest = {
    name: `${project.slug}-frontend`,
    version: '1.0.0',
    private: true,
    type: 'module',
    engines: { node: '>=20.19' },
    scripts: {
      dev: 'vite',
      build: 'tsc --noEmit && vite build',
      preview: 'vite preview',
      typecheck: 'tsc --noEmit',
      test: 'vitest run',
    },
    ...FRONTEND_VERSIONS,
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

export function tsconfigFile(): string {
  return fileText(`
{
  "compilerOptions": {
    "target": "ES2022",
    "lib": ["ES2022", "DOM", "DOM.Iterable"],
    "module": "ESNext",
    "moduleResolution": "bundler",
    "jsx": "react-jsx",
    "types": ["vite/client"],
    "strict": true,
    "noUncheckedIndexedAccess": true,
    "noUnusedLocals": true,
    "noUnusedParameters": true,
    "noFallthroughCasesInSwitch": true,
    "verbatimModuleSyntax": true,
    "isolatedModules": true,
    "skipLibCheck": true,
    "noEmit": true
  },
  "include": ["src", "vite.config.ts"]
}
`);
}

export function viteConfigFile(): string {
  return fileText(`
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [react()],
  server: {
    port: 5173,
    // During development the API is reached through the same origin.
    proxy: { '/api': 'http://localhost:8000' },
  },
  test: {
    environment: 'happy-dom',
    setupFiles: ['src/test/setup.ts'],
    restoreMocks: true,
    unstubGlobals: true,
  },
});
`);
}

export function indexHtmlFile(project: ProjectModel): string {
  return fileText(`
<!doctype html>
<html lang="en">
  <head>
    <meta charset="UTF-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1.0" />
    <link rel="icon" href="data:," />
    <title>${project.title}</title>
  </head>
  <body>
    <div id="root"></div>
    <script type="module" src="/src/main.tsx"></script>
  </body>
</html>
`);
}

export function prettierFile(): string {
  return fileText(`
{
  "printWidth": 100,
  "singleQuote": true
}
`);
}

export function stylesFile(): string {
  return fileText(`
:root {
  --ink: #1f2933;
  --muted: #52606d;
  --line: #d9e2ec;
  --paper: #ffffff;
  --ground: #f5f7fa;
  --accent: #1d5fbf;
  --danger: #b3261e;

  color: var(--ink);
  background: var(--ground);
  font-family: system-ui, sans-serif;
  line-height: 1.5;
}

* {
  box-sizing: border-box;
}

body {
  margin: 0;
}

.layout {
  max-width: 64rem;
  margin: 0 auto;
  padding: 1rem;
}

.navigation {
  display: flex;
  flex-wrap: wrap;
  gap: 1rem;
  padding-bottom: 0.75rem;
  border-bottom: 1px solid var(--line);
}

.navigation a {
  color: var(--accent);
}

.navigation a[aria-current='page'] {
  color: var(--ink);
  font-weight: 600;
  text-decoration: none;
}

.toolbar {
  display: flex;
  flex-wrap: wrap;
  align-items: end;
  gap: 0.75rem;
  margin: 1rem 0;
}

.panel {
  margin: 1rem 0;
  padding: 1rem;
  border: 1px solid var(--line);
  border-radius: 0.5rem;
  background: var(--paper);
}

.field {
  display: flex;
  flex-direction: column;
  gap: 0.25rem;
  margin-bottom: 0.75rem;
}

.field-inline {
  flex-direction: row;
  align-items: center;
}

.toolbar .field {
  margin-bottom: 0;
}

.field-error,
.error {
  color: var(--danger);
}

.hint {
  color: var(--muted);
}

input,
select,
textarea,
button {
  padding: 0.4rem 0.6rem;
  border: 1px solid var(--line);
  border-radius: 0.25rem;
  font: inherit;
}

input[aria-invalid='true'],
select[aria-invalid='true'],
textarea[aria-invalid='true'] {
  border-color: var(--danger);
}

button {
  background: var(--paper);
  cursor: pointer;
}

button:disabled {
  cursor: default;
  opacity: 0.5;
}

.primary {
  border-color: var(--accent);
  background: var(--accent);
  color: var(--paper);
}

.danger {
  color: var(--danger);
}

.table-frame {
  overflow-x: auto;
}

table {
  width: 100%;
  border-collapse: collapse;
  background: var(--paper);
}

th,
td {
  padding: 0.5rem;
  border-bottom: 1px solid var(--line);
  text-align: left;
  vertical-align: top;
}

.actions {
  display: flex;
  flex-wrap: wrap;
  gap: 0.5rem;
}
`);
}

export function mainFile(): string {
  return fileText(`
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app';
import './styles.css';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no element with the id "root"');

createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
`);
}
