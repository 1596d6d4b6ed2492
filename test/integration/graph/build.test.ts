import { eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/adapters/runtime.ts';
import { createLogger } from '../../../src/adapters/telemetry/logger.ts';
import { createAtomizer, decomposeMasterplan, type Atomizer } from '../../../src/atomization/index.ts';
import { newId, schema } from '../../../src/db/index.ts';
import { asId, MgeError, type AtomId, type MasterplanId } from '../../../src/domain/index.ts';
import {
  buildMasterplanGraph,
  EXPORT_CONTENT_TYPES,
  EXPORT_FORMATS,
  exportGraph,
  indexOfAtom,
  loadGraph,
  pathsBetween,
  readGraph,
} from '../../../src/graph/index.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { insertMasterplan, insertTask } from '../../support/factories.ts';

const REPO = `class Repo:
    """Keeps things."""

    def __init__(self) -> None:
        self.things: list[str] = []

    def add(self, thing: str) -> None:
        self.things.append(thing)

    def first(self) -> str:
        return self.things[0]
`;
const SERVICE = `from app.repo import Repo


class Service:
    def __init__(self, repo: Repo) -> None:
        self.repo = repo

    def keep(self, thing: str) -> str:
        self.repo.add(thing)
        return self.repo.first()
`;

/** The member that `use` calls is known only to who can tell what a conditional type comes to. */
const INFERRED = {
  'src/tools.ts': 'export function make() {\n  return { run: () => 1 };\n}\n',
  'src/table.ts':
    "import { make } from './tools.ts';\n\ntype Result<F> = F extends () => infer R ? R : never;\n\nexport declare const made: Result<typeof make>;\n",
  'src/use.ts': "import { made } from './table.ts';\n\nexport const result = made.run();\n",
};

describe('buildMasterplanGraph', () => {
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

  async function plan(files: Record<string, string>): Promise<MasterplanId> {
    const { masterplanId } = await insertMasterplan(database.db);
    for (const [filePath, llmResponse] of Object.entries(files)) {
      await insertTask(database.db, { masterplanId, filePath, language: 'python', llmResponse });
    }
    return asId<MasterplanId>(masterplanId);
  }

  const files = { 'app/repo.py': REPO, 'app/service.py': SERVICE };

  it('refuses a plan that has no atoms', async () => {
    const id = await plan(files);
    await expect(buildMasterplanGraph(deps(), id)).rejects.toMatchObject({ code: 'NOT_DECOMPOSED' });
    expect(await readGraph(deps(), id)).toBeNull();
  });

  it('adds what the TypeScript checker finds where it is asked to, and builds again when that changes', async () => {
    const { masterplanId } = await insertMasterplan(database.db);
    for (const [filePath, llmResponse] of Object.entries(INFERRED))
      await insertTask(database.db, { masterplanId, filePath, language: 'typescript', llmResponse });
    const id = asId<MasterplanId>(masterplanId);
    await decomposeMasterplan(deps(), id);
    const own = await buildMasterplanGraph(deps(), id);
    const checked = await buildMasterplanGraph(deps(), id, { checked: true });
    expect(checked).toMatchObject({ unchanged: false, graphId: own.graphId, totalEdges: own.totalEdges + 1 });
    expect(await buildMasterplanGraph(deps(), id, { checked: true })).toMatchObject({ unchanged: true });
    expect(await buildMasterplanGraph(deps(), id)).toMatchObject({ unchanged: false, totalEdges: own.totalEdges });
  });

  it('stores edges with reasons, waves and the order, and points the plan at them', async () => {
    const id = await plan(files);
    await decomposeMasterplan(deps(), id);
    const summary = await buildMasterplanGraph(deps(), id);
    expect(summary.unchanged).toBe(false);
    expect(summary.totalWaves).toBeGreaterThan(1);
    expect(summary.waves.reduce((sum, wave) => sum + wave.totalAtoms, 0)).toBe(summary.totalAtoms);
    const broken = await database.db.execute(sql`
      select d.dependency_id from atom_dependencies d
      join atomic_units f on f.atom_id = d.from_atom_id join atomic_units t on t.atom_id = d.to_atom_id
      where d.graph_id = ${summary.graphId}::uuid and not d.metadata ? 'cut' and not d.metadata ? 'internal'
        and t.wave_number >= f.wave_number`);
    expect(broken.rows).toEqual([]);
    const reasons = await database.db
      .select({ metadata: schema.atomDependencies.metadata, type: schema.atomDependencies.dependencyType })
      .from(schema.atomDependencies)
      .where(eq(schema.atomDependencies.graphId, summary.graphId));
    expect(reasons.map((edge) => `${edge.type}: ${edge.metadata.reason}`)).toContain(
      'function_call: calls `Repo.add` defined at app/repo.py:7',
    );
    const [row] = await database.db
      .select()
      .from(schema.dependencyGraphs)
      .where(eq(schema.dependencyGraphs.graphId, summary.graphId));
    expect(row?.topologicalOrder).toHaveLength(summary.totalAtoms);
    const [stored] = await database.db.select().from(schema.masterplans).where(eq(schema.masterplans.masterplanId, id));
    expect(stored).toMatchObject({
      graphId: summary.graphId,
      totalWaves: summary.totalWaves,
      maxParallelism: summary.maxParallelism,
    });
  });

  it('does nothing when the atoms are the same, and keeps the id when they are not', async () => {
    const id = await plan(files);
    await decomposeMasterplan(deps(), id);
    const first = await buildMasterplanGraph(deps(), id);
    const again = await buildMasterplanGraph(deps(), id);
    expect(again).toEqual({ ...first, unchanged: true });
    expect(await readGraph(deps(), id)).toEqual(again);
    await database.db
      .update(schema.masterplanTasks)
      .set({ llmResponse: `${REPO}\n\ndef helper() -> Repo:\n    return Repo()\n` })
      .where(sql`masterplan_id = ${id}::uuid and file_path = 'app/repo.py'`);
    await decomposeMasterplan(deps(), id);
    expect(await readGraph(deps(), id)).toBeNull();
    const changed = await buildMasterplanGraph(deps(), id);
    expect(changed.graphId).toBe(first.graphId);
    expect(changed.totalAtoms).toBeGreaterThanOrEqual(first.totalAtoms);
    const [counted] = (
      await database.db.execute(
        sql`select count(*)::int as n from execution_waves where graph_id = ${changed.graphId}::uuid`,
      )
    ).rows;
    expect(counted?.['n']).toBe(changed.totalWaves);
  });

  it('gives the stored graph back for questions and exports', async () => {
    const id = await plan(files);
    await decomposeMasterplan(deps(), id);
    await expect(loadGraph(deps(), id)).rejects.toMatchObject({ code: 'GRAPH_NOT_BUILT' });
    const summary = await buildMasterplanGraph(deps(), id);
    const view = await loadGraph(deps(), id);
    expect(view.atoms).toHaveLength(summary.totalAtoms);
    const from = view.atoms.findIndex((atom) => atom.file === 'app/service.py' && atom.endLine >= 10);
    const to = view.atoms.findIndex((atom) => atom.file === 'app/repo.py');
    expect(indexOfAtom(view, view.atoms[from]?.id as AtomId)).toBe(from);
    expect(() => indexOfAtom(view, newId<AtomId>())).toThrow(MgeError);
    const [chain] = pathsBetween(view, from, to);
    expect(chain?.at(-1)?.to).toBe(to);
    expect(
      EXPORT_FORMATS.map((format) => exportGraph(view, format).length > 100 && EXPORT_CONTENT_TYPES[format] !== ''),
    ).toEqual([true, true, true, true]);
  });

  it('refuses to replace a graph under a running execution', async () => {
    const id = await plan(files);
    await decomposeMasterplan(deps(), id);
    const { graphId } = await buildMasterplanGraph(deps(), id);
    await database.db.insert(schema.executions).values({
      executionId: newId<string>(),
      masterplanId: id,
      graphId,
      status: 'running',
      provider: 'blueprint',
      concurrency: 1,
      maxAttempts: 4,
      startedBy: 'test',
    });
    expect((await buildMasterplanGraph(deps(), id)).unchanged).toBe(true);
    await database.db.execute(
      sql`update atomic_units set code_to_generate = code_to_generate || ' ' where masterplan_id = ${id}::uuid`,
    );
    const refusal = await buildMasterplanGraph(deps(), id).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(MgeError);
    expect((refusal as MgeError).code).toBe('EXECUTION_RUNNING');
  });

  it('rewrites after a change only what the change concerns, with the same result as from scratch', async () => {
    const before = {
      ...files,
      'app/twice.py': 'def twice(n: int) -> int:\n    return n * 2\n',
      'app/alone.py': 'from app.twice import twice\n\n\ndef alone(n: int) -> int:\n    return twice(n)\n',
    };
    const id = await plan(before);
    await decomposeMasterplan(deps(), id);
    await buildMasterplanGraph(deps(), id);
    const stored = async (masterplanId: MasterplanId) =>
      (
        await database.db.execute<{ id: string; edge: string; file: string; wave: string }>(sql`
          select d.dependency_id as id, f.file_path as file, concat_ws(' ', f.name, f.wave_number, t.name, t.wave_number,
            d.dependency_type, d.strength, d.metadata::text) as edge
          from atom_dependencies d join atomic_units f on f.atom_id = d.from_atom_id
          join atomic_units t on t.atom_id = d.to_atom_id join masterplans m on m.graph_id = d.graph_id
          where m.masterplan_id = ${masterplanId}::uuid order by edge`)
      ).rows;
    const first = await stored(id);
    const changed = `from app.twice import twice\n${SERVICE.replace('self.repo.add(thing)', 'self.repo.add(str(twice(2)))')}`;
    await database.db
      .update(schema.masterplanTasks)
      .set({ llmResponse: changed })
      .where(sql`masterplan_id = ${id}::uuid and file_path = 'app/service.py'`);
    await decomposeMasterplan(deps(), id);
    await buildMasterplanGraph(deps(), id);
    const second = await stored(id);
    const ids = new Set(second.map((row) => row.id));
    const untouched = first.filter((row) => row.file === 'app/alone.py');
    expect(untouched.length).toBeGreaterThan(0);
    expect(untouched.filter((row) => !ids.has(row.id))).toEqual([]);
    expect(second.map((row) => row.edge)).not.toEqual(first.map((row) => row.edge));
    const scratch = await plan({ ...before, 'app/service.py': changed });
    await decomposeMasterplan(deps(), scratch);
    await buildMasterplanGraph(deps(), scratch);
    expect(second.map((row) => row.edge)).toEqual((await stored(scratch)).map((row) => row.edge));
  });

  it('estimates time from earlier attempts, and says when there are none', async () => {
    const id = await plan(files);
    await decomposeMasterplan(deps(), id);
    const { stats, totalWaves } = await buildMasterplanGraph(deps(), id);
    expect(stats['estimate']).toMatchObject({ basis: 'no history', seconds_at_least: null, wave_seconds: [] });
    expect(stats['boundaries']).toMatchObject({ components: [{ path: 'app', wave: totalWaves }] });
    const past = await plan(Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`m${String(i)}.py`, REPO])));
    await decomposeMasterplan(deps(), past);
    const done = await database.db
      .select({ atomId: schema.atomicUnits.atomId })
      .from(schema.atomicUnits)
      .where(eq(schema.atomicUnits.masterplanId, past));
    expect(done.length).toBeGreaterThanOrEqual(5);
    await database.db.insert(schema.atomRetryHistory).values(
      done.flatMap(({ atomId }) =>
        [false, true].map((success, i) => ({
          retryId: newId<string>(),
          atomId,
          attemptNumber: i + 1,
          temperature: 0,
          provider: 'blueprint',
          success,
          durationMs: success ? 3_000 : 1_000,
        })),
      ),
    );
    const next = await plan(files);
    await decomposeMasterplan(deps(), next);
    const built = await buildMasterplanGraph(deps(), next);
    expect(built.stats['estimate']).toMatchObject({
      basis: 'history',
      samples: done.length,
      // Every atom takes 4 seconds: its failed attempt counts too.
      seconds_at_least: 4 * built.totalWaves,
      wave_seconds: Array.from({ length: built.totalWaves }, () => 4),
    });
  });
});
