import { and, eq, isNull } from 'drizzle-orm';
import { schema, type Tx } from '../db/index.ts';
import { asId, isUuid, MgeError, type AtomId, type MasterplanId } from '../domain/index.ts';
import { isAdmin, type Principal } from './principal.ts';

const { masterplans, atomicUnits } = schema;

/** What a caller wants with a masterplan: reviewers may look at the code and the checks of all, but steer and read only their own. */
export type Purpose = 'own' | 'inspect';

function allows(principal: Principal, owner: string, purpose: Purpose): boolean {
  return (
    owner === principal.subject || isAdmin(principal) || (purpose === 'inspect' && principal.roles.has('reviewer'))
  );
}

/** A masterplan that the caller may see; to others it does not exist. @throws {MgeError} NOT_FOUND */
export async function requireMasterplan(
  tx: Tx,
  principal: Principal,
  id: string,
  purpose: Purpose = 'own',
): Promise<MasterplanId> {
  const missing = new MgeError('NOT_FOUND', `There is no masterplan ${id}.`);
  if (!isUuid(id)) throw missing;
  const masterplanId = asId<MasterplanId>(id);
  const [row] = await tx
    .select({ userId: masterplans.userId })
    .from(masterplans)
    .where(and(eq(masterplans.masterplanId, masterplanId), isNull(masterplans.deletedAt)));
  if (!row || !allows(principal, row.userId, purpose)) throw missing;
  return masterplanId;
}

/** An atom of a masterplan that the caller may see. @throws {MgeError} NOT_FOUND */
export async function requireAtom(
  tx: Tx,
  principal: Principal,
  id: string,
  purpose: Purpose = 'own',
): Promise<{ atomId: AtomId; masterplanId: MasterplanId }> {
  const missing = new MgeError('NOT_FOUND', `There is no atom ${id}.`);
  if (!isUuid(id)) throw missing;
  const atomId = asId<AtomId>(id);
  const [row] = await tx
    .select({ userId: masterplans.userId, masterplanId: masterplans.masterplanId })
    .from(atomicUnits)
    .innerJoin(masterplans, eq(masterplans.masterplanId, atomicUnits.masterplanId))
    .where(and(eq(atomicUnits.atomId, atomId), isNull(masterplans.deletedAt)));
  if (!row || !allows(principal, row.userId, purpose)) throw missing;
  return { atomId, masterplanId: asId<MasterplanId>(row.masterplanId) };
}
