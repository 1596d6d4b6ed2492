import { Validator } from '@seriousme/openapi-schema-validator';
import { beforeAll, describe, expect, it } from 'vitest';
import { openApiDocument } from '../../../src/api/index.ts';

interface Operation {
  operationId?: string;
  summary?: string;
  tags?: string[];
  security?: unknown[];
  responses: Record<string, { description: string; content?: Record<string, unknown> }>;
  parameters?: { name: string; in: string }[];
}

let document: Record<string, unknown> & { paths: Record<string, Record<string, Operation>>; openapi: string };
let operations: { path: string; method: string; operation: Operation }[];

beforeAll(async () => {
  document = (await openApiDocument('2.0.0-test')) as typeof document;
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
});

describe('the OpenAPI document', () => {
  it('is valid OpenAPI 3.1', async () => {
    const validator = new Validator();
    const result = await validator.validate(structuredClone(document));
    expect(result.errors).toBeUndefined();
    expect(result.valid).toBe(true);
    expect(document.openapi).toMatch(/^3\.1/);
    expect(() => validator.resolveRefs()).not.toThrow();
  });

  it('gives every operation an id of its own, a summary, a tag, security and all its answers', () => {
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { path, method, operation } of operations) {
      const where = `${method} ${path}`;
      expect(operation.summary, where).toBeTruthy();
      expect(operation.tags?.length, where).toBe(1);
      expect(operation.security, where).toBeDefined();
      const statuses = Object.keys(operation.responses);
      expect(
        statuses.some((status) => status.startsWith('2')),
        where,
      ).toBe(true);
      if (operation.security?.length)
        expect(statuses, where).toEqual(expect.arrayContaining(['401', '403', '429', '500', '503']));
      for (const name of path.matchAll(/\{(\w+)\}/g))
        expect(
          operation.parameters?.map((parameter) => parameter.name),
          where,
        ).toContain(name[1]);
    }
  });

  it('describes every failure as a problem document', () => {
    for (const { path, method, operation } of operations)
      for (const [status, response] of Object.entries(operation.responses))
        if (Number(status) >= 400 && !path.includes('health'))
          expect(Object.keys(response.content ?? {}), `${method} ${path} ${status}`).toEqual([
            'application/problem+json',
          ]);
  });

  it('names the calls of the runbook', () => {
    const paths = operations.map(({ method, path }) => `${method} ${path}`);
    expect(paths).toEqual(
      expect.arrayContaining([
        'get /api/v1/health',
        'get /api/v1/health/db',
        'get /api/v1/health/redis',
        'get /api/v1/health/chromadb',
        ...['', '/atoms', '/graphs', '/validation', '/execution', '/review'].map((part) => `get /api/v2${part}/health`),
        'get /health/live',
        'get /health/ready',
        'post /api/v2/masterplans',
        'post /api/v2/atomization/decompose',
        'post /api/v2/graphs/build',
        'get /api/v2/metrics/executions/recent',
        'get /api/v2/metrics/precision/recent',
        'get /api/v2/metrics/users/active',
      ]),
    );
  });
});
