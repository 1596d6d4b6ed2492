/** Front-end source that does not depend on the entities: HTTP client, hooks, form fields. */
import { fileText } from '../../layout.ts';

export function httpFile(): string {
  return fileText(`
/** A message about one field, as the API sends it. */
export interface FieldError {
  field: string;
  message: string;
}

/** An answer other than success, or no answer at all (status 0). */
export class ApiError extends Error {
  readonly status: number;
  readonly errors: FieldError[];

  constructor(status: number, message: string, errors: FieldError[] = []) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.errors = errors;
  }
}

/** The values that are set, as a query string with its question mark; empty when none is. */
export function queryString(values: object): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined && value !== null && value !== '') params.set(name, String(value));
  }
  const text = params.toString();
  return text === '' ? '' : \`?\${text}\`;
}

/** Sends a request with a JSON body and reads the JSON answer. Throws an ApiError for anything but success. */
export async function request<T>(method: string, path: string, body?: unknown): Promise<T> {
  const response = await send(method, path, body);
  if (!response.ok) throw await errorOf(response);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

async function send(method: string, path: string, body: unknown): Promise<Response> {
  const payload =
    body === undefined
      ? {}
      : { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
  try {
    return await fetch(path, { method, ...payload });
  } catch {
    throw new ApiError(0, 'The server cannot be reached.');
  }
}

async function errorOf(response: Response): Promise<ApiError> {
  const fallback = \`The server answered with status \${response.status}.\`;
  try {
    const body = (await response.json()) as { detail?: string; errors?: FieldError[] };
    return new ApiError(response.status, body.detail ?? fallback, body.errors ?? []);
  } catch {
    return new ApiError(response.status, fallback);
  }
}
`);
}

export function resourceFile(): string {
  return fileText(`
import { queryString, request } from './http';

/** What every record has, and all that others know of it. */
export interface Reference {
  id: number;
  label: string;
}

/** Part of a collection, and how many records it has in all. */
export interface Page<T> {
  items: T[];
  total: number;
  limit: number;
  offset: number;
}

/** The position of a page. */
export interface PageQuery {
  limit?: number;
  offset?: number;
}

/** A collection that can be read in pages. */
export interface Listable<Item, Filters> {
  list(query: Filters & PageQuery): Promise<Page<Item>>;
}

/** The operations on one collection of the API. */
export interface Resource<Item, Input, Filters> extends Listable<Item, Filters> {
  get(id: number): Promise<Item>;
  create(input: Input): Promise<Item>;
  update(id: number, changes: Partial<Input>): Promise<Item>;
  remove(id: number): Promise<void>;
}

/** The operations on the collection at \`path\`. */
export function createResource<Item, Input, Filters extends object>(
  path: string,
): Resource<Item, Input, Filters> {
  return {
    list: (query) => request('GET', path + queryString(query)),
    get: (id) => request('GET', \`\${path}/\${id}\`),
    create: (input) => request('POST', path, input),
    update: (id, changes) => request('PATCH', \`\${path}/\${id}\`, changes),
    remove: (id) => request('DELETE', \`\${path}/\${id}\`),
  };
}
`);
}

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

/** The newest records of a collection as entries of a selection list, with the chosen one among them. */
export function useOptions(
  resource: Listable<Reference, object>,
  chosen: Reference | null = null,
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

  return withChosen(records, chosen).map(({ id, label }) => ({ value: String(id), label }));
}

function withChosen(records: Reference[], chosen: Reference | null): Reference[] {
  if (chosen === null || records.some((record) => record.id === chosen.id)) return records;
  return [chosen, ...records];
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

function fieldErrors<Values extends object>(
  values: Values,
  errors: { field: string; message: string }[],
): FormErrors<Values> {
  const known = errors.filter((error) => error.field in values);
  return Object.fromEntries(
    known.map((error) => [error.field, error.message]),
  ) as FormErrors<Values>;
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

export function rulesFile(): string {
  return fileText(`
/** A check of one value: the message when it fails, else undefined. */
export type Rule = (value: string) => string | undefined;

export const required: Rule = (value) => (value.trim() === '' ? 'Please fill this in.' : undefined);

export function maxLength(limit: number): Rule {
  return (value) => (value.trim().length > limit ? \`At most \${limit} characters.\` : undefined);
}

export function numberBetween(min: number, max: number): Rule {
  return (value) => {
    if (value.trim() === '') return undefined;
    const number = Number(value);
    if (Number.isNaN(number)) return 'Please enter a number.';
    return number < min || number > max ? \`Between \${min} and \${max}.\` : undefined;
  };
}

export const wholeNumber: Rule = (value) =>
  value.trim() === '' || Number.isInteger(Number(value)) ? undefined : 'Please enter a whole number.';

export function notBefore(earlier: string, label: string): Rule {
  return (value) => (value !== '' && value < earlier ? \`Not before \${label}.\` : undefined);
}

/** The first problem that the rules find. */
export function firstProblem(value: string, rules: Rule[]): string | undefined {
  return rules.map((rule) => rule(value)).find((message) => message !== undefined);
}

/** Only the fields that have a problem. */
export function onlyProblems<Name extends string>(
  problems: Partial<Record<Name, string | undefined>>,
): Partial<Record<Name, string>> {
  const found = Object.entries(problems).filter(([, message]) => message !== undefined);
  return Object.fromEntries(found) as Partial<Record<Name, string>>;
}
`);
}

export function convertFile(): string {
  return fileText(`
/** Text of an input as the API takes it: null when it is blank. */
export function textOrNull(value: string): string | null {
  return value.trim() === '' ? null : value.trim();
}

/** Number of an input; null when it is blank. */
export function numberOrNull(value: string): number | null {
  return value.trim() === '' ? null : Number(value);
}

/** Text of a value for an input; blank for null. */
export function textOf(value: string | number | null | undefined): string {
  return value === null || value === undefined ? '' : String(value);
}

/** The instant of a date-and-time input, which is in local time; null when it is blank. */
export function instantOrNull(value: string): string | null {
  return value === '' ? null : new Date(value).toISOString();
}

/** An instant as a date-and-time input shows it: local time, to the minute. */
export function localTimeOf(instant: string | null | undefined): string {
  if (!instant) return '';
  const date = new Date(instant);
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}

/** An instant for people. */
export function formatInstant(instant: string | null): string {
  return instant === null ? '' : localTimeOf(instant).replace('T', ' ');
}

/** A yes-or-no value for people. */
export function formatBoolean(value: boolean): string {
  return value ? 'Yes' : 'No';
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
