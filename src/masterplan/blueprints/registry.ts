/** The project blueprints by name. What a request may choose from; rendering is in a thread of its own. */
import { type BlueprintId, BLUEPRINT_IDS, type FeatureId } from './model.ts';

/** What is known of a blueprint before it is rendered. */
export interface BlueprintCard {
  readonly id: BlueprintId;
  /** For people: `FastAPI`. */
  readonly label: string;
  /** Words of a request that choose it. */
  readonly words: RegExp;
  /** Whether it can bring a React front end. */
  readonly hasFrontend: boolean;
  /** Whether it builds relations of many with many. */
  readonly hasMany: boolean;
  /** What it builds where a request names it; the rest goes to `left_out`. */
  readonly features: readonly FeatureId[];
  /** Words among them that name something else, which it stands in for, and what is said of that. */
  readonly standsIn?: { readonly words: RegExp; readonly said: string };
  /** What is assumed unless a request says otherwise. */
  readonly assumptions: readonly string[];
}

/** In the order in which words are looked for. */
export const BLUEPRINTS: readonly BlueprintCard[] = [
  {
    id: 'python-cli',
    label: 'Python command line',
    words:
      /\b((python )?(cli|command[ -]?line|terminal|console) ?(tool|app|application|program|utility|interface)?( in python)?|argparse|sqlite3)\b/,
    hasFrontend: false,
    hasMany: false,
    features: ['csv'],
    assumptions: ['records are kept in a SQLite file; Python 3.10 and no other packages'],
  },
  {
    id: 'typescript-library',
    label: 'TypeScript library',
    words:
      /\b(((typescript|ts) )?npm (library|package|module)|(typescript|ts) (library|package|module)|(?<=\b(library|package|module) )in typescript)\b/,
    hasFrontend: false,
    hasMany: true,
    features: [],
    assumptions: ['a package without dependencies for Node 20; records are kept in memory or in a JSON file'],
  },
  {
    id: 'fastify',
    label: 'Fastify',
    words:
      /\b(fastify|express( ?\.?js)?(?! (delivery|shipping|mail|train))|node( ?\.?js)\b|(?<=\b(in|with|using|and|on) )node\b|node (?=((rest|http|json|web) )?(api|back ?end|server|service)\b)|typescript (?=((rest|http|json|web) )?(api|back ?end|server|service)\b)|(?<=\b(api|back ?end|server|service) )(in|with|using) typescript|type ?box|drizzle)\b/,
    hasFrontend: true,
    hasMany: true,
    features: ['auth', 'roles', 'upload', 'csv', 'soft_delete', 'audit', 'rate_limit', 'jobs', 'seed'],
    standsIn: { words: /\bexpress\b/, said: 'Express is served as Fastify' },
    assumptions: ['storage: SQLite, unless DATABASE_URL names another libSQL database'],
  },
  {
    id: 'flask',
    label: 'Flask',
    words: /\b(flask)\b/,
    hasFrontend: true,
    hasMany: true,
    features: ['auth', 'roles', 'upload', 'csv', 'soft_delete', 'audit', 'rate_limit', 'jobs', 'seed', 'postgres'],
    assumptions: ['storage: SQLite, unless DATABASE_URL names another database'],
  },
  {
    id: 'fastapi',
    label: 'FastAPI',
    words: /\b(fast ?api|sql ?alchemy)\b/,
    hasFrontend: true,
    hasMany: true,
    features: ['auth', 'roles', 'upload', 'soft_delete', 'csv', 'audit', 'rate_limit', 'jobs', 'seed', 'postgres'],
    assumptions: ['storage: SQLite, unless DATABASE_URL names another database'],
  },
];

/** The card of a blueprint. */
export function blueprintOf(id: BlueprintId): BlueprintCard {
  const card = BLUEPRINTS.find((one) => one.id === id);
  if (card === undefined) throw new RangeError(`no card for the blueprint "${id}" among ${BLUEPRINT_IDS.join(', ')}`);
  return card;
}

/** `FastAPI + React`. */
export function stackLabel(stack: { readonly blueprint: BlueprintId; readonly frontend: 'react' | null }): string {
  const { label } = blueprintOf(stack.blueprint);
  return stack.frontend === null ? label : `${label} + React`;
}
