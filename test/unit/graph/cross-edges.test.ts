import { describe, expect, it } from 'vitest';
import { languageOf } from '../../../src/adapters/parser/index.ts';
import { findCrossEdges } from '../../../src/graph/cross/index.ts';

/** Cross edges of files whose atoms are their lines, as `from -> to: reason`. */
function crossEdges(files: Record<string, string>): string[] {
  const places: string[] = [];
  const sources = Object.entries(files).map(([path, text]) => {
    const atoms: { startIndex: number; endIndex: number; index: number }[] = [];
    let startIndex = 0;
    text.split(/(?<=\n)/).forEach((line, n) => {
      atoms.push({ startIndex, endIndex: startIndex + line.length, index: places.length });
      places.push(`${path}:${String(n + 1)}`);
      startIndex += line.length;
    });
    return { path, language: languageOf(path), text, atoms };
  });
  return findCrossEdges(sources).map((edge) => {
    expect(edge).toMatchObject({ type: 'temporal' });
    expect(edge.strength).toBeLessThanOrEqual(0.4);
    return `${places[edge.from] ?? ''} -> ${places[edge.to] ?? ''}: ${edge.reason}`;
  });
}

const pairs = (edges: readonly string[]): string[] => edges.map((edge) => edge.slice(0, edge.indexOf(': ')));

const FASTAPI = {
  'api/app/main.py':
    'from fastapi import FastAPI\nfrom app.routers import todos\nfrom app.users import router as users\napp = FastAPI()\napp.include_router(todos.router, prefix="/api")\napp.include_router(users, prefix="/api/v1")\n',
  'api/app/routers/todos.py':
    'router = APIRouter(prefix="/todos")\n@router.get("")\ndef find():\n    pass\n@router.get("/stats")\ndef stats():\n    pass\n@router.patch("/{todo_id}",\n    status_code=200)\nasync def change(todo_id: int):\n    pass\n# @router.delete("/{todo_id}")\n',
  'api/app/users.py': 'router = APIRouter()\n@router.post("/users")\ndef create():\n    pass\n',
};

describe('requests to routes', () => {
  it('are joined through prefixes, parameters and base addresses', () => {
    const edges = crossEdges({
      ...FASTAPI,
      'web/a.ts':
        "fetch('/api/todos?limit=5');\nfetch(`${BASE}/api/todos/${id}`, { method: 'PATCH', body });\naxios.post<User>('https://example.org/api/v1/users', user);\nclient.get('/todos/stats');\nfetch('/api/todos/7', { method: 'DELETE' });\n",
    });
    expect(pairs(edges)).toEqual([
      'web/a.ts:1 -> api/app/routers/todos.py:3',
      'web/a.ts:2 -> api/app/routers/todos.py:10',
      'web/a.ts:3 -> api/app/users.py:3',
    ]);
    expect(edges[1]).toContain('requests PATCH /api/todos/*, which `change` serves at api/app/routers/todos.py:10');
  });

  it('are found behind wrappers and constants, in scripts and in tests of Python', () => {
    const edges = crossEdges({
      ...FASTAPI,
      'web/resource.ts':
        "export function resource<T>(path: string) {\n  return { list: () => request('GET', path + query()), change: (id) => request('PATCH', `${path}/${id}`) };\n}\n",
      'web/todos.ts': "export const todos = resource<Todo>('/api/todos');\n",
      'api/tests/test_todos.py':
        'URL = "/api/todos"\nassert client.get(URL).status_code == 200\nclient.patch(f"{URL}/{todo[\'id\']}", json={})\nvalues.get("key")\n',
    });
    expect(pairs(edges)).toEqual([
      'web/todos.ts:1 -> api/app/routers/todos.py:3',
      'web/todos.ts:1 -> api/app/routers/todos.py:10',
      'api/tests/test_todos.py:2 -> api/app/routers/todos.py:3',
      'api/tests/test_todos.py:3 -> api/app/routers/todos.py:10',
    ]);
  });

  it('find Flask, Express and Fastify', () => {
    const edges = crossEdges({
      'flask/app.py':
        'bp = Blueprint("x", __name__, url_prefix="/books")\n@bp.route("/<int:book_id>", methods=["GET", "PUT"])\ndef book(book_id):\n    pass\n',
      'node/routes.js':
        "const router = express.Router();\nrouter.get('/:id', (req, res) => res.end());\nmodule.exports = router;\n",
      'node/app.js': "const routes = require('./routes');\nconst app = express();\napp.use('/authors', routes);\n",
      'node/plugin.ts':
        "export async function plugin(fastify: FastifyInstance) {\n  fastify.route({ method: 'POST', url: '/loans', handler });\n}\n",
      'web/a.ts':
        "fetch(`/books/${id}`, { method: 'PUT' });\nfetch('/authors/' + id);\naxios({ url: '/loans', method: 'post' });\napp.get('trust proxy');\n",
    });
    expect(pairs(edges)).toEqual([
      'web/a.ts:1 -> flask/app.py:3',
      'web/a.ts:2 -> node/routes.js:2',
      'web/a.ts:3 -> node/plugin.ts:2',
    ]);
  });

  it('find Flask rules without decorators, and prefixes that a registration replaces', () => {
    const edges = crossEdges({
      'flask/books.py':
        'bp = Blueprint("books", __name__, url_prefix="/old")\ndef book(book_id):\n    pass\nbp.add_url_rule("/<id:book_id>", view_func=book, methods=["PUT"])\n@bp.get("")\n@cached\ndef books():\n    pass\n',
      'flask/app.py':
        'from flask import Flask\nfrom books import bp\nclass Health(MethodView):\n    pass\napp = Flask(__name__)\napp.register_blueprint(bp, url_prefix="/books")\napp.add_url_rule("/health", view_func=Health.as_view("health"))\n',
      'web/a.ts': "fetch(`/books/${id}`, { method: 'PUT' });\nfetch('/books');\nfetch('/health');\nfetch('/old');\n",
    });
    expect(pairs(edges)).toEqual([
      'web/a.ts:1 -> flask/books.py:2',
      'web/a.ts:2 -> flask/books.py:7',
      'web/a.ts:3 -> flask/app.py:3',
    ]);
  });

  it('that fit two places equally, or none, give no edge', () => {
    const twice = { 'a.py': FASTAPI['api/app/users.py'], 'b.py': FASTAPI['api/app/users.py'] };
    expect(crossEdges({ ...twice, 'c.ts': "axios.post('/users', {});\n" })).toEqual([]);
    expect(crossEdges({ ...FASTAPI, 'c.ts': "// fetch('/api/todos')\nconst text = 'see /api/todos';\n" })).toEqual([]);
  });
});

