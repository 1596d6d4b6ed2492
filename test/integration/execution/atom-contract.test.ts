import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadContract } from '../../../src/execution/atom-contract.ts';
import { loadAtoms } from '../../../src/execution/load-atoms.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { insertAtom, insertGraph, insertMasterplan } from '../../support/factories.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

it('holds an attempt to its draft file and to the whole files that use it', async () => {
  const { db } = database;
  const plan = await insertMasterplan(db);
  const of = { masterplanId: plan.masterplanId, language: 'python' };
  const used = await insertAtom(db, {
    ...of,
    atomNumber: 1,
    filePath: 'a.py',
    codeToGenerate: 'def f(x):\n    return x\n',
  });
  await insertAtom(db, { ...of, atomNumber: 2, filePath: 'b.py', fileOrdinal: 0, codeToGenerate: 'from a import f\n' });
  const user = await insertAtom(db, {
    ...of,
    atomNumber: 3,
    filePath: 'b.py',
    fileOrdinal: 1,
    codeToGenerate: 'f(1)\n',
  });
  await insertGraph(db, {
    masterplanId: plan.masterplanId,
    atomIds: [used.atomId, user.atomId],
    edges: [{ from: user.atomId, to: used.atomId }],
  });
  const atom = (await loadAtoms(db, plan.masterplanId, [used.atomId])).get(used.atomId)!;
  expect(await loadContract(db, atom)).toMatchObject({
    declarations: 'def f(x):\n    return x\n',
    dependents: [{ path: 'b.py', language: 'python', text: 'from a import f\nf(1)\n' }],
    packages: null,
  });
  expect(await loadContract(db, { ...atom, feedback: 'call it g' })).toMatchObject({ declarations: '' });
  expect(await loadContract(db, { ...atom, language: 'markdown' })).toBeNull();
});
