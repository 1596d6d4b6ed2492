import { Type, type Static } from 'typebox';
import { asId, type AtomId } from '../../domain/index.ts';
import {
  EXPORT_CONTENT_TYPES,
  exportGraph,
  impactOf,
  indexOfAtom,
  pathsBetween,
  type GraphView,
  type ViewedAtom,
  type ViewedEdge,
} from '../../graph/index.ts';
import type { Api } from '../context.ts';
import type { ApiServices } from '../deps.ts';
import { operation } from '../operation.ts';
import { requireAtom, requireMasterplan } from '../ownership.ts';
import { principalOfRequest } from '../plugins/authentication.ts';
import { AtomParams, MasterplanParams } from '../schemas/common.ts';
import type { GraphAtom } from '../schemas/graph-questions.ts';
import { GraphExportQuery, GraphImpact, GraphPaths, ImpactQuery, PathsQuery } from '../schemas/graph-questions.ts';

const IMPACT_SHOWN = 200;
const PATHS_SHOWN = 5;

/** What one asks of a graph that is built: a drawing, why one atom waits for another, what a change concerns. */
export function registerGraphQuestions(app: Api, services: ApiServices): void {
  registerExport(app, services);
  registerPaths(app, services);
  registerImpact(app, services);
}

function registerExport(app: Api, services: ApiServices): void {
  const described = operation({
    id: 'exportGraph',
    tag: 'graphs',
    summary: 'The graph as JSON, DOT, GraphML or Mermaid',
    description:
      'Edges go from the atom that depends to the one it depends on. Grouped by file, folder or wave, edges say how many pairs of atoms they stand for.',
    access: 'user',
    request: { params: MasterplanParams, querystring: GraphExportQuery },
    responses: { 200: Type.Unsafe<unknown>({ type: 'string' }) },
    problems: ['GRAPH_NOT_BUILT'],
    produces: [...new Set(Object.values(EXPORT_CONTENT_TYPES).map((type) => type.replace(/;.*/, '')))],
  });
  app.get('/api/v2/graphs/:masterplan_id/export', described, async (request, reply) => {
    const id = await requireMasterplan(
      services.db,
      principalOfRequest(request),
      request.params.masterplan_id,
      'inspect',
    );
    const { format = 'json', group } = request.query;
    const view = await services.stages.loadGraph(id);
    const text = exportGraph(view, format, group === undefined ? {} : { group });
    // Bytes, so that no serializer takes the JSON form for a string to quote.
    return reply.header('content-type', EXPORT_CONTENT_TYPES[format]).send(Buffer.from(text));
  });
}

function registerPaths(app: Api, services: ApiServices): void {
  const described = operation({
    id: 'listGraphPaths',
    tag: 'graphs',
    summary: 'Why one atom waits for another',
    description: 'Edges that a cycle was cut at order nothing and are left out.',
    access: 'user',
    request: { params: MasterplanParams, querystring: PathsQuery },
    responses: { 200: GraphPaths },
    problems: ['GRAPH_NOT_BUILT'],
  });
  app.get('/api/v2/graphs/:masterplan_id/paths', described, async (request) => {
    const id = await requireMasterplan(
      services.db,
      principalOfRequest(request),
      request.params.masterplan_id,
      'inspect',
    );
    const { from, to, limit = PATHS_SHOWN } = request.query;
    const view = await services.stages.loadGraph(id);
    const [first, last] = [indexOfAtom(view, asId<AtomId>(from)), indexOfAtom(view, asId<AtomId>(to))];
    const paths = pathsBetween(view, first, last, limit);
    return {
      from: presentAtom(view, first),
      to: presentAtom(view, last),
      waits: paths.length > 0,
      paths: paths.map((path) => presentPath(view, path)),
    };
  });
}

function registerImpact(app: Api, services: ApiServices): void {
  const described = operation({
    id: 'getAtomImpact',
    tag: 'graphs',
    summary: 'What a change of an atom may concern',
    access: 'user',
    request: { params: AtomParams, querystring: ImpactQuery },
    responses: { 200: GraphImpact },
    problems: ['GRAPH_NOT_BUILT'],
  });
  app.get('/api/v2/graphs/atoms/:atom_id/impact', described, async (request) => {
    const { atomId, masterplanId } = await requireAtom(
      services.db,
      principalOfRequest(request),
      request.params.atom_id,
      'inspect',
    );
    const view = await services.stages.loadGraph(masterplanId);
    const atom = indexOfAtom(view, atomId);
    const concerned = impactOf(view, atom);
    return {
      atom: presentAtom(view, atom),
      total: concerned.length,
      files: [...new Set(concerned.map((other) => view.atoms[other.atom]?.file ?? ''))].sort(),
      data: concerned
        .slice(0, request.query.limit ?? IMPACT_SHOWN)
        .map((other) => ({ ...presentAtom(view, other.atom), steps: other.steps })),
    };
  });
}

function presentAtom(view: GraphView, index: number): Static<typeof GraphAtom> {
  const atom = view.atoms[index] as ViewedAtom;
  return {
    atom_id: atom.id,
    name: atom.name,
    file_path: atom.file,
    line_start: atom.startLine,
    line_end: atom.endLine,
    role: atom.role,
    wave_number: atom.wave,
  };
}

function presentPath(view: GraphView, path: readonly ViewedEdge[]): Static<typeof GraphPaths>['paths'][number] {
  const atoms = [path[0]?.from ?? 0, ...path.map((edge) => edge.to)];
  return {
    steps: path.map((edge) => ({
      from_atom_id: view.atoms[edge.from]?.id ?? '',
      to_atom_id: view.atoms[edge.to]?.id ?? '',
      dependency_type: edge.type,
      strength: edge.strength,
      reason: edge.reason,
    })),
    atoms: atoms.map((index) => presentAtom(view, index)),
  };
}
