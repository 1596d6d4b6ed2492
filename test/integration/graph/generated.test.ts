import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAtomizer, type Atomizer } from '../../../src/atomization/index.ts';
import { tasksOf } from '../../../src/domain/index.ts';
import { graphFiles, type GraphedFolder } from '../../../src/graph/index.ts';
import { createBlueprintProvider } from '../../../src/masterplan/index.ts';

const FIELDS = [
  'title: text(80) required',
  'subtitle: text(40)',
  'code: text(12) required unique',
  'note: longtext',
  'count: integer(0..9)',
  'rank: integer(1..5) required',
  'price: decimal(0..)',
  'active: boolean',
  'kind: enum(small|large)',
  'day: date',
  'opened: datetime',
  'closed: datetime',
];

/** Seven entities; books, members and reviews each belong to another. */
const SEVEN = {
  name: 'Library',
  entities: [
    { name: 'Author', fields: FIELDS },
    { name: 'Book', fields: FIELDS, relations: ['author required'] },
    { name: 'Branch', fields: FIELDS },
    { name: 'Member', fields: FIELDS, relations: ['branch required'] },
    { name: 'Loan', fields: FIELDS },
    { name: 'Review', fields: FIELDS, relations: ['loan required'] },
    { name: 'Event', fields: FIELDS },
  ],
};

describe('the graph of a generated project', () => {
  let atomizer: Atomizer;
  beforeAll(() => {
    atomizer = createAtomizer({ threads: 1 });
  });
  afterAll(() => atomizer.close());

  async function graphOf(userRequest: string, spec: unknown = null): Promise<GraphedFolder> {
    const plan = await createBlueprintProvider().plan({ userRequest, spec, seed: 0 }, new AbortController().signal);
    return graphFiles(
      atomizer,
      tasksOf(plan).map(({ filePath, language, draft }) => ({ path: filePath, language, bytes: draft! })),
    );
  }

  it.each([
    ['todo', 'Build a simple TODO app with FastAPI and React'],
    ['library', 'Book library with authors and loans'],
    ['service', 'A REST API for a CRM with Fastify'],
    ['command line', 'Build a command line tool in Python for notes with tags'],
  ])('has no circles in the %s project, and eight waves or more', async (_name, request) => {
    const graph = await graphOf(request);
    expect(graph.reading.suggestions).toEqual([]);
    expect(graph).toMatchObject({ hasCycles: false, cut: [] });
    expect(graph.totalWaves).toBeGreaterThanOrEqual(8);
  });

  it('lets a hundred atoms of a project with seven kinds of records be written side by side', async () => {
    const graph = await graphOf('Library', SEVEN);
    expect(graph.atoms.length).toBeGreaterThanOrEqual(800);
    expect(graph).toMatchObject({ hasCycles: false, cut: [] });
    expect(graph.totalWaves).toBeGreaterThanOrEqual(8);
    expect(graph.maxParallelism).toBeGreaterThanOrEqual(100);
  });
});
