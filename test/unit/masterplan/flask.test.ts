import { beforeAll, describe, expect, it } from 'vitest';
import { tasksOf } from '../../../src/domain/index.ts';
import { withFlaskClient } from '../../../src/masterplan/blueprints/flask/test-client.ts';
import { blueprintOf } from '../../../src/masterplan/blueprints/registry.ts';
import { createBlueprintProvider } from '../../../src/masterplan/index.ts';

const FEATURES = blueprintOf('flask').features;

async function filesOf(features: readonly string[]): Promise<Map<string, string>> {
  const spec = {
    entities: [
      { name: 'Tag', fields: ['name!'] },
      { name: 'Post', fields: ['title!', 'published: boolean', 'seen_at: datetime'], relations: ['tags: many tag'] },
    ],
    stack: { blueprint: 'flask', frontend: 'none' },
    features,
  };
  const plan = await createBlueprintProvider().plan(
    { userRequest: 'Blog', spec, seed: 0 },
    new AbortController().signal,
  );
  return new Map(tasksOf(plan).map(({ filePath, draft }) => [filePath, Buffer.from(draft ?? []).toString('utf8')]));
}

describe('a Flask project', () => {
  let files: Map<string, string>;

  beforeAll(async () => {
    files = await filesOf(FEATURES);
  });

  it('has nothing of FastAPI in it', () => {
    for (const [path, text] of files)
      expect(text, path).not.toMatch(/fastapi|\bTestClient|uvicorn|httpx|jsonable_encoder|\.json\(\)|\bparams=/i);
  });

  it('registers the blueprint of every module of routes, and checks requests before accounts', () => {
    const main = files.get('backend/app/main.py')!;
    const modules = [...files.keys()]
      .map((path) => /^backend\/app\/routes\/(\w+)\.py$/.exec(path)?.[1])
      .filter((module) => module !== undefined && module !== '__init__');
    expect(modules.length).toBeGreaterThan(6);
    for (const module of modules) expect(main).toContain(`${module}.blueprint`);
    expect(main.indexOf('limit_requests(app')).toBeLessThan(main.indexOf('install_sign_in(app'));
  });

  it('keeps parts of features out of projects without them', async () => {
    const plain = await filesOf([]);
    expect([...plain.values()].join('\n')).not.toMatch(/is_list|Authorization|text\/csv|deleted_at|BEHIND_PROXY/);
    expect(plain.has('backend/app/security.py')).toBe(false);
    expect(plain.get('backend/requirements.txt')).toBe(
      'flask>=2.2\ngunicorn>=20.1\npydantic>=1.10\nsqlalchemy>=1.4.46\n',
    );
  });

  it('is served by gunicorn and says where it describes itself', () => {
    expect(files.get('backend/Dockerfile')).toContain('CMD ["gunicorn", "--bind", "0.0.0.0:8000"');
    expect(files.get('README.md')).toContain('<http://localhost:8000/openapi.json>');
    expect(files.get('README.md')).toContain('`routes`');
  });
});

describe('tests for the client of FastAPI', () => {
  it.each([
    ['answer = client.get(URL, params=query).json()["id"]', 'answer = client.get(URL, query_string=query).json["id"]'],
    ['client.request(method, f"{URL}/9", json=None)', 'client.open(method=method, path=f"{URL}/9", json=None)'],
    ['client.post(URL, content=text)', 'client.post(URL, data=text)'],
    ['assert response.content == b"x"', 'assert response.data == b"x"'],
    ['def test(client: TestClient) -> None:', 'def test(client: FlaskClient) -> None:'],
    ['from fastapi.testclient import TestClient', 'from flask.testing import FlaskClient'],
    [
      'from typing import Any\nclient.post(url, files={"file": (name, bytes(size), "text/plain")})',
      'from io import BytesIO\nfrom typing import Any\nclient.post(url, data={"file": (BytesIO(bytes(size)), name, "text/plain")})',
    ],
    [
      'from fastapi.encoders import jsonable_encoder\nfrom tests.factories import x\njsonable_encoder(x)',
      'from tests.factories import x\nfrom tests.payloads import as_json\nas_json(x)',
    ],
    [
      'from collections.abc import Iterator\n\ndef f() -> Iterator[TestClient]:\n    with TestClient(create_app(a, b)) as client:\n        yield client',
      'def f() -> FlaskClient:\n    return create_app(a, b).test_client()',
    ],
    [
      'from collections.abc import Iterator\n\ndef f() -> Iterator[Session]:',
      'from collections.abc import Iterator\n\ndef f() -> Iterator[Session]:',
    ],
  ])('come out in the words of Flask: %s', (text, told) => {
    expect(withFlaskClient(text)).toBe(told);
  });
});