describe('tables', () => {
  it('lead from keys, queries and migrations to the model', () => {
    const edges = crossEdges({
      'models.py':
        'class Author(Base):\n    """Writes."""\n    __tablename__ = "authors"\n\nclass Book(Base):\n    __tablename__ = "books"\n    author_id = Column(ForeignKey("authors.id"))\n',
      'migrations/001.sql': 'CREATE TABLE authors (id int); -- from books\nCREATE INDEX i ON books (id);\n',
      'migrations/001.py': 'op.add_column("books", Column("x"))\n',
      'report.py': 'rows = db.execute("SELECT * FROM books JOIN authors USING (id)")\nprint("from books one learns")\n',
    });
    expect(pairs(edges)).toEqual([
      'models.py:7 -> models.py:1',
      'migrations/001.sql:1 -> models.py:1',
      'migrations/001.sql:2 -> models.py:5',
      'migrations/001.py:1 -> models.py:5',
      'report.py:1 -> models.py:1',
      'report.py:1 -> models.py:5',
    ]);
    expect(edges[0]).toContain('names the table `authors`, which `Author` defines at models.py:1');
  });

  it('of Django, drizzle and plain SQL are known too; two models of one table are not', () => {
    const sql = "db.run('DELETE FROM shop_item');\ndb.all(`select a from users`);\ndb.all('select a from logs');\n";
    const edges = crossEdges({
      'shop/models.py': 'from django.db import models\nclass Item(models.Model):\n    pass\n',
      'db/schema.ts': "export const users = pgTable('users', {});\n",
      'db/logs.sql': 'create table if not exists public.logs (id int);\n',
      'q.ts': sql,
    });
    expect(pairs(edges)).toEqual(['q.ts:1 -> shop/models.py:2', 'q.ts:2 -> db/schema.ts:1', 'q.ts:3 -> db/logs.sql:1']);
    const twice = "export const a = pgTable('t', {});\nexport const b = pgTable('t', {});\n";
    expect(crossEdges({ 's.ts': twice, 'q.ts': "db.all('select a from t');\n" })).toEqual([]);
  });
});

describe('classes', () => {
  it('lead from JSX and HTML to the rules of style sheets', () => {
    const edges = crossEdges({
      'styles.css':
        '/* .old {} */\n.panel > .title,\n.hint:hover { color: red; }\n@media (width > 1px) { .panel { margin: .5rem } }\n',
      'a.tsx': '<p className="panel other" />;\n<p className={clsx("hint", kind === "panel" && `title ${x}`)} />;\n',
      'index.html': '<div class="hint"></div>\n',
    });
    expect(pairs(edges)).toEqual([
      'a.tsx:1 -> styles.css:2',
      'a.tsx:1 -> styles.css:4',
      'a.tsx:2 -> styles.css:2',
      'a.tsx:2 -> styles.css:3',
      'index.html:1 -> styles.css:3',
    ]);
  });

  it('of CSS modules are looked up in the module that is imported', () => {
    const edges = crossEdges({
      'a/x.module.css': '.card {}\n.card-title {}\n',
      'b.module.css': '.card {}\n',
      'a/x.tsx':
        "import styles from './x.module.css';\n<p className={styles.card} />;\n<p className={styles.cardTitle} />;\n",
    });
    expect(pairs(edges)).toEqual(['a/x.tsx:2 -> a/x.module.css:1', 'a/x.tsx:3 -> a/x.module.css:2']);
  });
});

describe('environment variables', () => {
  it('lead to settings, .env and compose files', () => {
    const edges = crossEdges({
      '.env.example': 'DATABASE_URL=x\n# SMTP_HOST=y\n',
      'compose.yaml': 'services:\n  a:\n    environment:\n      DATABASE_URL: x\n      - "VITE_KEY=1"\n',
      'settings.py':
        'class Settings(BaseSettings):\n    database_url: str = "x"\n    host: str = Field("y", env="SMTP_HOST")\n',
      'other.py': 'import os\nurl = os.environ["DATABASE_URL"]\npath = os.getenv("PATH")\n',
      'web.ts': 'const key = import.meta.env.VITE_KEY;\n',
    });
    expect(pairs(edges)).toEqual([
      'settings.py:2 -> .env.example:1',
      'settings.py:2 -> compose.yaml:4',
      'settings.py:3 -> .env.example:2',
      'other.py:2 -> .env.example:1',
      'other.py:2 -> compose.yaml:4',
      'other.py:2 -> settings.py:2',
      'web.ts:1 -> compose.yaml:5',
    ]);
  });
});
