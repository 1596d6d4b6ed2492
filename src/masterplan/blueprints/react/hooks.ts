/** Hooks of the front end that do not depend on the entities. */
import { fileText } from '../layout.ts';

export function useCollectionFile(): string {
  return fileText(`
import { useCallback, useEffect, useState } from 'react';
import type { Listable, Page } from '../api/resource';
import { messageOf } from './message-of';

export const PAGE_SIZE = 20;

export interface Collection<Item> {
  page: Page<Item> | null;
  loading: boolean;
  error: string | null;
  /** Shows the page that starts after \`offset\` records. */
  goTo(offset: number): void;
  /** Fetches the page again. */
  reload(): void;
}

/** A page of a collection that follows its filters. Answers that come too late are dropped. */
export function useCollection<Item, Filters extends object>(
  resource: Listable<Item, Filters>,
  filters: Filters,
): Collection<Item> {
  const [page, setPage] = useState<Page<Item> | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [loading, setLoading] = useState(true);
  const [offset, setOffset] = useState(0);
  const [version, setVersion] = useState(0);
  const key = JSON.stringify(filters);

  useEffect(() => setOffset(0), [key]);

  useEffect(() => {
    let current = true;
    const query = { ...(JSON.parse(key) as Filters), limit: PAGE_SIZE, offset };
    setLoading(true);
    resource
      .list(query)
      .then((result) => {
        if (!current) return;
        setPage(result);
        setError(null);
      })
      .catch((reason: unknown) => {
        if (current) setError(messageOf(reason));
      })
      .finally(() => {
        if (current) setLoading(false);
      });
    return () => {
      current = false;
    };
  }, [resource, key, offset, version]);

  const reload = useCallback(() => setVersion((count) => count + 1), []);
  return { page, loading, error, goTo: setOffset, reload };
}
`);
}

export function messageOfFile(): string {
  return fileText(`
/** What to show for something that was thrown. */
export function messageOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : 'Something went wrong.';
}
`);
}

export function useOptionsFile(): string {
  return fileText(`
import { useEffect, useState } from 'react';
import type { Listable, Reference } from '../api/resource';

/** An entry of a selection list. */
export interface Option {
  value: string;
  label: string;
}

const MAX_OPTIONS = 100;

/** The newest records of a collection as entries of a selection list, with the chosen ones among them. */
export function useOptions(
  resource: Listable<Reference, object>,
  chosen?: Reference | Reference[] | null,
): Option[] {
  const [records, setRecords] = useState<Reference[]>([]);

  useEffect(() => {
    let current = true;
    resource.list({ limit: MAX_OPTIONS }).then(
      (page) => current && setRecords(page.items),
      () => current && setRecords([]),
    );
    return () => {
      current = false;
    };
  }, [resource]);

  return withChosen(records, [chosen ?? []].flat()).map(({ id, label }) => ({ value: String(id), label }));
}

function withChosen(records: Reference[], chosen: Reference[]): Reference[] {
  const listed = new Set(records.map((record) => record.id));
  return [...chosen.filter((record) => !listed.has(record.id)), ...records];
}
`);
}

export function useFormFile(): string {
  return fileText(`
import { useState, type FormEvent } from 'react';
import { ApiError } from '../api/http';
import { messageOf } from './message-of';

/** Messages by field; fields without a problem have none. */
export type FormErrors<Values> = Partial<Record<keyof Values, string>>;

interface FormOptions<Values> {
  initial: Values;
  validate(values: Values): FormErrors<Values>;
  submit(values: Values): Promise<void>;
}

export interface Form<Values> {
  values: Values;
  errors: FormErrors<Values>;
  /** A problem that is not about a single field. */
  failure: string | null;
  submitting: boolean;
  set<Name extends keyof Values>(name: Name, value: Values[Name]): void;
  handleSubmit(event: FormEvent): Promise<void>;
}

function fieldErrors<Values extends object>(
  values: Values,
  errors: { field: string; message: string }[],
): FormErrors<Values> {
  const known = errors.filter((error) => error.field in values);
  return Object.fromEntries(
    known.map((error) => [error.field, error.message]),
  ) as FormErrors<Values>;
}

/** The state of a form: values, problems found here or by the server, and whether it is being sent. */
export function useForm<Values extends object>(options: FormOptions<Values>): Form<Values> {
  const [values, setValues] = useState(options.initial);
  const [errors, setErrors] = useState<FormErrors<Values>>({});
  const [failure, setFailure] = useState<string | null>(null);
  const [submitting, setSubmitting] = useState(false);

  function set<Name extends keyof Values>(name: Name, value: Values[Name]) {
    setValues((before) => ({ ...before, [name]: value }));
    setErrors((before) => ({ ...before, [name]: undefined }));
  }

  function showProblems(reason: unknown) {
    const fields = reason instanceof ApiError ? reason.errors : [];
    setErrors(fieldErrors(options.initial, fields));
    setFailure(messageOf(reason));
  }

  async function handleSubmit(event: FormEvent) {
    event.preventDefault();
    const problems = options.validate(values);
    setErrors(problems);
    setFailure(null);
    if (Object.keys(problems).length > 0) return;
    setSubmitting(true);
    await options.submit(values).catch(showProblems);
    setSubmitting(false);
  }

  return { values, errors, failure, submitting, set, handleSubmit };
}
`);
}

export function useHashRouteFile(): string {
  return fileText(`
import { useSyncExternalStore } from 'react';

/** Where the address bar points, after the \`#\`. */
export interface Route {
  path: string;
  params: URLSearchParams;
}

/** The route of a hash such as \`#/books?author_id=3\`. */
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?');
  return { path: path || '/', params: new URLSearchParams(query) };
}

function subscribe(listener: () => void): () => void {
  window.addEventListener('hashchange', listener);
  return () => window.removeEventListener('hashchange', listener);
}

/** The current hash; the component is drawn again when it changes. */
export function useHash(): string {
  return useSyncExternalStore(subscribe, () => window.location.hash);
}
`);
}

export function useEditorFile(): string {
  return fileText(`
import { useState } from 'react';
import type { Reference, Resource } from '../api/resource';
import { messageOf } from './message-of';

export interface Editor<Item, Input> {
  /** The record in the form, \`'new'\` for an empty form, null while it is closed. */
  target: Item | 'new' | null;
  /** Why the last change outside the form failed. */
  failure: string | null;
  open(target: Item | 'new'): void;
  close(): void;
  save(input: Input): Promise<void>;
  change(id: number, changes: Partial<Input>): Promise<void>;
  remove(id: number): Promise<void>;
}

/** Creating, changing and deleting records of a resource; \`onChanged\` is called after each success. */
export function useEditor<Item extends Reference, Input>(
  resource: Resource<Item, Input, never>,
  onChanged: () => void,
): Editor<Item, Input> {
  const [target, setTarget] = useState<Item | 'new' | null>(null);
  const [failure, setFailure] = useState<string | null>(null);

  async function save(input: Input) {
    if (target === null) return;
    await (target === 'new' ? resource.create(input) : resource.update(target.id, input));
    setTarget(null);
    onChanged();
  }

  async function attempt(operation: Promise<unknown>) {
    try {
      await operation;
      setFailure(null);
      onChanged();
    } catch (reason) {
      setFailure(messageOf(reason));
    }
  }

  return {
    target,
    failure,
    open: setTarget,
    close: () => setTarget(null),
    save,
    change: (id, changes) => attempt(resource.update(id, changes)),
    remove: (id) => attempt(resource.remove(id)),
  };
}
`);
}
