import { DrizzleQueryError } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { asMgeError } from '../../../src/api/error-mapping.ts';
import { problemOf, retryAfterSeconds } from '../../../src/api/problem.ts';
import { ERROR_CATALOGUE, MgeError, type ErrorCode } from '../../../src/domain/index.ts';

const withCode = (code: string, message = 'connect ECONNREFUSED 10.1.2.3:5432') =>
  Object.assign(new Error(message), { code });

describe('what was thrown becomes a code of the catalogue', () => {
  const cases: [string, unknown, ErrorCode][] = [
    ['an error of a stage', new MgeError('GRAPH_NOT_BUILT', 'build it'), 'GRAPH_NOT_BUILT'],
    ['one wrapped by a library', new Error('wrapped', { cause: new MgeError('NOT_FOUND', 'gone') }), 'NOT_FOUND'],
    [
      'a database that refuses connections',
      new DrizzleQueryError('select secret', [], withCode('ECONNREFUSED')),
      'DATABASE_UNAVAILABLE',
    ],
    [
      'a database that shuts down',
      withCode('57P01', 'terminating connection due to administrator command'),
      'DATABASE_UNAVAILABLE',
    ],
    ['a transaction that lost against others', new DrizzleQueryError('update', [], withCode('40P01')), 'OVERLOADED'],
    ['a database with no connection left', withCode('53300', 'too many clients'), 'DATABASE_UNAVAILABLE'],
    [
      'a pool that cannot connect in time',
      new Error('timeout exceeded when trying to connect'),
      'DATABASE_UNAVAILABLE',
    ],
    ['a connection that broke', new Error('Connection terminated unexpectedly'), 'DATABASE_UNAVAILABLE'],
    ['both addresses of a host refusing', new AggregateError([withCode('ECONNREFUSED')]), 'DATABASE_UNAVAILABLE'],
    ['a Redis that is away', Object.assign(new Error('x'), { name: 'MaxRetriesPerRequestError' }), 'QUEUE_UNAVAILABLE'],
    ['a Redis connection that is closed', new Error('Connection is closed.'), 'QUEUE_UNAVAILABLE'],
    ['a Redis that does not answer', new Error('Command timed out'), 'QUEUE_UNAVAILABLE'],
    [
      'NUL in a text column',
      new DrizzleQueryError('insert', [], withCode('22021', 'invalid byte sequence')),
      'VALIDATION_FAILED',
    ],
    [
      'too large a body',
      Object.assign(new Error('x'), { code: 'FST_ERR_CTP_BODY_TOO_LARGE', statusCode: 413 }),
      'BODY_TOO_LARGE',
    ],
    [
      'an unknown type',
      Object.assign(new Error('x'), { code: 'FST_ERR_CTP_INVALID_MEDIA_TYPE', statusCode: 415 }),
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    [
      'a handler that hangs',
      Object.assign(new Error('x'), { code: 'FST_ERR_HANDLER_TIMEOUT', statusCode: 503 }),
      'OVERLOADED',
    ],
    ['a unique violation that nobody expected', withCode('23505', 'duplicate key value'), 'INTERNAL'],
    ['a bug', new TypeError('Cannot read properties of undefined (reading x)'), 'INTERNAL'],
    ['something that is no error at all', 'boom', 'INTERNAL'],
    ['an error that causes itself', selfCaused(), 'INTERNAL'],
  ];
  it.each(cases)('%s', (_name, thrown, code) => {
    expect(asMgeError(thrown).code).toBe(code);
  });

  it('never repeats what it was told by a service or a bug', () => {
    for (const [, thrown, code] of cases.filter(([, , code]) => ERROR_CATALOGUE[code].status >= 500)) {
      const text = JSON.stringify(problemOf(asMgeError(thrown), 'r1'));
      expect(text, code).not.toMatch(/10\.1\.2\.3|secret|undefined|duplicate|administrator|boom/);
    }
  });

  function selfCaused(): Error {
    const error = new Error('loop');
    error.cause = error;
    return error;
  }
});

describe('schema violations', () => {
  const violation = (keyword: string, instancePath: string, params: object = {}, message = 'must be right') => ({
    keyword,
    instancePath,
    params,
    message,
  });
  const mapped = (context: string, ...validation: object[]) =>
    asMgeError(Object.assign(new Error('x'), { validation, validationContext: context, statusCode: 400 }));

  it('point at the field, with ~ and / escaped as RFC 6901 says, each once', () => {
    const error = mapped(
      'body',
      violation('required', '/config', { requiredProperties: ['model', 'a/b'] }),
      violation('additionalProperties', '', { additionalProperties: ['x~y'] }),
      violation('boolean', '/x~0y'),
      violation('type', '/tasks/0/name', {}, 'must be string'),
      violation('type', '/tasks/0/name', {}, 'must be string'),
    );
    expect(error.code).toBe('VALIDATION_FAILED');
    expect(error.fields).toEqual([
      { pointer: '/config/model', detail: 'is required' },
      { pointer: '/config/a~1b', detail: 'is required' },
      { pointer: '/x~0y', detail: 'is not a known field' },
      { pointer: '/tasks/0/name', detail: 'must be string' },
    ]);
  });

  it('name query parameters with a question mark, and count a malformed id in the path as a thing that is not there', () => {
    expect(mapped('querystring', violation('minimum', '/limit', {}, 'must be >= 1')).fields).toEqual([
      { pointer: '?limit', detail: 'must be >= 1' },
    ]);
    expect(mapped('params', violation('format', '/masterplan_id')).code).toBe('NOT_FOUND');
  });
});

describe('a problem document', () => {
  it('has the standard members, and details cannot overwrite them', () => {
    const problem = problemOf(
      new MgeError('EXECUTION_RUNNING', 'it runs', { details: { status: 'running', execution_id: 'e1', code: 'X' } }),
      'r1',
    );
    expect(problem).toMatchObject({
      type: '/errors/execution-running',
      title: ERROR_CATALOGUE.EXECUTION_RUNNING.title,
      status: 409,
      detail: 'it runs',
      instance: 'urn:request:r1',
      code: 'EXECUTION_RUNNING',
      execution_id: 'e1',
      retryable: false,
    });
    expect(problem).not.toHaveProperty('errors');
  });

  it('says when to come back where that makes sense, in whole seconds of at least one', () => {
    const soon = problemOf(new MgeError('QUEUE_UNAVAILABLE', 'x', { retryAfterMs: 10 }), 'r');
    expect([soon.retry_after_ms, retryAfterSeconds(soon)]).toEqual([10, 1]);
    expect(retryAfterSeconds(problemOf(new MgeError('RATE_LIMITED', 'x', { retryAfterMs: 1_001 }), 'r'))).toBe(2);
    expect(retryAfterSeconds(problemOf(new MgeError('NOT_FOUND', 'x'), 'r'))).toBeUndefined();
  });
});
