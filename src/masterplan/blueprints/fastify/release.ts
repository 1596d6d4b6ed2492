/** What goes with a deleted record in the Fastify back end, where its service sees to that and not the database. */
import {
  type DeleteRule,
  type EntityModel,
  type InverseRelation,
  inverseRelations,
  type ProjectModel,
} from '../model.ts';
import { followsRemovals, isAudited, keepsDeleted } from './bases.ts';

/** Records of an entity that a deletion reaches, and through what. */
export interface Release {
  /** They go too. */
  readonly going: readonly InverseRelation[];
  /** They lose their reference, by their service. */
  readonly noting: readonly InverseRelation[];
  /** They lose their reference, by their repository. */
  readonly forgetting: readonly InverseRelation[];
}

/** What the service of an entity sees to when one of its records is deleted. */
export function releaseOf(project: ProjectModel, entity: EntityModel): Release {
  const withRule = (rule: DeleteRule): InverseRelation[] =>
    inverseRelations(project, entity).filter(({ relation }) => relation.onDelete === rule);
  const sees = keepsDeleted(project) || followsRemovals(project);
  const isNoted = isAudited(project);
  return {
    going: sees ? withRule('cascade') : [],
    noting: isNoted ? withRule('set_null') : [],
    forgetting: keepsDeleted(project) && !isNoted ? withRule('set_null') : [],
  };
}

/** The entities on the other side, once each. */
export function childrenOf(relations: readonly InverseRelation[]): EntityModel[] {
  return [...new Set(relations.map(({ child }) => child))];
}

/** The method `release` of a service; empty where nothing depends on its records. */
export function releaseMethod(project: ProjectModel, entity: EntityModel): string {
  const { going, noting, forgetting } = releaseOf(project, entity);
  const hasTrash = keepsDeleted(project);
  const service = (child: EntityModel): string => (child === entity ? 'this' : `this.${child.names.camel}Service`);
  const refers = ({ child, relation }: InverseRelation): string =>
    `eq(${child.names.camelPlural}.${relation.name}_id, id)`;
  const lines = [
    ...going.map((inverse) =>
      hasTrash
        ? `await ${service(inverse.child)}.discardAll(${refers(inverse)}, moment);`
        : `await ${service(inverse.child)}.removeAll(${refers(inverse)});`,
    ),
    ...noting.map(
      (inverse) => `await ${service(inverse.child)}.forget('${inverse.relation.name}_id', ${refers(inverse)});`,
    ),
    ...forgetting.map(({ child, relation }) => {
      const records = child === entity ? 'this.records' : `this.${child.names.camel}Repository`;
      return `await ${records}.forget('${relation.name}_id', id);`;
    }),
  ];
  if (lines.length === 0) return '';
  const isTimed = lines.some((line) => line.includes('moment'));
  const moment = hasTrash ? (isTimed ? ', moment: string' : ', _moment: string') : '';
  return `
  protected override async release(id: number${moment}): Promise<void> {
    ${lines.join('\n    ')}
  }
`;
}
