/** Front-end components that do not depend on the entities. */
import { fileText } from '../layout.ts';
import type { ProjectModel } from '../model.ts';
import { has } from './features/feature-file.ts';

export function fieldFrameFile(): string {
  return fileText(`
import type { ReactNode } from 'react';

interface FieldFrameProps {
  id: string;
  label: string;
  error?: string | undefined;
  children: ReactNode;
}

/** The id of the message that belongs to an input. */
export function errorId(id: string): string {
  return \`\${id}-error\`;
}

/** An input with its label and, where there is one, its problem. */
export function FieldFrame({ id, label, error, children }: FieldFrameProps) {
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children}
      {error && (
        <span id={errorId(id)} className="field-error">
          {error}
        </span>
      )}
    </div>
  );
}
`);
}

export function textFieldFile(project: ProjectModel): string {
  const auth = has(project, 'auth');
  return fileText(`
import { errorId, FieldFrame } from './field-frame';

interface TextFieldProps {
  id: string;
  label: string;
  value: string;
  error?: string | undefined;
  type?: 'text' | 'search' | 'number' | 'date' | 'datetime-local'${auth ? " | 'email' | 'password'" : ''};
  step?: string;${auth ? '\n  /** What the browser may fill in. */\n  autoComplete?: string;' : ''}
  onChange(value: string): void;
}

/** One line of text, a number or a date. */
export function TextField(props: TextFieldProps) {
  const { id, label, value, error, type = 'text', step, ${auth ? 'autoComplete, ' : ''}onChange } = props;
  return (
    <FieldFrame id={id} label={label} error={error}>
      <input
        id={id}
        type={type}
        step={step}
${auth ? '        autoComplete={autoComplete}\n' : ''}        value={value}
        aria-invalid={error !== undefined}
        aria-describedby={error === undefined ? undefined : errorId(id)}
        onChange={(event) => onChange(event.target.value)}
      />
    </FieldFrame>
  );
}
`);
}

export function textAreaFieldFile(): string {
  return fileText(`
import { errorId, FieldFrame } from './field-frame';

interface TextAreaFieldProps {
  id: string;
  label: string;
  value: string;
  error?: string | undefined;
  onChange(value: string): void;
}

/** Several lines of text. */
export function TextAreaField({ id, label, value, error, onChange }: TextAreaFieldProps) {
  return (
    <FieldFrame id={id} label={label} error={error}>
      <textarea
        id={id}
        rows={3}
        value={value}
        aria-invalid={error !== undefined}
        aria-describedby={error === undefined ? undefined : errorId(id)}
        onChange={(event) => onChange(event.target.value)}
      />
    </FieldFrame>
  );
}
`);
}

export function selectFieldFile(): string {
  return fileText(`
import type { Option } from '../hooks/use-options';
import { errorId, FieldFrame } from './field-frame';

interface SelectFieldProps {
  id: string;
  label: string;
  value: string;
  options: readonly Option[];
  /** The entry for no value; without it a value must be chosen. */
  emptyLabel?: string;
  error?: string | undefined;
  onChange(value: string): void;
}

/** A choice from a list. */
export function SelectField(props: SelectFieldProps) {
  const { id, label, value, options, emptyLabel, error, onChange } = props;
  return (
    <FieldFrame id={id} label={label} error={error}>
      <select
        id={id}
        value={value}
        aria-invalid={error !== undefined}
        aria-describedby={error === undefined ? undefined : errorId(id)}
        onChange={(event) => onChange(event.target.value)}
      >
        {emptyLabel !== undefined && <option value="">{emptyLabel}</option>}
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </FieldFrame>
  );
}
`);
}

export function checkboxFieldFile(): string {
  return fileText(`
interface CheckboxFieldProps {
  id: string;
  label: string;
  checked: boolean;
  onChange(checked: boolean): void;
}

/** A yes-or-no choice. */
export function CheckboxField({ id, label, checked, onChange }: CheckboxFieldProps) {
  return (
    <div className="field field-inline">
      <input
        id={id}
        type="checkbox"
        checked={checked}
        onChange={(event) => onChange(event.target.checked)}
      />
      <label htmlFor={id}>{label}</label>
    </div>
  );
}
`);
}

