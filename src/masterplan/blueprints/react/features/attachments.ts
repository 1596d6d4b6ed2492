/** Attachments of records in the front end. */
import type { GeneratedFile } from '../../generated-file.ts';
import { fileText } from '../../layout.ts';
import type { ProjectModel } from '../../model.ts';
import { featureFile, has } from './feature-file.ts';

function attachmentsApiFile(): string {
  return fileText(`
import { download } from './download';
import { request, send } from './http';
import type { Reference } from './resource';

/** A file that belongs to a record. */
export interface Attachment extends Reference {
  filename: string;
  content_type: string;
  /** In bytes. */
  size: number;
  created_at: string;
}

/** The attachments of the record \`id\` of the collection at \`path\`, newest first. */
export function listAttachments(path: string, id: number): Promise<Attachment[]> {
  return request('GET', \`\${path}/\${id}/attachments\`);
}

/** Gives a record another file. */
export async function addAttachment(path: string, id: number, file: File): Promise<void> {
  const body = new FormData();
  body.append('file', file);
  await send(\`\${path}/\${id}/attachments\`, { method: 'POST', body });
}

/** Saves the file of an attachment. */
export function saveAttachment({ id, filename }: Attachment): Promise<void> {
  return download(\`/api/attachments/\${id}\`, filename);
}

export function removeAttachment(id: number): Promise<void> {
  return request('DELETE', \`/api/attachments/\${id}\`);
}
`);
}

function useAttachmentsFile(): string {
  return fileText(`
import { useEffect, useState } from 'react';
import { type Attachment, listAttachments } from '../api/attachments';
import { messageOf } from './message-of';

/** The attachments of a record, read again after each change. */
export function useAttachments(path: string, id: number) {
  const [attachments, setAttachments] = useState<Attachment[] | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [version, setVersion] = useState(0);

  useEffect(() => {
    let current = true;
    listAttachments(path, id).then(
      (listed) => current && setAttachments(listed),
      (reason: unknown) => current && setFailure(messageOf(reason)),
    );
    return () => {
      current = false;
    };
  }, [path, id, version]);

  /** Waits for a change, shows why it failed, and reads the list again. */
  async function change(operation: Promise<unknown>) {
    setFailure(null);
    await operation.catch((reason: unknown) => setFailure(messageOf(reason)));
    setVersion((count) => count + 1);
  }

  return { attachments, failure, change };
}
`);
}

function formatSizeFile(): string {
  return fileText(`
const UNITS = ['bytes', 'kB', 'MB', 'GB'];

/** A number of bytes for people: \`1.5 MB\`. */
export function formatSize(bytes: number): string {
  const step = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), UNITS.length - 1);
  const amount = bytes / 1_000 ** step;
  return \`\${step === 0 ? amount : amount.toFixed(1)} \${UNITS[step]}\`;
}
`);
}

function formatSizeTestFile(): string {
  return fileText(`
import { expect, it } from 'vitest';
import { formatSize } from './format-size';

it.each([
  [0, '0 bytes'],
  [999, '999 bytes'],
  [1_500, '1.5 kB'],
  [2_000_000, '2.0 MB'],
  [5_000_000_000_000, '5000.0 GB'],
])('formatSize shows %i as %s', (bytes, text) => {
  expect(formatSize(bytes)).toBe(text);
});
`);
}

function attachmentsPanelFile(): string {
  return fileText(`
import {
  addAttachment,
  type Attachment,
  removeAttachment,
  saveAttachment,
} from '../api/attachments';
import type { Reference } from '../api/resource';
import { formatInstant } from '../forms/convert';
import { formatSize } from '../forms/format-size';
import { useAttachments } from '../hooks/use-attachments';
import { DeleteButton } from './delete-button';
import { FileButton } from './file-button';

interface AttachmentsPanelProps {
  /** Where the collection of the record is. */
  path: string;
  record: Reference;
  onClose(): void;
}

/** The files of a record: to save, to add and to remove. */
export function AttachmentsPanel({ path, record, onClose }: AttachmentsPanelProps) {
  const { attachments, failure, change } = useAttachments(path, record.id);
  const title = \`Files of \${record.label}\`;

  return (
    <section className="panel" aria-label={title}>
      <h2>{title}</h2>
      {failure && (
        <p role="alert" className="error">
          {failure}
        </p>
      )}
      {attachments?.length === 0 && <p className="hint">No files here yet.</p>}
      <ul className="files">
        {attachments?.map((attachment) => (
          <AttachmentItem
            key={attachment.id}
            attachment={attachment}
            onSave={() => void change(saveAttachment(attachment))}
            onRemove={() => void change(removeAttachment(attachment.id))}
          />
        ))}
      </ul>
      <div className="actions">
        <FileButton
          id="attachment-file"
          label="Add a file"
          onFile={(file) => void change(addAttachment(path, record.id, file))}
        />
        <button type="button" onClick={onClose}>
          Close
        </button>
      </div>
    </section>
  );
}

interface AttachmentItemProps {
  attachment: Attachment;
  onSave(): void;
  onRemove(): void;
}

function AttachmentItem({ attachment, onSave, onRemove }: AttachmentItemProps) {
  const { filename, size, created_at } = attachment;
  return (
    <li>
      <span className="filename">{filename}</span>
      <span className="hint">
        {formatSize(size)}, {formatInstant(created_at)}
      </span>
      <button type="button" aria-label={\`Download \${filename}\`} onClick={onSave}>
        Download
      </button>
      <DeleteButton label={filename} onDelete={onRemove} />
    </li>
  );
}
`);
}

