/** Import and export of CSV in the front end. */
import type { GeneratedFile } from '../../generated-file.ts';
import { fileText } from '../../layout.ts';
import type { ProjectModel } from '../../model.ts';
import { featureFile, has, movesFiles } from './feature-file.ts';

function downloadFile(): string {
  return fileText(`
import { send } from './http';

/** Fetches a file and hands it to the browser under a name. A plain link could not carry the session. */
export async function download(path: string, filename: string): Promise<void> {
  const response = await send(path, { method: 'GET' });
  const address = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = address;
  link.download = filename;
  link.click();
  URL.revokeObjectURL(address);
}
`);
}

function downloadTestFile(): string {
  return fileText(`
import { describe, expect, it, vi } from 'vitest';
import { installFailingApi } from '../test/fake-api';
import { download } from './download';

describe('download', () => {
  it('hands the file to the browser under its name', async () => {
    vi.stubGlobal('fetch', () => Promise.resolve(new Response('a,b')));
    const names: string[] = [];
    vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (
      this: HTMLAnchorElement,
    ) {
      names.push(this.download);
    });

    await download('/api/things/export', 'things.csv');

    expect(names).toEqual(['things.csv']);
  });

  it('fails with what the server says', async () => {
    installFailingApi(404, { detail: 'No such file.' });

    await expect(download('/api/things/export', 'things.csv')).rejects.toThrow('No such file.');
  });
});
`);
}

function csvApiFile(): string {
  return fileText(`
import { download } from './download';
import { queryString, send } from './http';

/** Saves the records of the collection at \`path\` that pass the filters, as \`filename\`. */
export function exportCsv(path: string, filters: object, filename: string): Promise<void> {
  return download(\`\${path}/export\${queryString(filters)}\`, filename);
}

/** Stores the records of a CSV file, all or none; says how many. */
export async function importCsv(path: string, file: Blob): Promise<number> {
  const headers = { 'Content-Type': 'text/csv' };
  const response = await send(\`\${path}/import\`, { method: 'POST', headers, body: file });
  const { created } = (await response.json()) as { created: number };
  return created;
}
`);
}

function useCsvFile(): string {
  return fileText(`
import { useState } from 'react';
import { exportCsv, importCsv } from '../api/csv';
import { ApiError, type FieldError } from '../api/http';
import { messageOf } from './message-of';

/** How the last import or export ended. */
export interface CsvOutcome {
  created: number | null;
  failure: string | null;
  /** What is wrong with the lines of a file. */
  errors: FieldError[];
}

const NOTHING: CsvOutcome = { created: null, failure: null, errors: [] };

function outcomeOf(reason: unknown): CsvOutcome {
  const errors = reason instanceof ApiError ? reason.errors : [];
  return { created: null, failure: messageOf(reason), errors };
}

/** Importing into and exporting from the collection at \`path\`; \`onImported\` is called after each success. */
export function useCsv(path: string, onImported: () => void) {
  const [outcome, setOutcome] = useState(NOTHING);

  async function importFile(file: File) {
    setOutcome(NOTHING);
    try {
      const created = await importCsv(path, file);
      setOutcome({ ...NOTHING, created });
      onImported();
    } catch (reason) {
      setOutcome(outcomeOf(reason));
    }
  }

  async function exportFile(filters: object, filename: string) {
    setOutcome(NOTHING);
    await exportCsv(path, filters, filename).catch((reason: unknown) =>
      setOutcome(outcomeOf(reason)),
    );
  }

  return { outcome, importFile, exportFile };
}
`);
}

function csvToolsFile(): string {
  return fileText(`
import { type CsvOutcome, useCsv } from '../hooks/use-csv';
import { FileButton } from './file-button';

interface CsvToolsProps {
  /** Where the collection is. */
  path: string;
  /** Which records are exported. */
  filters: object;
  /** What the records are called: the name of the file. */
  noun: string;
  onImported(): void;
}

/** Saves a list as a CSV file and stores the records of one. */
export function CsvTools({ path, filters, noun, onImported }: CsvToolsProps) {
  const { outcome, importFile, exportFile } = useCsv(path, onImported);
  return (
    <div className="csv-tools">
      <div className="actions">
        <button type="button" onClick={() => void exportFile(filters, \`\${noun}.csv\`)}>
          Export CSV
        </button>
        <FileButton
          id="csv-file"
          label="Import CSV"
          accept=".csv,text/csv"
          onFile={(file) => void importFile(file)}
        />
      </div>
      <Outcome outcome={outcome} noun={noun} />
    </div>
  );
}

function Outcome({ outcome, noun }: { outcome: CsvOutcome; noun: string }) {
  const { created, failure, errors } = outcome;
  if (created !== null) return <p role="status">Imported {\`\${created} \${noun}\`}.</p>;
  if (failure === null) return null;
  return (
    <div role="alert" className="error">
      {failure}
      {errors.length > 0 && (
        <ul>
          {errors.map(({ field, message }) => (
            <li key={\`\${field} \${message}\`}>
              {field}: {message}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
`);
}

