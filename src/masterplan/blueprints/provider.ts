import type { CodeProvider, PlanningRequest } from '../../adapters/llm/provider.ts';
import { labelOf } from './naming.ts';
import { BlueprintRenderer } from './renderer.ts';
import {
  describeProject,
  projectOf,
  understandBeside,
  understandRequest,
  type Understanding,
} from './request/understand.ts';
import { readSpec } from './spec.ts';

/** What the stack is when nobody names one, and what every project of this blueprint brings. */
const ASSUMPTIONS = [
  'stack: FastAPI with SQLAlchemy and a React front end with Vite and TypeScript',
  'storage: SQLite, unless DATABASE_URL names another database',
];

/** With `spec`, its entities are the project; the words of the request then only add features. */
function understand(request: PlanningRequest): Understanding {
  if (request.spec === null || request.spec === undefined) return understandRequest(request.userRequest);
  const spec = readSpec(request.spec);
  const names = spec.entities.map((entity) => entity.names.pascal);
  const beside = understandBeside(request.userRequest, names);
  const title =
    spec.name ??
    labelOf(
      spec.entities
        .map((entity) => entity.names.humanPlural)
        .slice(0, 3)
        .join(' and '),
    );
  const project = projectOf(title, spec.entities);
  return {
    project,
    understood: [...describeProject(project), ...beside.understood],
    assumed: [],
    leftOut: beside.leftOut,
  };
}

/**
 * The offline provider: deterministic, without a key, without cost. It understands requests by their words (not yet by meaning)
 * and fills a project blueprint; what it does not build is in the plan's `leftOut`, and a request whose substance it does not
 * know is refused.
 */
export function createBlueprintProvider(): CodeProvider {
  const renderer = new BlueprintRenderer();
  return {
    name: 'blueprint',
    model: null,
    plan: async (request, signal) => {
      const understanding = understand(request);
      signal.throwIfAborted();
      const plan = await renderer.render(understanding);
      return { ...plan, assumed: [...ASSUMPTIONS, ...plan.assumed] };
    },
    generate: (request) =>
      Promise.resolve({ code: request.atom.draft, model: null, tokensIn: 0, tokensOut: 0, costUsd: 0 }),
    reserveUsd: () => 0,
  };
}
