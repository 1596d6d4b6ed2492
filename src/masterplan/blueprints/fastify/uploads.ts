/** `upload` in the Fastify back end: files of records, kept on disk under names of their own. */
import { fileText } from '../layout.ts';

/** `backend/src/db/tables/attachment.ts`. */
export function attachmentTableFile(): string {
  return fileText(`
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { recordColumns } from '../columns.ts';

export const attachments = sqliteTable(
  'attachments',
  {
    ...recordColumns(),
    collection: text().notNull(),
    record_id: integer().notNull(),
    filename: text().notNull(),
    content_type: text().notNull(),
    size: integer().notNull(),
    stored_name: text().notNull(),
    /** Since when nothing needs the file: it is removed after the transaction that says so. */
    discarded_at: text(),
  },
  (table) => [index('attachments_record').on(table.collection, table.record_id)],
);

/** A file that belongs to a record of any collection. */
export type AttachmentRow = typeof attachments.$inferSelect;
`);
}

/** `backend/src/schemas/attachment.ts`. */
export function attachmentSchemaFile(): string {
  return fileText(`
import type { Readable } from 'node:stream';
import { type Static, Type } from 'typebox';

/** An attachment without its bytes. */
export const AttachmentRead = Type.Object({
  id: Type.Integer(),
  label: Type.String(),
  filename: Type.String(),
  content_type: Type.String(),
  size: Type.Integer(),
  created_at: Type.String({ format: 'date-time' }),
});

export const AttachmentList = Type.Array(AttachmentRead);

/** The bytes of a file. */
export const Bytes = Type.Unsafe<Readable>({ type: 'string', format: 'binary' });

/** A form with a file, as clients send it. */
export const AttachmentForm = Type.Object({ file: Bytes });

export type AttachmentRead = Static<typeof AttachmentRead>;
`);
}

/** `backend/src/repositories/attachment.ts`. */
export function attachmentRepositoryFile(): string {
  return fileText(`
import { and, desc, eq, isNotNull, isNull, type SQL } from 'drizzle-orm';
import { now } from '../db/columns.ts';
import { type AttachmentRow, attachments } from '../db/tables/attachment.ts';
import { Repository } from './repository.ts';

/** Stored attachments. */
export class AttachmentRepository extends Repository<AttachmentRow> {
  protected readonly table = attachments;
  protected readonly sortable = { id: attachments.id };

  async labelsOf(rows: AttachmentRow[]): Promise<string[]> {
    return rows.map((row) => row.filename);
  }

  override async get(id: number): Promise<AttachmentRow | undefined> {
    const [row] = await this.where(and(eq(attachments.id, id), isNull(attachments.discarded_at)));
    return row;
  }

  /** The attachments of a record, newest first. */
  async ofRecord(collection: string, recordId: number): Promise<AttachmentRow[]> {
    return this.session
      .select()
      .from(attachments)
      .where(and(ofRecord(collection, recordId), isNull(attachments.discarded_at)))
      .orderBy(desc(attachments.id));
  }

  /** The attachments whose files are to be removed. */
  async discarded(): Promise<AttachmentRow[]> {
    return this.where(isNotNull(attachments.discarded_at));
  }

  async discard(id: number): Promise<void> {
    await this.change(id, { discarded_at: now() });
  }

  async discardOf(collection: string, recordId: number): Promise<void> {
    const moment = { discarded_at: now() };
    await this.session.update(attachments).set(moment).where(ofRecord(collection, recordId));
  }
}

function ofRecord(collection: string, recordId: number): SQL | undefined {
  return and(eq(attachments.collection, collection), eq(attachments.record_id, recordId));
}
`);
}

/** `backend/src/services/attached-files.ts`. */
export function attachedFilesFile(): string {
  return fileText(`
import type { Session } from '../db/database.ts';
import { AttachmentRepository } from '../repositories/attachment.ts';

/** The attachments of the records of one collection, for the service of those. */
export class AttachedFiles {
  private readonly attachments: AttachmentRepository;
  private readonly collection: string;

  constructor(session: Session, collection: string) {
    this.attachments = new AttachmentRepository(session);
    this.collection = collection;
  }

  /** Lets the attachments of a record go: files are removed once the transaction is kept. */
  async discard(recordId: number): Promise<void> {
    await this.attachments.discardOf(this.collection, recordId);
  }
}
`);
}