function attachmentsPanelTestFile(project: ProjectModel): string {
  const wrapped = has(project, 'roles');
  return fileText(`
import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import { answer, type FakeRoutes, installFakeApi } from '../test/fake-api';
${wrapped ? "import { AsAdmin } from '../test/session';\n" : ''}import { AttachmentsPanel } from './attachments-panel';

const PLAN = {
  id: 5,
  label: 'plan.txt',
  filename: 'plan.txt',
  content_type: 'text/plain',
  size: 1_500,
  created_at: '2024-05-01T08:00:00Z',
};

function renderPanel(routes: FakeRoutes, onClose: () => void = vi.fn()) {
  installFakeApi({}, routes);
  const record = { id: 1, label: 'Garden' };
  render(<AttachmentsPanel path="/api/things" record={record} onClose={onClose} />${wrapped ? ', {\n    wrapper: AsAdmin,\n  }' : ''});
}

describe('AttachmentsPanel', () => {
  it('lists the files of the record', async () => {
    renderPanel({ 'GET /api/things/1/attachments': () => answer(200, [PLAN]) });

    expect(await screen.findByText('plan.txt')).toBeDefined();
    expect(screen.getByText(/1\\.5 kB/)).toBeDefined();
    expect(screen.getByRole('heading', { name: 'Files of Garden' })).toBeDefined();
  });

  it('adds a file', async () => {
    const files: (typeof PLAN)[] = [];
    const sent: unknown[] = [];
    renderPanel({
      'GET /api/things/1/attachments': () => answer(200, files),
      'POST /api/things/1/attachments': (body) => {
        sent.push(body);
        files.push(PLAN);
        return answer(201, PLAN);
      },
    });
    await screen.findByText('No files here yet.');

    const file = new File(['soil'], 'plan.txt');
    await userEvent.upload(screen.getByLabelText('Add a file'), file);

    expect(await screen.findByText('plan.txt')).toBeDefined();
    expect((sent[0] as FormData).get('file')).toMatchObject({ name: 'plan.txt' });
  });

  it('removes a file after asking', async () => {
    const files = [PLAN];
    renderPanel({
      'GET /api/things/1/attachments': () => answer(200, files),
      'DELETE /api/attachments/5': () => {
        files.pop();
        return answer(204, null);
      },
    });

    await userEvent.click(await screen.findByRole('button', { name: 'Delete plan.txt' }));
    await userEvent.click(screen.getByRole('button', { name: 'Confirm deleting plan.txt' }));

    expect(await screen.findByText('No files here yet.')).toBeDefined();
  });

  it('saves a file', async () => {
    const click = vi.spyOn(HTMLAnchorElement.prototype, 'click').mockReturnValue(undefined);
    renderPanel({
      'GET /api/things/1/attachments': () => answer(200, [PLAN]),
      'GET /api/attachments/5': () => new Response('soil'),
    });

    await userEvent.click(await screen.findByRole('button', { name: 'Download plan.txt' }));

    await waitFor(() => expect(click).toHaveBeenCalledOnce());
  });

  it('says that a file is too large', async () => {
    renderPanel({
      'GET /api/things/1/attachments': () => answer(200, []),
      'POST /api/things/1/attachments': () => answer(413, { detail: 'At most 10 MB.' }),
    });

    await userEvent.upload(screen.getByLabelText('Add a file'), new File(['x'], 'film.mp4'));

    expect((await screen.findByRole('alert')).textContent).toBe('At most 10 MB.');
  });

  it('can be closed', async () => {
    const onClose = vi.fn();
    renderPanel({ 'GET /api/things/1/attachments': () => answer(200, []) }, onClose);

    await userEvent.click(screen.getByRole('button', { name: 'Close' }));

    expect(onClose).toHaveBeenCalledOnce();
  });
});
`);
}

/** The files that attachments add. */
export function attachmentFiles(project: ProjectModel): GeneratedFile[] {
  if (!has(project, 'upload')) return [];
  return [
    featureFile('src/api/attachments.ts', attachmentsApiFile(), 'Calls for attachments'),
    featureFile('src/hooks/use-attachments.ts', useAttachmentsFile(), 'Attachments of a record as state'),
    featureFile('src/forms/format-size.ts', formatSizeFile(), 'Sizes of files for people'),
    featureFile('src/components/attachments-panel.tsx', attachmentsPanelFile(), 'Files of a record'),
    featureFile('src/forms/format-size.test.ts', formatSizeTestFile(), 'Tests of the sizes'),
    featureFile(
      'src/components/attachments-panel.test.tsx',
      attachmentsPanelTestFile(project),
      'Tests of the files of a record',
    ),
  ];
}
