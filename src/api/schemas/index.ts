import { type NamedSchema, Page, ProblemSchema } from './common.ts';
import { HealthReport } from './health.ts';

/** Every schema that answers refer to by name. */
export const NAMED_SCHEMAS: readonly NamedSchema[] = [ProblemSchema, Page, HealthReport];