/** `backend/src/files/file-store.ts`. */
export function fileStoreFile(): string {
  return fileText(`
import { randomBytes } from 'node:crypto';
import { mkdir, open, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { RequestError } from '../errors.ts';

const MB = 1024 * 1024;

/** Keeps files in one folder, under random names: no word of a client becomes a path. */
export class FileStore {
  private readonly directory: string;
  private readonly maxMb: number;

  constructor(directory: string, maxMb: number) {
    this.directory = directory;
    this.maxMb = maxMb;
  }

  /** Bytes that a file may have. */
  get maxBytes(): number {
    return this.maxMb * MB;
  }

  /** Throws where so many bytes are too many. */
  checkSize(size: number): void {
    if (size > this.maxBytes) throw new RequestError(413, \`Files may have \${this.maxMb} MB at most.\`);
  }

  /** Stores a file; gives its name. */
  async save(bytes: Uint8Array): Promise<string> {
    this.checkSize(bytes.length);
    await mkdir(this.directory, { recursive: true });
    const name = randomBytes(16).toString('hex');
    await writeFile(this.pathOf(name), bytes, { flag: 'wx' });
    return name;
  }

  /** Opens a file for reading; undefined where somebody has removed it. */
  async read(name: string): Promise<Readable | undefined> {
    try {
      return (await open(this.pathOf(name))).createReadStream();
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** Removes a file, if it is there. */
  async remove(name: string): Promise<void> {
    await rm(this.pathOf(name), { force: true });
  }

  private pathOf(name: string): string {
    return join(this.directory, name);
  }
}
`);
}

/** `backend/src/files/upload-form.ts`. */
export function uploadFormFile(): string {
  return fileText(`
import { InvalidInputError } from '../errors.ts';

/** A file as a client sends it, with a name and a type that can be shown. */
export interface Upload {
  filename: string;
  content_type: string;
  bytes: Uint8Array;
}

/** A type as RFC 6838 lets it be: safe in a header. */
const MEDIA_TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,48}\\/[a-z0-9][a-z0-9!#$&^_.+-]{0,48}$/;
const UNKNOWN_TYPE = 'application/octet-stream';
const MAX_NAME_LENGTH = 255;

/** The type of a file without parameters; unknown where no header could carry it. */
export function plainType(type: string): string {
  const [name = ''] = type.toLowerCase().split(';');
  return MEDIA_TYPE.test(name.trim()) ? name.trim() : UNKNOWN_TYPE;
}

/** The name of a file without folders and characters that cannot be seen. */
export function plainName(name: string): string {
  const last = name.split(/[\\\\/]/).at(-1) ?? '';
  const visible = last.replaceAll(/[\\p{C}\\p{Zl}\\p{Zp}]/gu, '');
  return Array.from(visible).slice(-MAX_NAME_LENGTH).join('') || 'file';
}

/** How a file is sent so that browsers save it under its name, whatever letters that has (RFC 6266). */
export function contentDisposition(filename: string): string {
  const ascii = filename.replaceAll(/[^ -~]|["\\\\%]/g, '_');
  const encoded = encodeURIComponent(filename).replaceAll(/['()*]/g, (char) => \`%\${char.charCodeAt(0).toString(16)}\`);
  return \`attachment; filename="\${ascii}"; filename*=UTF-8''\${encoded}\`;
}

/** The member \`file\` of a form. */
export async function readUpload(form: Uint8Array, contentType: string): Promise<Upload> {
  const file = (await parseForm(form, contentType)).get('file');
  if (file === null || typeof file === 'string') throw new InvalidInputError('A file is needed.', 'file');
  return {
    filename: plainName(file.name),
    content_type: plainType(file.type),
    bytes: new Uint8Array(await file.arrayBuffer()),
  };
}

async function parseForm(form: Uint8Array, contentType: string) {
  try {
    return await new Response(form, { headers: { 'content-type': contentType } }).formData();
  } catch {
    throw new InvalidInputError('The form cannot be read.', 'file');
  }
}
`);
}

