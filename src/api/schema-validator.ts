import type { FastifySchemaCompiler } from 'fastify';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { Settings } from 'typebox/system';
import Value from 'typebox/value';

/** Problems reported of one request at most. */
const MAX_PROBLEMS = 20;

/** Checks requests against TypeBox schemas. Bodies are taken as they are; text of query, path and headers is converted first ("7" to 7). */
export const compileValidator: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  Settings.Set({ maxErrors: MAX_PROBLEMS });
  const compiled = Compile(schema);
  return (value: unknown) => {
    const converted = httpPart === 'body' ? value : Value.Convert(schema, value);
    if (compiled.Check(converted)) return { value: converted };
    // Fastify turns the list into an error whose `validation` is this list.
    return { error: compiled.Errors(converted) as unknown as Error };
  };
};
