import { Type } from 'typebox';
import { WAVE_STATES } from '../../domain/index.ts';
import { Instant, JsonObject, named, nullable, oneOf, ref, Uuid } from './common.ts';

const WaveSize = Type.Object({ wave_number: Type.Integer({ description: '1-based.' }), total_atoms: Type.Integer() });

const graphFields = {
  graph_id: Uuid,
  masterplan_id: Uuid,
  total_atoms: Type.Integer(),
  total_edges: Type.Integer(),
  total_waves: Type.Integer(),
  waves: Type.Array(WaveSize),
  waves_count: Type.Integer({ description: 'The same as `total_waves`.' }),
  max_parallelism: Type.Integer(),
  has_cycles: Type.Boolean(),
  stats: JsonObject,
};

export const Graph = named('Graph', Type.Object(graphFields));

export const Wave = named(
  'Wave',
  Type.Object({
    wave_number: Type.Integer(),
    total_atoms: Type.Integer(),
    completed_atoms: Type.Integer(),
    failed_atoms: Type.Integer(),
    status: oneOf(WAVE_STATES),
    atom_ids: Type.Array(Uuid),
    started_at: nullable(Instant),
    completed_at: nullable(Instant),
    estimated_seconds: nullable(
      Type.Number({ description: 'From earlier attempts at such atoms; null while there are too few.' }),
    ),
  }),
);

export const WaveList = Type.Object(
  { data: Type.Array(ref(Wave)), total: Type.Integer() },
  { description: 'All waves in order.' },
);
