/** What the files around a project say of a back end in Python. */
import { fileText } from '../layout.ts';
import type { Backend } from './backend.ts';

/** What Python back ends differ in. */
interface PythonBackend extends Pick<Backend, 'files' | 'techStack' | 'description'> {
  readonly proxied: readonly string[];
  /** Folder of the modules that serve HTTP, inside `app`. */
  readonly routes: string;
  /** What the image runs: the arguments of `CMD`. */
  readonly command: readonly string[];
}

function dockerfile(command: readonly string[]): string {
  const quoted = command.map((part) => `"${part}"`).join(', ');
  return fileText(`
FROM python:3.12-slim

WORKDIR /srv
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
COPY app app

RUN useradd --system app && mkdir /data && chown app /data
USER app

EXPOSE 8000
CMD [${quoted}]
`);
}

/** A back end in Python. */
export function pythonBackend({ routes, command, proxied, ...own }: PythonBackend): Backend {
  return {
    ...own,
    toolchain: 'python',
    readme: {
      run: 'pip install -r requirements-dev.txt && make run',
      test: 'python -m pytest',
      places: `- \`backend/app/models\`, \`schemas\`, \`repositories\`, \`services\`, \`${routes}\`: one module per entity and layer.
- \`backend/app/settings.py\`: the environment variables, with an example in \`backend/.env.example\`.`,
      tables:
        'Missing tables are created at start. A change to the columns of a table that holds data needs a migration of its own.',
    },
    compose: {
      databaseUrl: (slug) => `sqlite:////data/${slug}.db`,
      proxied,
      healthcheck: `['CMD', 'python', '-c', "import urllib.request as r; r.urlopen('http://localhost:8000/health')"]`,
    },
    dockerfile: dockerfile(command),
    dockerIgnore: ['__pycache__', '*.db', '.env', 'tests'],
    ciSteps: `
      - uses: actions/setup-python@v5
        with:
          python-version: '3.12'
      - run: pip install -r requirements-dev.txt
      - run: make lint test`,
  };
}
