/** The trash of the front end: deleted records, and restoring them. */
import type { GeneratedFile } from '../../generated-file.ts';
import { fileText } from '../../layout.ts';
import type { ProjectModel } from '../../model.ts';
import { featureFile, has } from './feature-file.ts';

function trashListFile(): string {
  return fileText(`
import { useState } from 'react';
import type { Reference, Restorable } from '../api/resource';
import { formatInstant } from '../forms/convert';
import { messageOf } from '../hooks/message-of';
import { useCollection } from '../hooks/use-collection';
import { CollectionFrame } from './collection-frame';

/** A record that may have been deleted. */
export interface Deletable extends Reference {
  deleted_at: string | null;
}

interface TrashListProps<Item extends Deletable> {
  resource: Restorable<Item>;
  /** What the records are called. */
  noun: string;
  onRestored(): void;
}

const DELETED = { deleted: 'true' };

/** The deleted records of a collection, to be taken back. */
export function TrashList<Item extends Deletable>(props: TrashListProps<Item>) {
  const { resource, noun, onRestored } = props;
  const collection = useCollection(resource, DELETED);
  const [failure, setFailure] = useState<string | null>(null);

  async function restore(id: number) {
    try {
      await resource.restore(id);
      setFailure(null);
      onRestored();
    } catch (reason) {
      setFailure(messageOf(reason));
    }
    collection.reload();
  }

  return (
    <section aria-label={\`Deleted \${noun}\`}>
      {failure && (
        <p role="alert" className="error">
          {failure}
        </p>
      )}
      <CollectionFrame collection={collection} emptyText="The trash is empty.">
        {(items) => <TrashTable items={items} onRestore={(id) => void restore(id)} />}
      </CollectionFrame>
    </section>
  );
}

interface TrashTableProps {
  items: Deletable[];
  onRestore(id: number): void;
}

function TrashTable({ items, onRestore }: TrashTableProps) {
  return (
    <div className="table-frame">
      <table>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Deleted</th>
            <th scope="col">Actions</th>
          </tr>
        </thead>
        <tbody>
          {items.map(({ id, label, deleted_at }) => (
            <tr key={id}>
              <td>{label}</td>
              <td>{formatInstant(deleted_at)}</td>
              <td>
                <button type="button" aria-label={\`Restore \${label}\`} onClick={() => onRestore(id)}>
                  Restore
                </button>
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

function trashListTestFile(): string {
  return fileText(`
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import { createResource } from '../api/resource';
import { answer, installFakeApi } from '../test/fake-api';
import { type Deletable, TrashList } from './trash-list';

const THINGS = createResource<Deletable, object, { deleted?: string }>('/api/things');
const MILK = { id: 1, label: 'Milk', deleted: true, deleted_at: '2024-05-01T08:00:00Z' };

function installTrash(restore: (rows: { id: number }[]) => Response): void {
  const rows = [MILK];
  const collection = { rows, complete: () => MILK };
  const routes = { 'POST /api/things/1/restore': () => restore(rows) };
  installFakeApi({ '/api/things': collection }, routes);
}

describe('TrashList', () => {
  it('takes a record back', async () => {
    const onRestored = vi.fn();
    installTrash((rows) => {
      rows.pop();
      return answer(200, MILK);
    });
    render(<TrashList resource={THINGS} noun="things" onRestored={onRestored} />);

    await userEvent.click(await screen.findByRole('button', { name: 'Restore Milk' }));

    expect(await screen.findByText('The trash is empty.')).toBeDefined();
    expect(onRestored).toHaveBeenCalledOnce();
  });

  it('shows why a record stays', async () => {
    const onRestored = vi.fn();
    installTrash(() => answer(409, { detail: 'Its owner is deleted.' }));
    render(<TrashList resource={THINGS} noun="things" onRestored={onRestored} />);

    await userEvent.click(await screen.findByRole('button', { name: 'Restore Milk' }));

    expect((await screen.findByRole('alert')).textContent).toBe('Its owner is deleted.');
    expect(onRestored).not.toHaveBeenCalled();
  });
});
`);
}

/** The files that the trash adds. */
export function trashFiles(project: ProjectModel): GeneratedFile[] {
  if (!has(project, 'soft_delete')) return [];
  return [
    featureFile('src/components/trash-list.tsx', trashListFile(), 'Deleted records'),
    featureFile('src/components/trash-list.test.tsx', trashListTestFile(), 'Tests of the deleted records'),
  ];
}
