/** The history page of the front end: who changed what, and when. */
import type { GeneratedFile } from '../../generated-file.ts';
import { fileText } from '../../layout.ts';
import type { ProjectModel } from '../../model.ts';
import { labelOf } from '../../naming.ts';
import { featureFile, has } from './feature-file.ts';

function auditApiFile(project: ProjectModel): string {
  const actions = ['create', 'update', 'delete', ...(has(project, 'soft_delete') ? ['restore'] : [])];
  const options = actions.map((action) => `  { value: '${action}', label: '${labelOf(action)}' },`);
  return fileText(`
import { queryString, request } from './http';
import type { Listable, Reference } from './resource';

export const AUDIT_ACTIONS = [
${options.join('\n')}
];

/** One change of one record. */
export interface AuditEntry extends Reference {
  /** The collection of the record, as paths name it. */
  entity: string;
  record_id: number;
  action: string;
  /** The values of each field before and after. */
  changes: Record<string, [unknown, unknown]>;
  /** Who made the change; null when nobody was signed in. */
  actor: string | null;
  created_at: string;
}

/** Which changes a list shows; what is missing or blank means any. */
export interface AuditFilters {
  entity?: string;
  record_id?: string;
  action?: string;
}

/** All changes, newest first. */
export const auditApi: Listable<AuditEntry, AuditFilters> = {
  list: (query) => request('GET', \`/api/audit\${queryString(query)}\`),
};
`);
}

function formatValueFile(): string {
  return fileText(`
/** A value of any kind for people; a dash for none. */
export function formatValue(value: unknown): string {
  if (value === null || value === undefined || value === '') return '–';
  if (Array.isArray(value)) return value.length === 0 ? '–' : value.map(formatValue).join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
`);
}

function formatValueTestFile(): string {
  return fileText(`
import { expect, it } from 'vitest';
import { formatValue } from './format-value';

it.each([
  [null, '–'],
  ['', '–'],
  [[], '–'],
  ['milk', 'milk'],
  [2.5, '2.5'],
  [false, 'false'],
  [[1, 2], '1, 2'],
  [{ a: 1 }, '{"a":1}'],
])('formatValue shows %j as %s', (value, text) => {
  expect(formatValue(value)).toBe(text);
});
`);
}

function historyFilterBarFile(project: ProjectModel): string {
  const entities = project.entities.map(
    ({ names }) => `  { value: '${names.kebabPlural}', label: '${labelOf(names.humanPlural)}' },`,
  );
  return fileText(`
import { AUDIT_ACTIONS, type AuditFilters } from '../api/audit';
import { SelectField } from './select-field';
import { TextField } from './text-field';

const ENTITIES = [
${entities.join('\n')}
];

interface HistoryFilterBarProps {
  filters: AuditFilters;
  onChange(filters: AuditFilters): void;
}

/** Narrows the list of changes. */
export function HistoryFilterBar({ filters, onChange }: HistoryFilterBarProps) {
  return (
    <div className="toolbar" role="search">
      <SelectField
        id="filter-entity"
        label="Kind of record"
        options={ENTITIES}
        emptyLabel="Any"
        value={filters.entity ?? ''}
        onChange={(entity) => onChange({ ...filters, entity })}
      />
      <TextField
        id="filter-record"
        label="Number of the record"
        type="number"
        value={filters.record_id ?? ''}
        onChange={(record_id) => onChange({ ...filters, record_id })}
      />
      <SelectField
        id="filter-action"
        label="Action"
        options={AUDIT_ACTIONS}
        emptyLabel="Any"
        value={filters.action ?? ''}
        onChange={(action) => onChange({ ...filters, action })}
      />
    </div>
  );
}
`);
}

function historyTableFile(): string {
  return fileText(`
import { AUDIT_ACTIONS, type AuditEntry } from '../api/audit';
import { formatInstant } from '../forms/convert';
import { formatValue } from '../forms/format-value';
import { labelIn } from '../forms/label-in';

function Changes({ changes }: Pick<AuditEntry, 'changes'>) {
  return (
    <ul className="changes">
      {Object.entries(changes).map(([field, [before, after]]) => (
        <li key={field}>
          {field}: {formatValue(before)} → {formatValue(after)}
        </li>
      ))}
    </ul>
  );
}

/** Changes, one in each row. */
export function HistoryTable({ entries }: { entries: AuditEntry[] }) {
  return (
    <div className="table-frame">
      <table>
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Who</th>
            <th scope="col">Record</th>
            <th scope="col">Action</th>
            <th scope="col">Changes</th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <tr key={entry.id}>
              <td>{formatInstant(entry.created_at)}</td>
              <td>{entry.actor ?? 'Unknown'}</td>
              <td>
                {entry.entity} {entry.record_id}
              </td>
              <td>{labelIn(AUDIT_ACTIONS, entry.action)}</td>
              <td>
                <Changes changes={entry.changes} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
`);
}

