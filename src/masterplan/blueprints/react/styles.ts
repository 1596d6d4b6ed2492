/** `src/styles.css`. */
import { fileText, joined } from '../layout.ts';
import type { ProjectModel } from '../model.ts';
import { has, movesFiles } from './features/feature-file.ts';

const BASE = `
:root {
  --ink: #1c2733;
  --muted: #566573;
  --line: #d5dde5;
  --paper: #ffffff;
  --ground: #f3f5f8;
  --accent: #1a56b0;
  --accent-dark: #123f83;
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

h1,
h2 {
  margin: 0;
  line-height: 1.25;
}

h1 {
  font-size: 1.6rem;
}

h2 {
  margin-bottom: 0.75rem;
  font-size: 1.15rem;
}

a {
  color: var(--accent);
}

:focus-visible {
  outline: 2px solid var(--accent);
  outline-offset: 2px;
}
`;

const FRAME = `
.masthead {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 0.5rem 1.5rem;
  padding: 0.75rem 1.5rem;
  border-bottom: 1px solid var(--line);
  background: var(--paper);
}

.brand {
  font-weight: 700;
}

.navigation {
  display: flex;
  flex: 1;
  flex-wrap: wrap;
  gap: 0.25rem;
}

.navigation a {
  padding: 0.25rem 0.75rem;
  border-radius: 0.375rem;
  color: var(--muted);
  text-decoration: none;
}

.navigation a:hover {
  background: var(--ground);
}

.navigation a[aria-current='page'] {
  background: var(--ground);
  color: var(--ink);
  font-weight: 600;
}

.layout {
  max-width: 72rem;
  margin: 0 auto;
  padding: 1.5rem;
}

.page-head {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  justify-content: space-between;
  gap: 0.75rem;
  margin-bottom: 1rem;
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
  padding: 1.25rem;
  border: 1px solid var(--line);
  border-radius: 0.5rem;
  background: var(--paper);
}

.actions {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 0.5rem;
}
`;

const INPUTS = `
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

.pager {
  align-items: center;
}

.toolbar .field {
  margin-bottom: 0;
}

.field label,
.field legend {
  font-size: 0.9rem;
  font-weight: 600;
}

.choices {
  max-height: 14rem;
  overflow-y: auto;
  padding: 0.5rem 0.75rem;
  border: 1px solid var(--line);
  border-radius: 0.375rem;
}

.choices label {
  display: flex;
  align-items: center;
  gap: 0.5rem;
  font-weight: 400;
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
  padding: 0.4rem 0.65rem;
  border: 1px solid var(--line);
  border-radius: 0.375rem;
  background: var(--paper);
  color: inherit;
  font: inherit;
}

input[aria-invalid='true'],
select[aria-invalid='true'],
textarea[aria-invalid='true'] {
  border-color: var(--danger);
}

select,
input:not([type='checkbox']) {
  min-height: 2.4rem;
}

button {
  cursor: pointer;
}

button:hover:not(:disabled) {
  border-color: var(--muted);
}

button:disabled {
  cursor: default;
  opacity: 0.5;
}

button[aria-pressed='true'] {
  border-color: var(--accent);
  color: var(--accent);
}

.primary {
  border-color: var(--accent);
  background: var(--accent);
  color: var(--paper);
}

.primary:hover:not(:disabled) {
  border-color: var(--accent-dark);
  background: var(--accent-dark);
}

.danger {
  color: var(--danger);
}
`;

const TABLES = `
.table-frame {
  overflow-x: auto;
  border: 1px solid var(--line);
  border-radius: 0.5rem;
  background: var(--paper);
}

table {
  width: 100%;
  border-collapse: collapse;
}

th,
td {
  padding: 0.55rem 0.75rem;
  border-bottom: 1px solid var(--line);
  text-align: left;
  vertical-align: middle;
}

th {
  color: var(--muted);
  font-size: 0.85rem;
  font-weight: 600;
  white-space: nowrap;
}

tbody tr:last-child td {
  border-bottom: 0;
}

tbody tr:hover {
  background: var(--ground);
}

td .actions {
  flex-wrap: nowrap;
}

td button {
  padding: 0.2rem 0.55rem;
}

.sort {
  padding: 0;
  border: 0;
  background: none;
}

.sort::after {
  content: '↕' / '';
  margin-left: 0.35em;
  opacity: 0.35;
}

th[aria-sort='ascending'] .sort::after {
  content: '↑' / '';
  opacity: 1;
}

th[aria-sort='descending'] .sort::after {
  content: '↓' / '';
  opacity: 1;
}
`;

const SESSION = `
.account {
  display: flex;
  align-items: center;
  gap: 0.75rem;
}

.entrance {
  max-width: 24rem;
  margin: 10vh auto 0;
  padding: 0 1rem;
}

.entrance h1 {
  margin-bottom: 1rem;
}
`;

/** The input of a file is there for keyboards and screen readers; its label looks like a button. */
const FILES = `
.visually-hidden {
  position: absolute;
  width: 1px;
  height: 1px;
  overflow: hidden;
  clip-path: inset(50%);
}

.file-button label {
  display: inline-block;
  padding: 0.4rem 0.65rem;
  border: 1px solid var(--line);
  border-radius: 0.375rem;
  background: var(--paper);
  cursor: pointer;
}

.file-button label:hover {
  border-color: var(--muted);
}

.file-button :focus-visible + label {
  outline: 2px solid var(--accent);
  outline-offset: 2px;
}
`;

const CSV = `
.csv-tools {
  margin: 1rem 0;
}
`;

const ATTACHMENTS = `
.files {
  margin: 0 0 0.75rem;
  padding: 0;
  list-style: none;
}

.files li {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 0.75rem;
  padding: 0.35rem 0;
  border-bottom: 1px solid var(--line);
}

.filename {
  flex: 1;
  overflow-wrap: anywhere;
}
`;

const HISTORY = `
.changes {
  margin: 0;
  padding-left: 1rem;
  overflow-wrap: anywhere;
}
`;

const NARROW = `
@media (max-width: 40rem) {
  .masthead,
  .layout {
    padding-right: 1rem;
    padding-left: 1rem;
  }

  .navigation {
    flex-basis: 100%;
    order: 1;
  }
}
`;

export function stylesFile(project: ProjectModel): string {
  return fileText(
    joined([
      BASE,
      FRAME,
      INPUTS,
      TABLES,
      has(project, 'auth') ? SESSION : '',
      movesFiles(project) ? FILES : '',
      has(project, 'csv') ? CSV : '',
      has(project, 'upload') ? ATTACHMENTS : '',
      has(project, 'audit') ? HISTORY : '',
      NARROW,
    ]).replaceAll('\n\n\n', '\n\n'),
  );
}
