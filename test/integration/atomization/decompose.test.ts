import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { asc, eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/adapters/runtime.ts';
import { createLogger } from '../../../src/adapters/telemetry/logger.ts';
import {
  createAtomizer,
  decomposeMasterplan,
  readDecomposition,
  type Atomizer,
} from '../../../src/atomization/index.ts';
import { newId, schema } from '../../../src/db/index.ts';
import { asId, MgeError, type MasterplanId } from '../../../src/domain/index.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { insertAtom, insertGraph, insertMasterplan, insertTask } from '../../support/factories.ts';

const SOURCE = readFileSync(fileURLToPath(new URL('../../../src/atomization/pool.ts', import.meta.url)), 'utf8');

const PYTHON = Array.from(
  { length: 12 },
  (_, i) =>
    `def function_${String(i)}(value: int) -> int:\n    """Adds ${String(i)}."""\n    first = value + ${String(i)}\n    second = first * 2\n    if second > 10:\n        return first\n    return second\n\n\n`,
).join('');

describe('decomposeMasterplan', () => {
  let database: TestDatabase;
  let atomizer: Atomizer;
  beforeAll(async () => {
    database = await createTestDatabase();
    atomizer = createAtomizer({ threads: 1 });
  });
  afterAll(async () => {
    await atomizer.close();
    await database.drop();
  });

  const deps = () => ({ db: database.db, log: createLogger('silent'), clock: systemClock, atomizer });
  const decompose = (id: MasterplanId) => decomposeMasterplan(deps(), id);
  const atomsOf = (id: MasterplanId) =>
    database.db
      .select()
      .from(schema.atomicUnits)
      .where(eq(schema.atomicUnits.masterplanId, id))
      .orderBy(asc(schema.atomicUnits.atomNumber));

  async function plan(files: Record<string, string | Buffer | null>): Promise<MasterplanId> {
    const { masterplanId } = await insertMasterplan(database.db);
    for (const [filePath, content] of Object.entries(files)) {
      const language = filePath.endsWith('.ts') ? 'typescript' : filePath.endsWith('.py') ? 'python' : 'text';
      const draft = Buffer.isBuffer(content) ? { llmResponse: null, draftBytes: content } : { llmResponse: content };
      await insertTask(database.db, { masterplanId, filePath, language, ...draft });
    }
    return asId<MasterplanId>(masterplanId);
  }

  it('stores atoms that tile every file, in plan order', async () => {
    const odd = Buffer.from('\ufeffa = "\0é"\r\nb = 2', 'utf16le');
    const files = {
      'src/pool.ts': SOURCE,
      'app/a.py': PYTHON,
      'odd.py': odd,
      'latin.txt': Buffer.from('caf\xe9\n', 'latin1'),
      'empty.py': '',
    };
    const id = await plan(files);
    const summary = await decompose(id);
    const atoms = await atomsOf(id);
    expect(summary).toMatchObject({ totalAtoms: atoms.length, totalTasks: 5, unchanged: false });
    expect(atoms.map((atom) => atom.atomNumber)).toEqual(atoms.map((_, i) => i + 1));
    for (const [path, content] of Object.entries(files)) {
      const own = atoms.filter((atom) => atom.filePath === path);
      expect(own.map((atom) => atom.fileOrdinal)).toEqual(own.map((_, i) => i));
      const joined = Buffer.concat(own.map((atom) => atom.codeBytes ?? Buffer.from(atom.codeToGenerate)));
      expect(joined.equals(Buffer.from(content)), path).toBe(true);
    }
    expect(atoms.filter((atom) => atom.filePath === 'empty.py')).toMatchObject([{ codeToGenerate: '', loc: 0 }]);
    expect(summary.stats.maxLoc).toBeLessThanOrEqual(15);
    expect(summary.stats.byLanguage['python']).toBeGreaterThan(3);
    expect(await readDecomposition(deps(), id)).toEqual({ ...summary, unchanged: true });
    const [row] = await database.db.select().from(schema.masterplans).where(eq(schema.masterplans.masterplanId, id));
    expect(row?.totalAtoms).toBe(atoms.length);
  });

  it('writes nothing the second time', async () => {
    const id = await plan({ 'a.py': PYTHON });
    const first = await decompose(id);
    const before = await atomsOf(id);
    expect(await decompose(id)).toEqual({ ...first, unchanged: true });
    expect(await atomsOf(id)).toEqual(before);
  });

  it('keeps the ids of atoms whose text is still there', async () => {
    const id = await plan({ 'a.py': PYTHON, 'b.ts': SOURCE });
    await decompose(id);
    const before = await atomsOf(id);
    const changed = PYTHON.replace('Adds 6.', 'Adds half a dozen.');
    await database.db
      .update(schema.masterplanTasks)
      .set({ llmResponse: changed })
      .where(eq(schema.masterplanTasks.filePath, 'a.py'));
    await decompose(id);
    const after = await atomsOf(id);
    const known = new Map(before.map((atom) => [atom.atomId, atom.codeToGenerate]));
    const fresh = after.filter((atom) => !known.has(atom.atomId));
    expect(fresh).toHaveLength(1);
    expect(fresh[0]?.codeToGenerate).toContain('half a dozen');
    for (const atom of after) if (known.has(atom.atomId)) expect(known.get(atom.atomId)).toBe(atom.codeToGenerate);
    expect(
      after
        .filter((atom) => atom.filePath === 'a.py')
        .map((atom) => atom.codeToGenerate)
        .join(''),
    ).toBe(changed);
  });

  it('gives two callers at once the same atoms', async () => {
    const id = await plan({ 'a.py': PYTHON });
    const [one, two] = await Promise.all([decompose(id), decompose(id)]);
    expect(one.totalAtoms).toBe(two.totalAtoms);
    expect(await atomsOf(id)).toHaveLength(one.totalAtoms);
  });

  it('refuses tasks without a draft and names them', async () => {
    const id = await plan({ 'a.py': PYTHON, 'later.py': null });
    const refusal = decompose(id);
    await expect(refusal).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(refusal).rejects.toThrow(/task 2 "Task 2"/);
    expect(await atomsOf(id)).toEqual([]);
  });

  it('refuses an unknown masterplan', async () => {
    await expect(decompose(newId<MasterplanId>())).rejects.toBeInstanceOf(MgeError);
    expect(await readDecomposition(deps(), newId<MasterplanId>())).toBeNull();
  });

  it('refuses to change atoms while they are executed', async () => {
    const id = await plan({ 'a.py': PYTHON });
    const atom = await insertAtom(database.db, { masterplanId: id });
    const graph = await insertGraph(database.db, { masterplanId: id, atomIds: [atom.atomId] });
    await database.db.insert(schema.executions).values({
      executionId: newId<string>(),
      masterplanId: id,
      graphId: graph.graphId,
      status: 'running',
      provider: 'blueprint',
      concurrency: 1,
      maxAttempts: 4,
      startedBy: 'test',
    });
    await expect(decompose(id)).rejects.toMatchObject({ code: 'EXECUTION_RUNNING' });
  });

  it('stops when it is told to', async () => {
    const id = await plan({ 'a.py': PYTHON });
    const controller = new AbortController();
    controller.abort(new Error('enough'));
    await expect(decomposeMasterplan(deps(), id, { signal: controller.signal })).rejects.toThrow('enough');
    expect(await atomsOf(id)).toEqual([]);
  });
});
