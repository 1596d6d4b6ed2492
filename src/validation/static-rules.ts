import type { StaticRules } from './language-checks.ts';
import { pythonRules } from './python/rules.ts';
import { scriptRules } from './script/rules.ts';

/** The rules of each language, by its id. A language without an entry has its names and types unchecked, and says so. */
export const STATIC_RULES: Readonly<Record<string, StaticRules>> = {
  python: pythonRules,
  typescript: scriptRules,
  tsx: scriptRules,
  javascript: scriptRules,
};
