/** Tests of `upload` in the Fastify back end. */
import { fileText } from '../layout.ts';
import { entityNamed, type EntityModel, type ProjectModel } from '../model.ts';
import { has } from '../python-web/feature-parts.ts';
import { keepsDeleted } from './bases.ts';
import { imports } from './entity-names.ts';

/** `backend/test/file-store.test.ts`. */
export function fileStoreTestFile(): string {
  return fileText(`
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileStore } from '../src/files/file-store.ts';

describe('a store of files', () => {
  let folder: string;
  let store: FileStore;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'file-store-test-'));
    store = new FileStore(join(folder, 'files'), 1);
  });

  afterEach(() => rm(folder, { recursive: true }));

  it('keeps the bytes', async () => {
    const stream = await store.read(await store.save(Buffer.from('hello')));

    expect(stream && (await text(stream))).toBe('hello');
  });

  it('gives equal files names of their own', async () => {
    expect(await store.save(Buffer.from('a'))).not.toBe(await store.save(Buffer.from('a')));
  });

  it('keeps files of the largest size, and nothing of larger ones', async () => {
    const name = await store.save(Buffer.alloc(1024 * 1024));

    await expect(store.save(Buffer.alloc(1024 * 1024 + 1))).rejects.toThrow('1 MB');
    expect(await readdir(join(folder, 'files'))).toEqual([name]);
  });

  it('removes a file, even twice', async () => {
    const name = await store.save(Buffer.from('hello'));

    await store.remove(name);
    await store.remove(name);

    expect(await store.read(name)).toBeUndefined();
  });
});
`);
}

/** `backend/test/upload-form.test.ts`. */
export function uploadFormTestFile(): string {
  return fileText(`
import { describe, expect, it } from 'vitest';
import { contentDisposition, plainName, plainType, readUpload } from '../src/files/upload-form.ts';

describe('plainName', () => {
  it.each([
    ['notes.txt', 'notes.txt'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\\\temp\\\\a.txt', 'a.txt'],
    ['a\\nb\\u2028.txt', 'ab.txt'],
    ['', 'file'],
    ['folder/', 'file'],
  ])('makes %j %j', (sent, kept) => {
    expect(plainName(sent)).toBe(kept);
  });

  it('keeps the end of long names', () => {
    expect(plainName(\`\${'x'.repeat(300)}.txt\`)).toHaveLength(255);
    expect(plainName(\`\${'x'.repeat(300)}.txt\`)).toMatch(/x\\.txt$/);
  });
});

describe('plainType', () => {
  it('loses parameters', () => {
    expect(plainType('Text/Plain; charset=utf-8')).toBe('text/plain');
  });

  it.each(['', 'text', 'text/\\0x', 'text/html\\vX: y', 'т/я', 'a'.repeat(500)])('does not know %j', (type) => {
    expect(plainType(type)).toBe('application/octet-stream');
  });
});

describe('contentDisposition', () => {
  it('carries names of all letters', () => {
    expect(contentDisposition('näme (1)"%.txt')).toBe(
      "attachment; filename=\\"n_me (1)__.txt\\"; filename*=UTF-8''n%C3%A4me%20%281%29%22%25.txt",
    );
  });
});

describe('readUpload', () => {
  async function sent(form: FormData) {
    const request = new Request('http://localhost', { method: 'POST', body: form });
    return readUpload(new Uint8Array(await request.arrayBuffer()), request.headers.get('content-type') ?? '');
  }

  it('has the file with its name and type', async () => {
    const form = new FormData();
    form.set('file', new Blob(['hello'], { type: 'text/plain' }), 'notes.txt');

    const upload = await sent(form);

    expect(upload).toMatchObject({ filename: 'notes.txt', content_type: 'text/plain' });
    expect(Buffer.from(upload.bytes).toString()).toBe('hello');
  });

  it('refuses forms without a file', async () => {
    const form = new FormData();
    form.set('file', 'only text');

    await expect(sent(form)).rejects.toThrow('A file is needed.');
    await expect(sent(new FormData())).rejects.toThrow('A file is needed.');
  });

  it.each(['multipart/form-data', 'multipart/form-data; boundary=x'])('refuses what is no form: %s', async (type) => {
    await expect(readUpload(Buffer.from('hello'), type)).rejects.toThrow('The form cannot be read.');
  });
});
`);
}

