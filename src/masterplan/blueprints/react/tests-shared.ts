/** Front-end tests that do not belong to one entity. */
import { bracketedTs, fileText, joined } from '../layout.ts';
import type { EntityModel, ProjectModel } from '../model.ts';
import { labelOf } from '../naming.ts';
import { has } from './features/feature-file.ts';

export function httpTestFile(): string {
  return fileText(`
import { describe, expect, it, vi } from 'vitest';
import { installFailingApi } from '../test/fake-api';
import { type ApiError, queryString, request } from './http';

function failureOf(promise: Promise<unknown>): Promise<ApiError> {
  return promise.then(
    () => Promise.reject(new Error('the request should fail')),
    (reason: ApiError) => reason,
  );
}

describe('queryString', () => {
  it('leaves out what is not set', () => {
    expect(queryString({ search: 'a b', limit: 5, done: false, status: '', other: null })).toBe(
      '?search=a+b&limit=5&done=false',
    );
  });

  it('is empty when nothing is set', () => {
    expect(queryString({ search: '' })).toBe('');
  });
});

describe('request', () => {
  it('sends JSON and reads the answer', async () => {
    const fetch = vi.fn(() => Promise.resolve(new Response('{"id":1}')));
    vi.stubGlobal('fetch', fetch);

    expect(await request('POST', '/api/things', { a: 1 })).toEqual({ id: 1 });
    expect(fetch).toHaveBeenCalledWith('/api/things', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{"a":1}',
    });
  });

  it('passes on what the server says about fields', async () => {
    const errors = [{ field: 'name', message: 'too short' }];
    installFailingApi(422, { detail: 'Not valid.', errors });

    const error = await failureOf(request('GET', '/api/things'));

    expect(error).toMatchObject({ status: 422, message: 'Not valid.', errors });
  });

  it('copes with errors that are not JSON', async () => {
    const page = new Response('<h1>Bad gateway</h1>', { status: 502 });
    vi.stubGlobal('fetch', () => Promise.resolve(page));

    const error = await failureOf(request('GET', '/api/things'));

    expect(error.message).toBe('The server answered with status 502.');
  });

  it('reports a server that is not there', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('failed')));

    const error = await failureOf(request('GET', '/api/things'));

    expect(error).toMatchObject({ status: 0, message: 'The server cannot be reached.' });
  });
});
`);
}

export function rulesTestFile(): string {
  return fileText(`
import { describe, expect, it } from 'vitest';
import {
  firstProblem,
  maxLength,
  notBefore,
  numberBetween,
  onlyProblems,
  required,
  wholeNumber,
} from './rules';

describe('rules', () => {
  it('find what is missing', () => {
    expect(required('  ')).toBe('Please fill this in.');
    expect(required('x')).toBeUndefined();
  });

  it('find what is too long', () => {
    expect(maxLength(2)('abc')).toBe('At most 2 characters.');
    expect(maxLength(2)(' ab ')).toBeUndefined();
  });

  it.each([
    ['abc', 'Please enter a number.'],
    ['0', 'Between 1 and 9.'],
    ['10', 'Between 1 and 9.'],
    ['5', undefined],
    ['', undefined],
  ])('check the number %j', (value, problem) => {
    expect(numberBetween(1, 9)(value)).toBe(problem);
  });

  it('find fractions where whole numbers are wanted', () => {
    expect(wholeNumber('1.5')).toBe('Please enter a whole number.');
    expect(wholeNumber('2')).toBeUndefined();
  });

  it('find dates out of order', () => {
    expect(notBefore('2024-05-02', 'start')('2024-05-01')).toBe('Not before start.');
    expect(notBefore('2024-05-02', 'start')('2024-05-02')).toBeUndefined();
  });
});

describe('firstProblem', () => {
  it('stops at the first rule that fails', () => {
    expect(firstProblem('', [required, maxLength(0)])).toBe('Please fill this in.');
    expect(firstProblem('a', [required, maxLength(1)])).toBeUndefined();
  });
});

describe('onlyProblems', () => {
  it('leaves out fields without a problem', () => {
    expect(onlyProblems({ a: 'wrong', b: undefined })).toEqual({ a: 'wrong' });
  });
});
`);
}

