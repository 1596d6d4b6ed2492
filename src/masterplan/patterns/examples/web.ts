import type { Pattern } from '../pattern.ts';

/** Curated examples of front ends, styles, SQL and what runs a project. */
export const WEB_EXAMPLES: readonly Pattern[] = [
  {
    id: 'react-form',
    purpose: 'A React form with validation messages that are announced to screen readers.',
    language: 'tsx',
    code: `export function NameForm({ onSave }: { onSave: (name: string) => void }) {
  const [name, setName] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() === '') setProblem('A name is needed.');
    else onSave(name.trim());
  };
  return (
    <form onSubmit={submit} noValidate>
      <label htmlFor="name">Name</label>
      <input id="name" value={name} aria-invalid={problem !== null} onChange={(event) => setName(event.target.value)} />
      {problem !== null && <p role="alert">{problem}</p>}
    </form>
  );
}`,
  },
  {
    id: 'react-data-hook',
    purpose: 'A React hook that loads data, cancels the request on unmount and tells loading from failure.',
    language: 'tsx',
    code: `export function useLoaded<T>(load: (signal: AbortSignal) => Promise<T>, deps: DependencyList): Loaded<T> {
  const [state, setState] = useState<Loaded<T>>({ status: 'loading' });
  useEffect(() => {
    const controller = new AbortController();
    load(controller.signal).then(
      (data) => setState({ status: 'ready', data }),
      (error: unknown) => !controller.signal.aborted && setState({ status: 'failed', error }),
    );
    return () => controller.abort();
  }, deps);
  return state;
}`,
  },
  {
    id: 'react-table-sort',
    purpose: 'A table whose columns can be sorted by clicking their header.',
    language: 'tsx',
    code: `function SortHeader({ column, sort, onSort, children }: SortHeaderProps) {
  const direction = sort.column === column ? sort.direction : 'none';
  return (
    <th aria-sort={direction}>
      <button type="button" onClick={() => onSort(column)}>
        {children}
      </button>
    </th>
  );
}`,
  },
  {
    id: 'react-pagination',
    purpose: 'Buttons to go from page to page of a list, with the current page marked.',
    language: 'tsx',
    code: `export function Pages({ page, pages, onPage }: PagesProps) {
  return (
    <nav aria-label="Pages">
      <button type="button" disabled={page <= 1} onClick={() => onPage(page - 1)}>
        Previous
      </button>
      <span aria-current="page">
        {page} of {pages}
      </span>
      <button type="button" disabled={page >= pages} onClick={() => onPage(page + 1)}>
        Next
      </button>
    </nav>
  );
}`,
  },
  {
    id: 'protected-route',
    purpose: 'Show a page only to people who are signed in and send the others to the sign-in page.',
    language: 'tsx',
    code: `export function Protected({ children }: { children: ReactNode }) {
  const { user } = useSession();
  const location = useLocation();
  if (user === null) return <Navigate to="/sign-in" state={{ from: location.pathname }} replace />;
  return children;
}`,
  },
  {
    id: 'testing-library-form',
    purpose: 'Test a React form the way a person uses it, with Testing Library.',
    language: 'tsx',
    code: `it('asks for a name', async () => {
  const onSave = vi.fn();
  render(<NameForm onSave={onSave} />);
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  expect(screen.getByRole('alert')).toHaveTextContent('A name is needed.');
  expect(onSave).not.toHaveBeenCalled();
});`,
  },
  {
    id: 'responsive-grid',
    purpose: 'A grid of cards that fits any width of the screen without media queries.',
    language: 'css',
    code: `.cards {
  display: grid;
  grid-template-columns: repeat(auto-fill, minmax(min(16rem, 100%), 1fr));
  gap: 1rem;
}`,
  },
  {
    id: 'dark-theme',
    purpose: 'Colours as variables that follow the light or dark preference of the system.',
    language: 'css',
    code: `:root {
  color-scheme: light dark;
  --text: light-dark(#1b1b1f, #e6e6ea);
  --surface: light-dark(#ffffff, #1b1b1f);
}`,
  },
  {
    id: 'sql-upsert',
    purpose: 'Insert a row or update it when it is there already, in one statement.',
    language: 'sql',
    code: `INSERT INTO stock (product_id, quantity)
VALUES ($1, $2)
ON CONFLICT (product_id) DO UPDATE
SET quantity = stock.quantity + EXCLUDED.quantity
RETURNING quantity;`,
  },
  {
    id: 'sql-running-total',
    purpose: 'A running total and a rank per group with window functions.',
    language: 'sql',
    code: `SELECT account_id, booked_on, amount,
       sum(amount) OVER (PARTITION BY account_id ORDER BY booked_on, id) AS balance,
       rank() OVER (PARTITION BY account_id ORDER BY amount DESC) AS size_rank
FROM bookings;`,
  },
  {
    id: 'dockerfile-python',
    purpose: 'A container image of a Python service that does not run as root.',
    language: 'dockerfile',
    code: `FROM python:3.12-slim
WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
COPY app app
RUN useradd --system app
USER app
CMD ["uvicorn", "app.main:app", "--host", "0.0.0.0"]`,
  },
  {
    id: 'github-actions-tests',
    purpose: 'A workflow that installs, lints and tests a Node project on each push.',
    language: 'yaml',
    code: `name: checks
on: [push, pull_request]
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with: { node-version: 22, cache: npm }
      - run: npm ci
      - run: npm run lint
      - run: npm test`,
  },
];
