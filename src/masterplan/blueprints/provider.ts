import type { CodeProvider, PlanningRequest } from '../../adapters/llm/provider.ts';
import { labelOf } from './naming.ts';
import type { ProjectModel } from './model.ts';
import { blueprintOf, stackLabel } from './registry.ts';
import { BlueprintRenderer } from './renderer.ts';
import { OPTIONAL_FEATURES } from './request/features.ts';
import { servedRelations } from './request/many.ts';
import {
  describeProject,
  neededFeatures,
  projectOf,
  understandBeside,
  understandRequest,
  type Make,
  type Understanding,
} from './request/understand.ts';
import { readSpec, type Spec } from './spec.ts';

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
  const make = makeOf(spec, beside.make);
  const made = projectOf(title, spec.entities, make);
  const { project, leftOut } = servedRelations(made);
  return {
    project,
    understood: [...describeProject(project), ...beside.understood],
    assumed: [...beside.assumed, ...neededFeatures(project, make)],
    leftOut: [...notBuilt(spec, project), ...leftOut, ...beside.leftOut],
  };
}

/** What the blueprint assumes, as far as no feature says otherwise. */
function assumptionsOf({ stack, features }: ProjectModel): readonly string[] {
  const { assumptions } = blueprintOf(stack.blueprint);
  return features.includes('postgres') ? assumptions.filter((text) => !text.startsWith('storage:')) : assumptions;
}

/** Features that `spec` names and the blueprint does not build. */
function notBuilt(spec: Spec, project: ProjectModel): string[] {
  const left = spec.features.filter((id) => !project.features.includes(id));
  return OPTIONAL_FEATURES.filter(({ id }) => left.includes(id)).map(({ label }) => label);
}

/** What `spec` says about stack and features goes over the words; together, the features are the union. */
function makeOf(spec: Spec, words: Make): Make {
  const stack = {
    blueprint: spec.blueprint ?? words.stack.blueprint,
    frontend: spec.frontend === undefined ? words.stack.frontend : spec.frontend,
  };
  const card = blueprintOf(stack.blueprint);
  const features = [...new Set([...spec.features, ...words.features])].filter((id) => card.features.includes(id));
  return { stack: { ...stack, frontend: card.hasFrontend ? stack.frontend : null }, features };
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
    repeats: true,
    plan: async (request, signal) => {
      const understanding = understand(request);
      signal.throwIfAborted();
      const plan = await renderer.render(understanding);
      const { stack } = understanding.project;
      const assumed = [`stack: ${stackLabel(stack)}`, ...assumptionsOf(understanding.project)];
      return { ...plan, assumed: [...assumed, ...plan.assumed] };
    },
    generate: (request) =>
      Promise.resolve({ code: request.atom.draft, model: null, tokensIn: 0, tokensOut: 0, costUsd: 0 }),
    reserveUsd: () => 0,
  };
}
