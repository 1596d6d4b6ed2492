import { and, asc, eq } from 'drizzle-orm';
import type { AtomId } from '../domain/index.ts';
import { MgeError } from '../domain/index.ts';
import { schema, type Tx } from '../db/index.ts';

const { atomicUnits: atoms } = schema;
type AtomRow = typeof atoms.$inferSelect;

/** An atom inside its file as it stands now. */
export interface FileSlice {
  readonly path: string;
  readonly language: string;
  readonly name: string;
  readonly description: string;
  readonly role: string;
  readonly loc: number;
  readonly complexity: number;
  readonly isAtomic: boolean;
  readonly attempts: number;
  readonly errorMessage: string | null;
  readonly draft: Uint8Array;
  /** What was accepted last, else the draft. */
  readonly current: Uint8Array;
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

function draftOf(atom: AtomRow): Uint8Array {
  return atom.codeBytes ?? Buffer.from(atom.codeToGenerate, 'utf8');
}

function currentOf(atom: AtomRow): Uint8Array {
  if (atom.acceptedBytes !== null) return atom.acceptedBytes;
  return atom.acceptedCode === null ? draftOf(atom) : Buffer.from(atom.acceptedCode, 'utf8');
}

/**
 * Reads the file that an atom belongs to and finds the atom in it.
 * @throws {MgeError} NOT_FOUND when there is no such atom.
 */
export async function sliceInFile(tx: Tx, atomId: AtomId): Promise<FileSlice> {
  const [own] = await tx.select().from(atoms).where(eq(atoms.atomId, atomId));
  if (own === undefined) throw new MgeError('NOT_FOUND', `there is no atom ${atomId}`);
  const sameFile = and(eq(atoms.masterplanId, own.masterplanId), eq(atoms.filePath, own.filePath));
  const file = await tx.select().from(atoms).where(sameFile).orderBy(asc(atoms.fileOrdinal));
  const join = (part: readonly AtomRow[]): Uint8Array => new Uint8Array(Buffer.concat(part.map(currentOf)));
  return {
    path: own.filePath,
    language: own.language,
    name: own.name,
    description: own.description,
    role: own.role,
    loc: own.loc,
    complexity: own.complexity,
    isAtomic: own.isAtomic,
    attempts: own.attempts,
    errorMessage: own.errorMessage,
    draft: draftOf(own),
    current: currentOf(own),
    before: join(file.filter((atom) => atom.fileOrdinal < own.fileOrdinal)),
    after: join(file.filter((atom) => atom.fileOrdinal > own.fileOrdinal)),
  };
}