function historyPageFile(): string {
  return fileText(`
import { useState } from 'react';
import { auditApi, type AuditFilters } from '../api/audit';
import { CollectionFrame } from '../components/collection-frame';
import { HistoryFilterBar } from '../components/history-filter-bar';
import { HistoryTable } from '../components/history-table';
import { useCollection } from '../hooks/use-collection';

interface HistoryPageProps {
  /** The filters to begin with, from the address. */
  params: URLSearchParams;
}

/** Who changed what, and when. */
export function HistoryPage({ params }: HistoryPageProps) {
  const [filters, setFilters] = useState<AuditFilters>(() => Object.fromEntries(params));
  const collection = useCollection(auditApi, filters);

  return (
    <section aria-labelledby="history-heading">
      <h1 id="history-heading">History</h1>
      <HistoryFilterBar filters={filters} onChange={setFilters} />
      <CollectionFrame collection={collection} emptyText="Nothing has changed yet.">
        {(entries) => <HistoryTable entries={entries} />}
      </CollectionFrame>
    </section>
  );
}
`);
}

function historyPageTestFile(project: ProjectModel): string {
  const { names } = project.entities[0] ?? { names: { kebabPlural: 'things' } };
  return fileText(`
import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it } from 'vitest';
import { installFakeApi } from '../test/fake-api';
import { HistoryPage } from './history-page';

const UPDATE = {
  id: 2,
  label: 'update ${names.kebabPlural} 7',
  entity: '${names.kebabPlural}',
  record_id: 7,
  action: 'update',
  changes: { name: ['milk', null] },
  actor: 'ada@example.com',
  created_at: '2024-05-01T08:00:00Z',
};
const CREATE = { ...UPDATE, id: 1, record_id: 8, action: 'create', actor: null };

beforeEach(() => {
  const rows = [{ ...UPDATE }, { ...CREATE }];
  installFakeApi({ '/api/audit': { rows, complete: () => CREATE } });
});

function bodyRows(): HTMLElement[] {
  return screen.getAllByRole('row').slice(1);
}

describe('HistoryPage', () => {
  it('shows who changed what', async () => {
    render(<HistoryPage params={new URLSearchParams()} />);

    await screen.findByRole('table');
    const [first, second] = bodyRows();
    expect(first?.textContent).toContain('ada@example.com');
    expect(first?.textContent).toContain('name: milk → –');
    expect(second?.textContent).toContain('Unknown');
  });

  it('begins with the record of the address', async () => {
    const params = new URLSearchParams('entity=${names.kebabPlural}&record_id=7');
    render(<HistoryPage params={params} />);

    await screen.findByRole('table');
    expect(bodyRows()).toHaveLength(1);
  });

  it('filters by action', async () => {
    render(<HistoryPage params={new URLSearchParams()} />);
    await screen.findByRole('table');

    await userEvent.selectOptions(screen.getByLabelText('Action'), 'create');

    await waitFor(() => expect(bodyRows()).toHaveLength(1));
    expect(bodyRows()[0]?.textContent).toContain('Unknown');
  });
});
`);
}

/** The files that the history adds. */
export function auditFiles(project: ProjectModel): GeneratedFile[] {
  if (!has(project, 'audit')) return [];
  return [
    featureFile('src/api/audit.ts', auditApiFile(project), 'Calls for the history'),
    featureFile('src/forms/format-value.ts', formatValueFile(), 'Values of any kind for people'),
    featureFile('src/components/history-filter-bar.tsx', historyFilterBarFile(project), 'Filters of the history'),
    featureFile('src/components/history-table.tsx', historyTableFile(), 'Table of changes'),
    featureFile('src/pages/history-page.tsx', historyPageFile(), 'Page of the history'),
    featureFile('src/forms/format-value.test.ts', formatValueTestFile(), 'Tests of the values'),
    featureFile('src/pages/history-page.test.tsx', historyPageTestFile(project), 'Tests of the history'),
  ];
}