export function choicesFieldFile(): string {
  return fileText(`
import type { Option } from '../hooks/use-options';
import { errorId } from './field-frame';

interface ChoicesFieldProps {
  id: string;
  label: string;
  values: readonly string[];
  options: readonly Option[];
  error?: string | undefined;
  onChange(values: string[]): void;
}

/** Any number of choices from a list. */
export function ChoicesField({ id, label, values, options, error, onChange }: ChoicesFieldProps) {
  function toggle(value: string) {
    const others = values.filter((chosen) => chosen !== value);
    onChange(values.includes(value) ? others : [...others, value]);
  }

  return (
    <fieldset className="field choices" aria-describedby={error && errorId(id)}>
      <legend>{label}</legend>
      {options.length === 0 && <span className="hint">Nothing to choose from yet.</span>}
      {options.map((option) => (
        <label key={option.value}>
          <input
            type="checkbox"
            checked={values.includes(option.value)}
            onChange={() => toggle(option.value)}
          />
          {option.label}
        </label>
      ))}
      {error && (
        <span id={errorId(id)} className="field-error">
          {error}
        </span>
      )}
    </fieldset>
  );
}
`);
}

export function pagerFile(): string {
  return fileText(`
import type { Page } from '../api/resource';

interface PagerProps {
  page: Page<unknown>;
  onMove(offset: number): void;
}

/** Moves through the pages of a collection; says where it stands. */
export function Pager({ page, onMove }: PagerProps) {
  const { items, total, limit, offset } = page;
  const first = items.length === 0 ? 0 : offset + 1;
  return (
    <nav className="toolbar pager" aria-label="Pages">
      <button
        type="button"
        disabled={offset === 0}
        onClick={() => onMove(Math.max(0, offset - limit))}
      >
        Previous
      </button>
      <span className="hint">
        {first}–{offset + items.length} of {total}
      </span>
      <button
        type="button"
        disabled={offset + items.length >= total}
        onClick={() => onMove(offset + limit)}
      >
        Next
      </button>
    </nav>
  );
}
`);
}

export function deleteButtonFile(project: ProjectModel): string {
  const roles = has(project, 'roles');
  return fileText(`
import { useState } from 'react';
${roles ? "import { useSession } from '../auth/session-context';\n" : ''}
interface DeleteButtonProps {
  /** What is deleted, for people who do not see the row. */
  label: string;
  onDelete(): void;
}

/** A button that asks once more before it deletes.${roles ? ' Only admins may, so only they have it.' : ''} */
export function DeleteButton({ label, onDelete }: DeleteButtonProps) {
${roles ? '  const session = useSession();\n' : ''}  const [asking, setAsking] = useState(false);
${roles ? "  if (session?.account.role !== 'admin') return null;\n" : ''}  if (!asking) {
    return (
      <button
        type="button"
        className="danger"
        aria-label={\`Delete \${label}\`}
        onClick={() => setAsking(true)}
      >
        Delete
      </button>
    );
  }
  return (
    <>
      <button
        type="button"
        className="danger"
        aria-label={\`Confirm deleting \${label}\`}
        onClick={onDelete}
      >
        Confirm
      </button>
      <button type="button" onClick={() => setAsking(false)}>
        Keep
      </button>
    </>
  );
}
`);
}

export function collectionFrameFile(): string {
  return fileText(`
import type { ReactNode } from 'react';
import type { Collection } from '../hooks/use-collection';
import { Pager } from './pager';

interface CollectionFrameProps<Item> {
  collection: Collection<Item>;
  /** Shown when no record passes the filters. */
  emptyText: string;
  children(items: Item[]): ReactNode;
}

/** What surrounds a list: progress, problems, the empty state and the pages. */
export function CollectionFrame<Item>({
  collection,
  emptyText,
  children,
}: CollectionFrameProps<Item>) {
  const { page, loading, error } = collection;
  if (error !== null) {
    return (
      <p role="alert" className="error">
        {error}{' '}
        <button type="button" onClick={collection.reload}>
          Try again
        </button>
      </p>
    );
  }
  if (page === null) return <p role="status">Loading…</p>;
  return (
    <div aria-busy={loading}>
      {page.items.length === 0 ? <p className="hint">{emptyText}</p> : children(page.items)}
      <Pager page={page} onMove={collection.goTo} />
    </div>
  );
}
`);
}
