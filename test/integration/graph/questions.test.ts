import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAtomizer, decomposeMasterplan, type Atomizer } from '../../../src/atomization/index.ts';
import { asId, type MasterplanId } from '../../../src/domain/index.ts';
import { buildMasterplanGraph } from '../../../src/graph/index.ts';
import { insertMasterplan, insertTask } from '../../support/factories.ts';
import { tokenFor } from '../../unit/api/api-fixture.ts';
import { startApi, type ApiUnderTest } from '../api/api-under-test.ts';
import { stagesOver } from '../api/stages-under-test.ts';

const FILES: Record<string, string> = {
  'app/store.py': 'def load():\n    return [1]\n',
  'app/service.py': 'from app.store import load\n\n\ndef total():\n    return sum(load())\n',
  'app/web.py': 'from app.service import total\n\n\ndef page():\n    return str(total())\n',
  'app/other.py': 'def other():\n    return 2\n',
};

interface Atom {
  readonly id: string;
  readonly file: string;
  readonly name: string;
}

let api: ApiUnderTest;
let atomizer: Atomizer;
let base: string;
let token: string;
let plan: MasterplanId;
let atoms: readonly Atom[];

beforeAll(async () => {
  atomizer = createAtomizer({ threads: 1 });
  api = await startApi((deps) => ({
    stages: { ...stagesOver(deps), editReview: () => Promise.reject(new Error('no review is edited here')) },
  }));
  base = await api.app.listen({ host: '127.0.0.1', port: 0 });
  token = await tokenFor('someone');
  plan = await planned();
  await decomposeMasterplan({ ...api.deps, atomizer }, plan);
  await buildMasterplanGraph({ ...api.deps, atomizer }, plan);
  atoms = ((await (await get(`${plan}/export`)).json()) as { atoms: Atom[] }).atoms;
});
afterAll(async () => {
  await api.close();
  await atomizer.close();
});

async function planned(): Promise<MasterplanId> {
  const { masterplanId } = await insertMasterplan(api.database.db, { userId: 'someone' });
  for (const [filePath, llmResponse] of Object.entries(FILES))
    await insertTask(api.database.db, { masterplanId, filePath, language: 'python', llmResponse });
  return asId<MasterplanId>(masterplanId);
}

function get(path: string, bearer = token): Promise<Response> {
  return fetch(`${base}/api/v2/graphs/${path}`, { headers: { authorization: `Bearer ${bearer}` } });
}

const atomNamed = (name: string): string => atoms.find((atom) => atom.name.startsWith(name))?.id ?? '';

describe('exporting a graph', () => {
  it('gives every format with its content type', async () => {
    const formats: Record<string, [string, RegExp]> = {
      json: ['application/json', /^\{\n {2}"atoms"/],
      dot: ['text/vnd.graphviz', /^digraph dependencies \{/],
      graphml: ['application/graphml+xml', /^<\?xml version="1.0"/],
      mermaid: ['text/plain; charset=utf-8', /^flowchart LR\n/],
    };
    for (const [format, [type, start]] of Object.entries(formats)) {
      const answer = await get(`${plan}/export?format=${format}`);
      expect([format, answer.status, answer.headers.get('content-type')]).toEqual([format, 200, type]);
      expect(await answer.text()).toMatch(start);
    }
  });

  it('joins atoms into files, folders and waves', async () => {
    const files = (await (await get(`${plan}/export?group=files`)).json()) as {
      nodes: { id: string }[];
      edges: { from: string; to: string; pairs: number }[];
    };
    expect(files.nodes.map((node) => node.id).sort()).toEqual(Object.keys(FILES).sort());
    expect(files.edges.map((edge) => `${edge.from} ${edge.to}`).sort()).toEqual([
      'app/service.py app/store.py',
      'app/web.py app/service.py',
    ]);
    expect(await (await get(`${plan}/export?group=folders&format=dot`)).text()).toContain('app\\n');
    const waves = await (await get(`${plan}/export?group=waves&format=graphml`)).text();
    expect(waves).toContain('<node id="1"><data key="atoms">');
    expect(waves).toContain('for="edge" attr.name="pairs" attr.type="int"');
  });

  it('refuses formats that it does not know, plans without a graph, and plans of others', async () => {
    const odd = await get(`${plan}/export?format=png`);
    expect([odd.status, ((await odd.json()) as { code: string }).code]).toEqual([400, 'VALIDATION_FAILED']);
    const bare = await get(`${await planned()}/export`);
    expect([bare.status, ((await bare.json()) as { code: string }).code]).toEqual([409, 'GRAPH_NOT_BUILT']);
    const strange = await tokenFor('somebody-else');
    for (const path of [
      `${plan}/export`,
      `${plan}/paths?from=${atomNamed('page')}&to=${atomNamed('load')}`,
      `atoms/${atomNamed('load')}/impact`,
    ])
      expect([path, (await get(path, strange)).status]).toEqual([path, 404]);
  });
});

describe('asking why one atom waits for another', () => {
  interface Paths {
    readonly waits: boolean;
    readonly paths: { atoms: { atom_id: string; name: string; wave_number: number }[]; steps: { reason: string }[] }[];
  }

  it('gives the chain with a reason for each step', async () => {
    const answer = await get(`${plan}/paths?from=${atomNamed('page')}&to=${atomNamed('load')}`);
    expect(answer.status).toBe(200);
    const { waits, paths } = (await answer.json()) as Paths;
    expect(waits).toBe(true);
    expect(paths[0]?.steps.map((step) => step.reason)).toEqual([
      'calls `total` defined at app/service.py:4',
      'calls `load` defined at app/store.py:1',
    ]);
    const waves = paths[0]?.atoms.map((atom) => atom.wave_number) ?? [];
    expect(waves).toEqual([...waves].sort((a, b) => b - a));
  });

  it('says so when it does not wait, and when an atom is not of the plan', async () => {
    const apart = await get(`${plan}/paths?from=${atomNamed('load')}&to=${atomNamed('page')}`);
    expect(await apart.json()).toMatchObject({ waits: false, paths: [] });
    const unknown = '01890000-0000-7000-8000-000000000000';
    expect((await get(`${plan}/paths?from=${unknown}&to=${atomNamed('page')}`)).status).toBe(404);
    expect((await get(`${plan}/paths?from=${unknown}`)).status).toBe(400);
  });
});

describe('asking what a change concerns', () => {
  it('lists what waits for the atom, nearest first, and counts all of it', async () => {
    const whole = (await (await get(`atoms/${atomNamed('load')}/impact`)).json()) as {
      total: number;
      files: string[];
      data: { name: string; steps: number }[];
    };
    expect(whole.files).toEqual(['app/service.py', 'app/web.py']);
    expect(whole.data.map((atom) => atom.steps)).toEqual([...whole.data.map((atom) => atom.steps)].sort());
    expect(whole.total).toBe(whole.data.length);
    const first = (await (await get(`atoms/${atomNamed('load')}/impact?limit=1`)).json()) as typeof whole;
    expect([first.total, first.data]).toEqual([whole.total, whole.data.slice(0, 1)]);
    const none = await get(`atoms/${atomNamed('other')}/impact`);
    expect(await none.json()).toMatchObject({ total: 0, files: [], data: [] });
  });
});
