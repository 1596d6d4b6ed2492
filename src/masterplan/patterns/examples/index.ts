import type { Pattern } from '../pattern.ts';
import { PYTHON_EXAMPLES } from './python.ts';
import { TYPESCRIPT_EXAMPLES } from './typescript.ts';
import { WEB_EXAMPLES } from './web.ts';

/** All curated examples. */
export const CURATED_EXAMPLES: readonly Pattern[] = [...PYTHON_EXAMPLES, ...TYPESCRIPT_EXAMPLES, ...WEB_EXAMPLES];
