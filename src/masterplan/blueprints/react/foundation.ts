/** Front-end source that does not depend on the entities: HTTP client and form values. */
import { fileText } from '../layout.ts';
import type { ProjectModel } from '../model.ts';
import { has, movesFiles } from './features/feature-file.ts';

/** Sending a request, with the token of the session where there are sessions. */
function sendFunction(project: ProjectModel): string {
  const auth = has(project, 'auth');
  const withToken = `
/** A request with the token of the session, where there is one. */
function withToken(init: RequestInit): RequestInit {
  const token = readToken();
  if (token === null) return init;
  const headers = { ...(init.headers as Record<string, string>), Authorization: \`Bearer \${token}\` };
  return { ...init, headers };
}
`;
  return `
/**
 * Sends a request and gives the answer of a success. Throws an ApiError for anything else${auth ? '; an answer of 401 ends\n * the session' : ''}.
 */
export async function send(path: string, init: RequestInit): Promise<Response> {
  const response = await fetch(path, ${auth ? 'withToken(init)' : 'init'}).catch(() => {
    throw new ApiError(0, 'The server cannot be reached.');
  });
${auth ? '  if (response.status === 401) storeToken(null);\n' : ''}  if (!response.ok) throw await errorOf(response);
  return response;
}
${auth ? withToken : ''}`;
}

export function httpFile(project: ProjectModel): string {
  return fileText(`
${has(project, 'auth') ? "import { readToken, storeToken } from '../auth/session';\n" : ''}
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
  const payload =
    body === undefined
      ? {}
      : { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
  const response = await send(path, { method, ...payload });
  return (response.status === 204 ? undefined : await response.json()) as T;
}
${sendFunction(project)}
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

export function resourceFile(project: ProjectModel): string {
  const restores = has(project, 'soft_delete');
  const restorable = `
/** A collection whose deleted records can be listed and taken back. */
export interface Restorable<Item> extends Listable<Item, { deleted?: string }> {
  restore(id: number): Promise<Item>;
}
`;
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
${restores ? restorable : ''}
/** The operations on one collection of the API. */
export interface Resource<Item, Input, Filters> extends Listable<Item, Filters> {
${movesFiles(project) ? '  /** Where the collection is. */\n  readonly path: string;\n' : ''}  get(id: number): Promise<Item>;
  create(input: Input): Promise<Item>;
  update(id: number, changes: Partial<Input>): Promise<Item>;
  remove(id: number): Promise<void>;
${restores ? '  /** Takes a deleted record back. */\n  restore(id: number): Promise<Item>;\n' : ''}}

/** The operations on the collection at \`path\`. */
export function createResource<Item, Input, Filters extends object>(
  path: string,
): Resource<Item, Input, Filters> {
  return {
${movesFiles(project) ? '    path,\n' : ''}    list: (query) => request('GET', path + queryString(query)),
    get: (id) => request('GET', \`\${path}/\${id}\`),
    create: (input) => request('POST', path, input),
    update: (id, changes) => request('PATCH', \`\${path}/\${id}\`, changes),
    remove: (id) => request('DELETE', \`\${path}/\${id}\`),
${restores ? "    restore: (id) => request('POST', \`\${path}/\${id}/restore\`),\n" : ''}  };
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

export function labelInFile(): string {
  return fileText(`
/** The label of a value in a list of choices; blank for null. */
export function labelIn(
  options: readonly { value: string; label: string }[],
  value: string | null,
): string {
  return options.find((option) => option.value === value)?.label ?? '';
}
`);
}