function cascadeTest(project: ProjectModel): string {
  for (const child of project.entities) {
    const relation = child.relations.find(
      ({ onDelete, target }) => onDelete === 'cascade' && target !== child.names.pascal,
    );
    if (relation === undefined) continue;
    const { pascal, kebabPlural } = child.names;
    const parent = entityNamed(project, relation.target).names;
    return `
  it('go with what depends on a deleted record', async () => {
    const parent = await make${parent.pascal}(service.database);
    const child = await make${pascal}(service.database, { ${relation.name}_id: parent.id });
    await service.sendFile(\`/api/${kebabPlural}/\${child.id}/attachments\`, notes());

    await service.send('DELETE', \`/api/${parent.kebabPlural}/\${parent.id}\`);

    expect(await storedFiles()).toEqual([]);
  });
`;
  }
  return '';
}

function removalTests(project: ProjectModel, { names }: EntityModel): string {
  if (!keepsDeleted(project))
    return `
  it('go with their record', async () => {
    const { id } = (await attach()).json();

    await service.send('DELETE', recordUrl);

    expect(await storedFiles()).toEqual([]);
    expect((await service.send('GET', \`/api/attachments/\${id}\`)).statusCode).toBe(404);
  });

  it('stay where the deletion of their record is taken back', async () => {
    const { id } = (await attach()).json();

    const change = service.database.write(async (session) => {
      await new ${names.pascal}Service(session).remove(recordId);
      throw new Error('stop');
    });

    await expect(change).rejects.toThrow('stop');
    expect((await service.send('GET', \`/api/attachments/\${id}\`)).body).toBe('hello');
  });
${cascadeTest(project)}`;
  const purged = `
  it('go with a record that is removed for good', async () => {
    await attach();
    await service.send('DELETE', recordUrl);

    await service.database.write((session) => new ${names.pascal}Service(session).purge('9999-12-31'));
    await attachments().sweep();

    expect(await storedFiles()).toEqual([]);
  });
`;
  return `
  it('are out of sight with their record, and come back with it', async () => {
    const { id } = (await attach()).json();

    await service.send('DELETE', recordUrl);
    expect((await service.send('GET', \`/api/attachments/\${id}\`)).statusCode).toBe(404);

    await service.send('POST', \`\${recordUrl}/restore\`);
    expect((await service.send('GET', \`/api/attachments/\${id}\`)).body).toBe('hello');
  });
${has(project, 'jobs') ? purged : ''}`;
}

