/** Relations of many with many where the blueprint cannot build them: said, not built. */
import type { ProjectModel } from '../model.ts';
import { blueprintOf } from '../registry.ts';

interface Served {
  readonly project: ProjectModel;
  readonly leftOut: readonly string[];
}

/** The project as its blueprint builds it, and what that leaves out. */
export function servedRelations(project: ProjectModel): Served {
  if (blueprintOf(project.stack.blueprint).hasMany) return { project, leftOut: [] };
  const leftOut = project.entities.flatMap((entity) =>
    entity.many.map(
      ({ name }) => `relations of many with many: ${name.replaceAll('_', ' ')} of ${entity.names.humanPlural}`,
    ),
  );
  return { project: { ...project, entities: project.entities.map((entity) => ({ ...entity, many: [] })) }, leftOut };
}