export function convertTestFile(): string {
  return fileText(`
import { describe, expect, it } from 'vitest';
import {
  formatInstant,
  instantOrNull,
  localTimeOf,
  numberOrNull,
  textOf,
  textOrNull,
} from './convert';
import { labelIn } from './label-in';

describe('convert', () => {
  it('turns blank inputs into null', () => {
    expect([textOrNull('  '), numberOrNull(''), instantOrNull('')]).toEqual([null, null, null]);
  });

  it('reads texts and numbers', () => {
    expect(textOrNull(' milk ')).toBe('milk');
    expect(numberOrNull('2.5')).toBe(2.5);
  });

  it('shows null as blank', () => {
    expect([textOf(null), localTimeOf(null), formatInstant(null)]).toEqual(['', '', '']);
    expect(textOf(0)).toBe('0');
  });

  it('brings instants through a date-and-time input unchanged', () => {
    const instant = '2024-05-01T12:30:00.000Z';

    expect(instantOrNull(localTimeOf(instant))).toBe(instant);
  });

  it('shows instants without the T', () => {
    expect(formatInstant('2024-05-01T12:30:00Z')).toMatch(/^2024-0\\d-\\d\\d \\d\\d:30$/);
  });
});

describe('labelIn', () => {
  it('finds the label of a value', () => {
    const options = [{ value: 'a', label: 'First' }];

    expect(labelIn(options, 'a')).toBe('First');
    expect(labelIn(options, null)).toBe('');
  });
});
`);
}

export function pagerTestFile(): string {
  return fileText(`
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import { Pager } from './pager';

const PAGE = { items: [1, 2], total: 5, limit: 2, offset: 2 };

describe('Pager', () => {
  it('moves one page in both directions', async () => {
    const onMove = vi.fn();
    render(<Pager page={PAGE} onMove={onMove} />);

    await userEvent.click(screen.getByRole('button', { name: 'Previous' }));
    await userEvent.click(screen.getByRole('button', { name: 'Next' }));

    expect(onMove.mock.calls).toEqual([[0], [4]]);
  });

  it('says where it stands', () => {
    render(<Pager page={PAGE} onMove={vi.fn()} />);

    expect(screen.getByText('3–4 of 5')).toBeDefined();
  });

  it('stops at both ends', () => {
    render(<Pager page={{ items: [], total: 0, limit: 2, offset: 0 }} onMove={vi.fn()} />);

    const buttons = screen.getAllByRole<HTMLButtonElement>('button');
    expect(buttons.map((button) => button.disabled)).toEqual([true, true]);
  });
});
`);
}

export function choicesFieldTestFile(): string {
  return fileText(`
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import { ChoicesField } from './choices-field';

const OPTIONS = [
  { value: '1', label: 'Red' },
  { value: '2', label: 'Blue' },
];

function renderField(values: string[], onChange: (values: string[]) => void = vi.fn()) {
  render(
    <ChoicesField id="colours" label="Colours" values={values} options={OPTIONS} onChange={onChange} />,
  );
}

describe('ChoicesField', () => {
  it('shows what is chosen', () => {
    renderField(['2']);

    const boxes = screen.getAllByRole<HTMLInputElement>('checkbox');
    expect(boxes.map((box) => box.checked)).toEqual([false, true]);
  });

  it('adds and takes away', async () => {
    const onChange = vi.fn();
    renderField(['2'], onChange);

    await userEvent.click(screen.getByRole('checkbox', { name: 'Red' }));
    await userEvent.click(screen.getByRole('checkbox', { name: 'Blue' }));

    expect(onChange.mock.calls).toEqual([[['2', '1']], [[]]]);
  });

  it('names the group', () => {
    renderField([]);

    expect(screen.getByRole('group', { name: 'Colours' })).toBeDefined();
  });
});
`);
}

