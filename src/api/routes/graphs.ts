import type { Static } from 'typebox';
import { MgeError } from '../../domain/index.ts';
import type { Api } from '../context.ts';
import type { ApiServices } from '../deps.ts';
import { operation } from '../operation.ts';
import { requireMasterplan } from '../ownership.ts';
import { principalOfRequest } from '../plugins/authentication.ts';
import { listWaves, type WaveRow } from '../queries/graphs.ts';
import { MasterplanRef } from '../schemas/atoms.ts';
import { MasterplanParams, ref } from '../schemas/common.ts';
import { Graph, type Wave, WaveList } from '../schemas/graphs.ts';
import { StageJob } from '../schemas/masterplans.ts';
import type { GraphSummary } from '../../graph/index.ts';
import { wire } from '../wire.ts';
import { runStage } from './stage-jobs.ts';

export function registerGraphRoutes(app: Api, services: ApiServices): void {
  registerBuild(app, services);
  registerReading(app, services);
}

function registerBuild(app: Api, services: ApiServices): void {
  const build = operation({
    id: 'buildGraph',
    tag: 'graphs',
    summary: 'Find the dependencies between atoms and put them into waves',
    description: 'Waits like decompose does. The same atoms give the same graph.',
    access: 'user',
    request: { body: MasterplanRef },
    responses: { 200: ref(Graph), 202: ref(StageJob) },
    problems: ['NOT_FOUND', 'NOT_DECOMPOSED', 'EXECUTION_RUNNING', 'LIMIT_EXCEEDED', 'QUEUE_UNAVAILABLE'],
    flow: 'build_graph',
  });
  app.post('/api/v2/graphs/build', build, async (request, reply) => {
    const masterplanId = await requireMasterplan(services.db, principalOfRequest(request), request.body.masterplan_id);
    if (!(await services.stages.readDecomposition(masterplanId)))
      throw new MgeError(
        'NOT_DECOMPOSED',
        'The masterplan has no atoms yet; POST /api/v2/atomization/decompose first.',
      );
    const pending = await runStage(services, request, reply, { masterplanId, kind: 'build_graph' });
    if (pending) return pending;
    const summary = await services.stages.readGraph(masterplanId);
    if (!summary) throw new MgeError('INTERNAL', 'The graph was built, but cannot be found.');
    return presentGraph(summary);
  });
}

function registerReading(app: Api, services: ApiServices): void {
  const get = operation({
    id: 'getGraph',
    tag: 'graphs',
    summary: 'The dependency graph of a masterplan in figures',
    access: 'user',
    request: { params: MasterplanParams },
    responses: { 200: ref(Graph) },
    problems: ['GRAPH_NOT_BUILT'],
  });
  app.get('/api/v2/graphs/:masterplan_id', get, async (request) => {
    const id = await requireMasterplan(
      services.db,
      principalOfRequest(request),
      request.params.masterplan_id,
      'inspect',
    );
    const summary = await services.stages.readGraph(id);
    if (!summary) throw notBuilt();
    return presentGraph(summary);
  });

  const waves = operation({
    id: 'listWaves',
    tag: 'graphs',
    summary: 'The waves of a masterplan and how far they are',
    access: 'user',
    request: { params: MasterplanParams },
    responses: { 200: WaveList },
    problems: ['GRAPH_NOT_BUILT'],
  });
  app.get('/api/v2/graphs/:masterplan_id/waves', waves, async (request) => {
    const id = await requireMasterplan(
      services.db,
      principalOfRequest(request),
      request.params.masterplan_id,
      'inspect',
    );
    const rows = await listWaves(services.db, id);
    if (rows.length === 0) throw notBuilt();
    return { data: rows.map(presentWave), total: rows.length };
  });
}

function notBuilt(): MgeError {
  return new MgeError(
    'GRAPH_NOT_BUILT',
    'The masterplan has no dependency graph yet; POST /api/v2/graphs/build first.',
  );
}

function presentGraph(summary: GraphSummary): Static<typeof Graph> {
  return {
    graph_id: summary.graphId,
    masterplan_id: summary.masterplanId,
    total_atoms: summary.totalAtoms,
    total_edges: summary.totalEdges,
    total_waves: summary.totalWaves,
    waves: summary.waves.map(({ waveNumber, totalAtoms }) => ({ wave_number: waveNumber, total_atoms: totalAtoms })),
    waves_count: summary.totalWaves,
    max_parallelism: summary.maxParallelism,
    has_cycles: summary.hasCycles,
    stats: { ...summary.stats },
  };
}

export function presentWave(row: WaveRow): Static<typeof Wave> {
  return wire(row);
}