/** `backend/test/attachments.test.ts`. */
export function attachmentsTestFile(project: ProjectModel): string {
  const [entity] = project.entities;
  if (entity === undefined) return '';
  const { names } = entity;
  const removals = removalTests(project, entity);
  const sweeps = removals.includes('attachments()');
  const guarded = `
  it('are for who is signed in', async () => {
    const { id } = (await attach()).json();

    expect((await service.sendAs({}, 'GET', \`\${recordUrl}/attachments\`)).statusCode).toBe(401);
    expect((await service.sendAs({}, 'GET', \`/api/attachments/\${id}\`)).statusCode).toBe(401);
  });
`;
  const body = `
/** A file as browsers send it. */
function notes(content: string | Uint8Array = 'hello', filename = 'notes.txt'): FormData {
  const form = new FormData();
  form.set('file', new Blob([content], { type: 'text/plain' }), filename);
  return form;
}

describe('attachments', () => {
  let service: TestService;
  let recordId: number;
  let recordUrl: string;

  beforeEach(async () => {
    service = await startService();
    recordId = (await make${names.pascal}(service.database)).id;
    recordUrl = \`/api/${names.kebabPlural}/\${recordId}\`;
  });

  afterEach(() => service.close());
${
  sweeps
    ? `
  function attachments() {
    return new AttachmentService(service.database, new FileStore(service.uploadDir, 1));
  }
`
    : ''
}
  function attach(form = notes()) {
    return service.sendFile(\`\${recordUrl}/attachments\`, form);
  }

  async function storedFiles(): Promise<string[]> {
    return readdir(service.uploadDir);
  }

  it('are described, and listed with their record, newest first', async () => {
    const first = await attach();
    const second = await attach(notes('', 'пусто.txt'));

    expect(first.statusCode).toBe(201);
    expect(first.json()).toMatchObject({ label: 'notes.txt', filename: 'notes.txt', content_type: 'text/plain', size: 5 });
    expect(second.json()).toMatchObject({ filename: 'пусто.txt', size: 0 });
    const list = (await service.send('GET', \`\${recordUrl}/attachments\`)).json();
    expect(list).toEqual([second.json(), first.json()]);
  });

  it('are downloaded, and never shown as a page', async () => {
    const { id } = (await attach()).json();

    const response = await service.send('GET', \`/api/attachments/\${id}\`);

    expect(response.body).toBe('hello');
    expect(response.headers).toMatchObject({
      'content-type': expect.stringContaining('text/plain'),
      'content-length': '5',
      'content-disposition': expect.stringMatching(/^attachment; filename="notes.txt"/),
      'x-content-type-options': 'nosniff',
    });
  });

  it('are removed with their file', async () => {
    const { id } = (await attach()).json();

    expect((await service.send('DELETE', \`/api/attachments/\${id}\`)).statusCode).toBe(204);

    expect(await storedFiles()).toEqual([]);
    expect((await service.send('GET', \`/api/attachments/\${id}\`)).statusCode).toBe(404);
    expect((await service.send('DELETE', \`/api/attachments/\${id}\`)).statusCode).toBe(404);
  });

  it('need a record', async () => {
    expect((await service.send('GET', '/api/${names.kebabPlural}/999/attachments')).statusCode).toBe(404);
    expect((await service.sendFile('/api/${names.kebabPlural}/999/attachments', notes())).statusCode).toBe(404);
    expect(await storedFiles()).toEqual([]);
  });

  it('need a file', async () => {
    const response = await attach(new FormData());

    expect(response.statusCode).toBe(422);
    expect(response.json().errors[0].field).toBe('file');
  });

  it('that are too large are refused', async () => {
    const response = await attach(notes(new Uint8Array(1_200_000)));

    expect(response.statusCode).toBe(413);
    expect(response.json()).toEqual({ detail: 'Files may have 1 MB at most.', errors: [] });
    expect(await storedFiles()).toEqual([]);
  });

  it('that do not say how long they are are refused', async () => {
    const response = await service.sendFile(\`\${recordUrl}/attachments\`, notes(), { hasLength: false });

    expect(response.statusCode).toBe(411);
  });

  it('whose file is gone are not found', async () => {
    const { id } = (await attach()).json();
    for (const name of await storedFiles()) await rm(join(service.uploadDir, name));

    expect((await service.send('GET', \`/api/attachments/\${id}\`)).statusCode).toBe(404);
  });
${has(project, 'auth') ? guarded : ''}${removals}});
`;
  const uses = (name: string): boolean => new RegExp(`\\b${name}\\(`).test(body);
  return fileText(`
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
${imports({
  '../src/files/file-store.ts': sweeps ? ['FileStore'] : [],
  '../src/services/attachment.ts': sweeps ? ['AttachmentService'] : [],
  [`../src/services/${names.kebab}.ts`]: [`${names.pascal}Service`].filter(uses),
  ...Object.fromEntries(
    project.entities.map(({ names: other }) => [
      `./support/${other.kebab}-factory.ts`,
      [`make${other.pascal}`].filter(uses),
    ]),
  ),
  './support/test-service.ts': ['startService', 'type TestService'],
})}
${body}`);
}
