import { Type } from 'typebox';
import { closed, Instant, named, nullable, oneOf, pageQuery, Uuid } from './common.ts';

const Usd = Type.Number({ minimum: 0 });

const CostParts = Type.Array(closed({ name: Type.String(), calls: Type.Integer({ minimum: 0 }), usd: Usd }));

export const Cost = named(
  'Cost',
  closed({
    masterplan_id: Uuid,
    budget_usd: Usd,
    soft_cap_usd: Type.Number({ minimum: 0, description: 'From here on people are warned; the run goes on.' }),
    settled_usd: Usd,
    reserved_usd: Type.Number({ minimum: 0, description: 'Set aside for calls that are out.' }),
    left_usd: Usd,
    tokens_in: Type.Integer({ minimum: 0 }),
    tokens_out: Type.Integer({ minimum: 0 }),
    by_operation: CostParts,
    by_model: CostParts,
    by_wave: CostParts,
    dearest_atoms: CostParts,
  }),
);

export const CostEvent = named(
  'CostEvent',
  closed({
    entry_id: Uuid,
    operation: Type.String(),
    provider: Type.String(),
    model: nullable(Type.String()),
    status: oneOf(['reserved', 'settled', 'released']),
    atom_id: nullable(Uuid),
    attempt: nullable(Type.Integer()),
    reserved_usd: Usd,
    settled_usd: nullable(Usd),
    tokens_in: nullable(Type.Integer()),
    tokens_out: nullable(Type.Integer()),
    created_at: Instant,
    settled_at: nullable(Instant),
  }),
);

export const CostEventsQuery = closed({ limit: pageQuery.limit, cursor: Type.Optional(Uuid) });