function csvToolsTestFile(): string {
  return fileText(`
import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import { answer, installFakeApi } from '../test/fake-api';
import { CsvTools } from './csv-tools';

const FILE = new File(['name\\nmilk\\n'], 'things.csv', { type: 'text/csv' });

function renderTools(onImported: () => void = vi.fn()) {
  const filters = { search: 'milk' };
  render(<CsvTools path="/api/things" filters={filters} noun="things" onImported={onImported} />);
}

describe('CsvTools', () => {
  it('stores the records of a file', async () => {
    const received: unknown[] = [];
    const onImported = vi.fn();
    installFakeApi({}, {
      'POST /api/things/import': (body) => {
        received.push(body);
        return answer(200, { created: 1 });
      },
    });
    renderTools(onImported);

    await userEvent.upload(screen.getByLabelText('Import CSV'), FILE);

    expect((await screen.findByRole('status')).textContent).toBe('Imported 1 things.');
    expect(received).toEqual([FILE]);
    expect(onImported).toHaveBeenCalledOnce();
  });

  it('shows what is wrong with which line', async () => {
    const errors = [{ field: 'line 3: price', message: 'not a number' }];
    const refuse = () => answer(422, { detail: 'The file is not valid.', errors });
    const onImported = vi.fn();
    installFakeApi({}, { 'POST /api/things/import': refuse });
    renderTools(onImported);

    await userEvent.upload(screen.getByLabelText('Import CSV'), FILE);

    expect((await screen.findByRole('listitem')).textContent).toBe('line 3: price: not a number');
    expect(onImported).not.toHaveBeenCalled();
  });

  it('exports what the list shows', async () => {
    const click = vi.spyOn(HTMLAnchorElement.prototype, 'click').mockReturnValue(undefined);
    const fetch = vi.fn<typeof globalThis.fetch>(() => Promise.resolve(new Response('name')));
    vi.stubGlobal('fetch', fetch);
    renderTools();

    await userEvent.click(screen.getByRole('button', { name: 'Export CSV' }));

    await waitFor(() => expect(click).toHaveBeenCalledOnce());
    expect(fetch.mock.calls[0]?.[0]).toBe('/api/things/export?search=milk');
  });
});
`);
}

function fileButtonFile(): string {
  return fileText(`
import type { ChangeEvent } from 'react';

interface FileButtonProps {
  id: string;
  label: string;
  /** Kinds of files to choose from; without it, all. */
  accept?: string;
  onFile(file: File): void;
}

/** A button that asks for a file. */
export function FileButton({ id, label, accept, onFile }: FileButtonProps) {
  function handleChange({ target }: ChangeEvent<HTMLInputElement>) {
    const file = target.files?.[0];
    if (file) onFile(file);
    // Else the same file could not be chosen twice in a row.
    target.value = '';
  }

  return (
    <span className="file-button">
      <input
        id={id}
        className="visually-hidden"
        type="file"
        accept={accept}
        onChange={handleChange}
      />
      <label htmlFor={id}>{label}</label>
    </span>
  );
}
`);
}

/** The files that moving files to and from the server takes: for CSV and for attachments. */
export function fileMovingFiles(project: ProjectModel): GeneratedFile[] {
  if (!movesFiles(project)) return [];
  return [
    featureFile('src/api/download.ts', downloadFile(), 'Saving files of the server'),
    featureFile('src/components/file-button.tsx', fileButtonFile(), 'Choosing a file'),
    featureFile('src/api/download.test.ts', downloadTestFile(), 'Tests of saving files'),
  ];
}

/** The files that import and export add. */
export function csvFiles(project: ProjectModel): GeneratedFile[] {
  if (!has(project, 'csv')) return [];
  return [
    featureFile('src/api/csv.ts', csvApiFile(), 'Calls of import and export'),
    featureFile('src/hooks/use-csv.ts', useCsvFile(), 'Import and export as state'),
    featureFile('src/components/csv-tools.tsx', csvToolsFile(), 'Buttons of import and export'),
    featureFile('src/components/csv-tools.test.tsx', csvToolsTestFile(), 'Tests of import and export'),
  ];
}
