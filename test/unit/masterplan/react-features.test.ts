import { beforeAll, describe, expect, it } from 'vitest';
import { FEATURE_IDS, type FeatureId, type ProjectModel } from '../../../src/masterplan/blueprints/model.ts';
import { frontendFiles } from '../../../src/masterplan/blueprints/react/index.ts';
import { understandRequest } from '../../../src/masterplan/blueprints/request/understand.ts';

const PLAIN: ProjectModel = { ...understandRequest('A blog with FastAPI and React').project, features: [] };

function filesWith(features: readonly FeatureId[]): Map<string, string> {
  return new Map(frontendFiles({ ...PLAIN, features }).map((file) => [file.path, file.content]));
}

/** What marks a page or panel of a feature, beside its files. */
const MARKS: readonly { readonly features: readonly FeatureId[]; readonly file: string; readonly shownIn: string }[] = [
  { features: ['auth'], file: 'src/pages/sign-in-page.tsx', shownIn: 'src/components/session-gate.tsx' },
  { features: ['auth'], file: 'src/pages/sign-up-page.tsx', shownIn: 'src/components/session-gate.tsx' },
  { features: ['auth', 'roles'], file: 'src/pages/accounts-page.tsx', shownIn: 'src/app.tsx' },
  { features: ['csv'], file: 'src/components/csv-tools.tsx', shownIn: 'src/pages/posts-page.tsx' },
  { features: ['soft_delete'], file: 'src/components/trash-list.tsx', shownIn: 'src/pages/posts-page.tsx' },
  { features: ['upload'], file: 'src/components/attachments-panel.tsx', shownIn: 'src/pages/posts-page.tsx' },
  { features: ['audit'], file: 'src/pages/history-page.tsx', shownIn: 'src/app.tsx' },
  { features: ['jobs'], file: 'src/pages/jobs-page.tsx', shownIn: 'src/app.tsx' },
];

describe('the React front end', () => {
  let plain: Map<string, string>;

  beforeAll(() => {
    plain = filesWith([]);
  });

  it.each(MARKS)('shows $file with $features, and only then', ({ features, file, shownIn }) => {
    const made = filesWith(features);
    const module = file.slice(file.lastIndexOf('/') + 1).replace('.tsx', '');

    expect(made.has(`frontend/${file}`)).toBe(true);
    expect(made.get(`frontend/${shownIn}`)).toContain(`/${module}';`);
    expect(plain.has(`frontend/${file}`)).toBe(false);
    expect(plain.get(`frontend/${shownIn}`) ?? '').not.toContain(`/${module}';`);
  });

  it.each(FEATURE_IDS.filter((id) => id !== 'roles'))('imports only what is there, with %s alone', (feature) => {
    const made = filesWith([feature]);

    for (const [path, content] of made) {
      for (const [, specifier = ''] of content.matchAll(/from '(\.[^']*)';/g)) {
        const target = new URL(specifier, `file:///${path}`).pathname.slice(1);
        expect(
          [target, `${target}.ts`, `${target}.tsx`].some((candidate) => made.has(candidate)),
          `${path}: ${specifier}`,
        ).toBe(true);
      }
    }
  });

  it('leaves deleting to admins only where there are roles', () => {
    const button = 'frontend/src/components/delete-button.tsx';

    expect(filesWith(['auth', 'roles']).get(button)).toContain("!== 'admin'");
    expect(plain.get(button)).not.toContain('admin');
  });

  it('sends no token without sign-in', () => {
    expect(plain.get('frontend/src/api/http.ts')).not.toContain('Authorization');
    expect(filesWith(['auth']).get('frontend/src/api/http.ts')).toContain('Authorization');
  });

  it('sorts by every column of the entity itself', () => {
    const table = plain.get('frontend/src/components/post-table.tsx')!;
    const sorted = [...table.matchAll(/<SortHeading column="(\w+)"/g)].map(([, name]) => name);

    expect(sorted).toEqual(['title', 'published', 'published_on']);
  });

  it('lints, checks types and formatting', () => {
    const { scripts, devDependencies } = JSON.parse(plain.get('frontend/package.json')!) as {
      scripts: Record<string, string>;
      devDependencies: Record<string, string>;
    };

    expect(scripts).toMatchObject({ lint: 'eslint .', 'format:check': 'prettier --check .' });
    expect(Object.keys(devDependencies)).toEqual(expect.arrayContaining(['eslint', 'prettier', 'typescript-eslint']));
    expect(plain.get('frontend/eslint.config.js')).toContain('recommendedTypeChecked');
  });
});
