import { describe, expect, it } from 'vitest';
import { tasksOf } from '../../../src/domain/index.ts';
import { backendFiles as fastapiFiles } from '../../../src/masterplan/blueprints/fastapi/index.ts';
import { backendFiles as flaskFiles } from '../../../src/masterplan/blueprints/flask/index.ts';
import { FEATURE_IDS, type FeatureId, type ProjectModel } from '../../../src/masterplan/blueprints/model.ts';
import { sampleValue } from '../../../src/masterplan/blueprints/python-web/sample-values.ts';
import { blueprintOf } from '../../../src/masterplan/blueprints/registry.ts';
import { entityOf } from '../../../src/masterplan/blueprints/request/entities.ts';
import { parseField } from '../../../src/masterplan/blueprints/request/field-text.ts';
import { understandRequest } from '../../../src/masterplan/blueprints/request/understand.ts';
import { createBlueprintProvider } from '../../../src/masterplan/index.ts';

const PLAIN: ProjectModel = {
  ...understandRequest('Book library with authors, books and tags, a FastAPI back end only').project,
  features: [],
};

function filesWith(features: readonly FeatureId[], make = fastapiFiles): Map<string, string> {
  return new Map(make({ ...PLAIN, features }).map((file) => [file.path, file.content]));
}

/** A file that stands for a feature, and what it adds to a file that all projects have. */
const MARKS: readonly (readonly [FeatureId, path: string, shared: string, adds: string])[] = [
  ['auth', 'app/passwords.py', 'requirements.txt', 'pyjwt>='],
  ['roles', 'app/routers/accounts.py', 'app/main.py', 'Depends(authorize)'],
  ['upload', 'app/storage.py', '.env.example', 'UPLOAD_MAX_MB=10'],
  ['audit', 'app/audit.py', 'app/models/book.py', 'class Book(Audited, Record, Base)'],
  ['rate_limit', 'app/rate_limit.py', 'app/settings.py', 'rate_limit_per_minute: int = 300'],
  ['jobs', 'app/jobs/worker.py', 'app/main.py', 'work_in_background(app, settings)'],
  ['seed', 'app/seed.py', 'Makefile', 'python -m app.seed'],
];

/** Each feature on its own, as far as it can be, and all together. */
const SETS: readonly (readonly FeatureId[])[] = [
  ...FEATURE_IDS.map((id): FeatureId[] => (id === 'roles' ? ['auth', 'roles'] : [id])),
  FEATURE_IDS,
];

describe('a FastAPI back end', () => {
  it.each(MARKS)('has what belongs to %s with it, and only then', (feature, path, shared, adds) => {
    const features: FeatureId[] = feature === 'roles' ? ['auth', 'roles'] : [feature];
    const made = filesWith(features);
    const plain = filesWith([]);

    expect(made.has(`backend/${path}`)).toBe(true);
    expect(made.get(`backend/${shared}`)).toContain(adds);
    expect(plain.has(`backend/${path}`)).toBe(false);
    expect(plain.get(`backend/${shared}`)).not.toContain(adds);
  });

  it.each(SETS)('imports only what is there, with %s', (...features) => {
    for (const make of [fastapiFiles, flaskFiles]) {
      const made = filesWith(features, make);
      for (const [path, content] of made) {
        for (const [, module = ''] of content.matchAll(/^from ((?:app|tests)[\w.]*) import /gm)) {
          const target = `backend/${module.replaceAll('.', '/')}`;
          expect(made.has(`${target}.py`) || made.has(`${target}/__init__.py`), `${path}: ${module}`).toBe(true);
        }
      }
    }
  });

  it('opens only its health and sign-in to everybody', () => {
    const main = filesWith(['auth']).get('backend/app/main.py');

    expect(main).toContain('OPEN_ROUTERS = (health.router, auth.router)');
    expect(main).toContain('dependencies=[Depends(current_account)]');
  });
});

async function plan(userRequest: string, features: readonly FeatureId[] = []) {
  const spec = { entities: [{ name: 'book', fields: ['title!'] }], stack: { frontend: 'none' }, features };
  return createBlueprintProvider().plan({ userRequest, spec, seed: 0 }, new AbortController().signal);
}

describe('features of a project', () => {
  it('are completed by what they need, which is said', async () => {
    const { assumed, phases } = await plan('Books', ['roles']);

    expect(assumed).toContain('sign-in and user accounts: another feature needs it');
    const paths = phases.flatMap((phase) =>
      phase.milestones.flatMap(({ tasks }) => tasks.map((task) => task.filePath)),
    );
    expect(paths).toContain('backend/app/tokens.py');
  });

  it('bring PostgreSQL to the compose file, to CI and among the packages', async () => {
    const made = await plan('Books', ['postgres']);
    const text = (path: string): string => {
      const task = tasksOf(made).find(({ filePath }) => filePath === path);
      return Buffer.from(task?.draft ?? []).toString('utf8');
    };

    expect(text('compose.yaml')).toMatch(/postgresql\+psycopg2:\/\/app:.*@database:5432[\s\S]*image: postgres:/);
    expect(text('.github/workflows/ci.yaml')).toMatch(/image: postgres:[\s\S]*DATABASE_URL: postgresql\+psycopg2:/);
    expect(text('backend/requirements.txt')).toContain('psycopg2-binary');
    expect(made.techStack['database']).toBe('PostgreSQL');
    expect(made.assumed.join()).not.toContain('SQLite');
  });

  it.each([
    ['Books with background jobs and sign-in', ['auth', 'jobs']],
    ['Books with sample data and file uploads', ['upload', 'seed']],
    ['Books with an audit log, rate limiting and PostgreSQL', ['audit', 'rate_limit', 'postgres']],
  ])('are read from words: %s', (request, features) => {
    const { project } = understandRequest(request);

    expect(project.features).toEqual(features);
    expect(project.entities.map(({ names }) => names.human)).toEqual(
      ['author', 'book'].slice(-project.entities.length),
    );
  });

  it('need names of their own: an entity of that name is refused', () => {
    expect(() => understandRequest('Recruiting with jobs (title) and background jobs')).toThrow(
      /"job" cannot name an entity of a project with background jobs/,
    );
  });

  it('are all built by the Python web blueprints', () => {
    for (const id of ['fastapi', 'flask'] as const)
      expect([...blueprintOf(id).features].sort()).toEqual([...FEATURE_IDS].sort());
  });
});

describe('sampleValue', () => {
  const entity = entityOf('customer', ['name!', 'email', 'code: text(2)', 'score: integer(0..4)'].map(parseField), []);
  const valuesOf = (name: string): string[] => {
    const field = entity.fields.find((candidate) => candidate.name === name)!;
    return [1, 2, 3].map((number) => sampleValue(entity, field, number));
  };

  it('gives people the names of people, and addresses that differ', () => {
    expect(valuesOf('name')[0]).toBe('"Ada Lovelace"');
    expect(new Set(valuesOf('email')).size).toBe(3);
  });

  it('stays within what a field can hold', () => {
    expect(valuesOf('code')).toEqual(['"1"', '"2"', '"3"']);
    expect(valuesOf('score')).toEqual(['3', '4', '4']);
  });
});