/** `backend/src/services/attachment.ts`. */
export function attachmentServiceFile(): string {
  return fileText(`
import type { Readable } from 'node:stream';
import type { Database, Session } from '../db/database.ts';
import type { AttachmentRow } from '../db/tables/attachment.ts';
import { NotFoundError } from '../errors.ts';
import type { FileStore } from '../files/file-store.ts';
import type { Upload } from '../files/upload-form.ts';
import { AttachmentRepository } from '../repositories/attachment.ts';
import type { AttachmentRead } from '../schemas/attachment.ts';
import { SERVICES } from './catalog.ts';

/** An attachment with its bytes. */
export interface OpenAttachment {
  attachment: AttachmentRow;
  bytes: Readable;
}

/** Keeps files that belong to records. */
export class AttachmentService {
  private readonly database: Database;
  private readonly store: FileStore;

  constructor(database: Database, store: FileStore) {
    this.database = database;
    this.store = store;
  }

  /** The attachments of a record, newest first. */
  async list(collection: string, recordId: number): Promise<AttachmentRead[]> {
    const { session } = this.database;
    await checkOwner(session, collection, recordId);
    const rows = await new AttachmentRepository(session).ofRecord(collection, recordId);
    return rows.map(presentAttachment);
  }

  /** Stores a file for a record. */
  async add(collection: string, record_id: number, { bytes, ...described }: Upload): Promise<AttachmentRead> {
    await checkOwner(this.database.session, collection, record_id);
    const stored_name = await this.store.save(bytes);
    const values = { ...described, collection, record_id, size: bytes.length, stored_name };
    try {
      return presentAttachment(await this.database.write((session) => addTo(session, values)));
    } catch (error) {
      await this.store.remove(stored_name);
      throw error;
    }
  }

  /** Opens the file of an attachment; whoever does reads it to its end. */
  async open(id: number): Promise<OpenAttachment> {
    const attachment = await stored(this.database.session, id);
    const bytes = await this.store.read(attachment.stored_name);
    if (bytes === undefined) throw new NotFoundError('The file of this attachment is gone.');
    return { attachment, bytes };
  }

  async remove(id: number): Promise<void> {
    await this.database.write(async (session) => {
      await stored(session, id);
      await new AttachmentRepository(session).discard(id);
    });
  }

  /** Removes the files that nothing needs any more. */
  async sweep(): Promise<void> {
    const discarded = await new AttachmentRepository(this.database.session).discarded();
    for (const { id, stored_name } of discarded) {
      await this.store.remove(stored_name);
      await this.database.write((session) => new AttachmentRepository(session).remove(id));
    }
  }
}

function presentAttachment(row: AttachmentRow): AttachmentRead {
  const { id, filename, content_type, size, created_at } = row;
  return { id, label: filename, filename, content_type, size, created_at };
}

/** Throws where there is no such record. */
async function checkOwner(session: Session, collection: string, recordId: number): Promise<void> {
  const open = SERVICES[collection];
  if (open === undefined) throw new NotFoundError(\`There are no \${collection}.\`);
  await open(session).get(recordId);
}

/** Adds an attachment to a record that is still there. */
async function addTo(
  session: Session,
  values: Omit<AttachmentRow, 'id' | 'created_at' | 'updated_at' | 'discarded_at'>,
): Promise<AttachmentRow> {
  await checkOwner(session, values.collection, values.record_id);
  return new AttachmentRepository(session).add(values);
}

/** The attachment of an id; throws where there is none, or its record is deleted. */
async function stored(session: Session, id: number): Promise<AttachmentRow> {
  const attachment = await new AttachmentRepository(session).get(id);
  if (attachment === undefined) throw new NotFoundError(\`There is no attachment with id \${id}.\`);
  await checkOwner(session, attachment.collection, attachment.record_id);
  return attachment;
}
`);
}