export function deleteButtonTestFile(project: ProjectModel): string {
  const roles = has(project, 'roles');
  const asAdmin = roles ? ', { wrapper: AsAdmin }' : '';
  const members = `
  it('is only there for admins', () => {
    render(<DeleteButton label="milk" onDelete={vi.fn()} />);

    expect(screen.queryByRole('button')).toBeNull();
  });
`;
  return fileText(`
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
${roles ? "import { AsAdmin } from '../test/session';\n" : ''}import { DeleteButton } from './delete-button';

describe('DeleteButton', () => {
  it('deletes after asking', async () => {
    const onDelete = vi.fn();
    render(<DeleteButton label="milk" onDelete={onDelete} />${asAdmin});

    await userEvent.click(screen.getByRole('button', { name: 'Delete milk' }));
    expect(onDelete).not.toHaveBeenCalled();
    await userEvent.click(screen.getByRole('button', { name: 'Confirm deleting milk' }));

    expect(onDelete).toHaveBeenCalledOnce();
  });

  it('keeps the record on request', async () => {
    const onDelete = vi.fn();
    render(<DeleteButton label="milk" onDelete={onDelete} />${asAdmin});

    await userEvent.click(screen.getByRole('button', { name: 'Delete milk' }));
    await userEvent.click(screen.getByRole('button', { name: 'Keep' }));

    expect(screen.getByRole('button', { name: 'Delete milk' })).toBeDefined();
    expect(onDelete).not.toHaveBeenCalled();
  });
${roles ? members : ''}});
`);
}

export function routeTestFile(): string {
  return fileText(`
import { describe, expect, it } from 'vitest';
import { parseRoute } from './use-hash-route';

describe('parseRoute', () => {
  it('separates path and parameters', () => {
    const route = parseRoute('#/things?owner_id=3');

    expect(route.path).toBe('/things');
    expect(route.params.get('owner_id')).toBe('3');
  });

  it('falls back to the start', () => {
    expect(parseRoute('').path).toBe('/');
  });
});
`);
}

export function appTestFile(project: ProjectModel): string {
  const [first] = project.entities;
  const last = project.entities.at(-1);
  if (first === undefined || last === undefined) throw new RangeError('a project needs an entity');
  const signIn = has(project, 'auth');
  const roles = has(project, 'roles');
  const install = signIn ? 'installFakeApi(sampleCollections(), signedIn());' : 'installFakeApi(sampleCollections());';
  const signInTest = `
  it('asks to sign in first', () => {
    render(<App />);

    expect(screen.getByRole('heading', { name: 'Sign in' })).toBeDefined();
    expect(screen.queryByRole('navigation')).toBeNull();
  });
`;
  const rolesTest = `
  it('shows the accounts to admins only', async () => {
    window.location.hash = '#/accounts';
    installFakeApi(sampleCollections(), signedIn(makeAccount({ role: 'member' })));
    render(<App />);

    expect(await screen.findByRole('heading', { level: 1, name: '${labelOf(first.names.humanPlural)}' })).toBeDefined();
    expect(screen.queryByRole('link', { name: 'Accounts' })).toBeNull();
  });
`;
  const extra = (signIn ? signInTest : '') + (roles ? rolesTest : '');
  const title = (entity: EntityModel): string => labelOf(entity.names.humanPlural);
  const navigation =
    first === last
      ? ''
      : `
  it('goes to another page', async () => {
    ${install}
    render(<App />);

    await userEvent.click(await screen.findByRole('link', { name: '${title(last)}' }));

    expect(await screen.findByRole('heading', { level: 1, name: '${title(last)}' })).toBeDefined();
  });
`;
  return fileText(`
${joined([
  "import { render, screen } from '@testing-library/react';",
  first === last ? '' : "import userEvent from '@testing-library/user-event';",
  bracketedTs('import {', ['describe', 'expect', 'it'], "} from 'vitest';"),
])}
import { App } from './app';
import { installFakeApi } from './test/fake-api';
import { sampleCollections } from './test/records';
${signIn ? `import { ${roles ? 'makeAccount, ' : ''}signedIn } from './test/session';\n` : ''}
describe('App', () => {
  it('starts with the ${first.names.humanPlural}', async () => {
    ${install}
    render(<App />);

    expect(await screen.findByRole('table')).toBeDefined();
    expect(screen.getByRole('heading', { level: 1, name: '${title(first)}' })).toBeDefined();
    const link = screen.getByRole('link', { current: 'page' });
    expect(link.textContent).toBe('${title(first)}');
  });
${navigation}${extra}});
`);
}
