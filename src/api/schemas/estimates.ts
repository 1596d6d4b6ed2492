import { Type } from 'typebox';
import { closed, named, nullable, Uuid } from './common.ts';

const Expected = closed(
  {
    expected: Type.Number({ minimum: 0 }),
    low: Type.Number({ minimum: 0 }),
    high: Type.Number({ minimum: 0 }),
  },
  { description: 'The mean of simulated runs; nine of ten fall between low and high.' },
);

export const MasterplanEstimate = named(
  'MasterplanEstimate',
  closed({
    masterplan_id: Uuid,
    provider: Type.String(),
    model: nullable(Type.String()),
    atoms: Type.Integer({ minimum: 0, description: 'Atoms that are not accepted yet.' }),
    waves: Type.Integer({ minimum: 0 }),
    concurrency: Type.Integer({ minimum: 1 }),
    answers: Expected,
    cost_usd: Expected,
    seconds: Expected,
    budget_usd: Type.Number({ minimum: 0 }),
    fits_budget: Type.Boolean(),
    basis: closed({
      draft_attempts: Type.Integer({ minimum: 0 }),
      answer_attempts: Type.Integer({ minimum: 0 }),
      draft_pass_rate: Type.Number({ minimum: 0, maximum: 1 }),
      answer_pass_rate: Type.Number({ minimum: 0, maximum: 1 }),
      usd_per_answer: Type.Number({ minimum: 0 }),
      assumed: Type.Array(Type.String()),
    }),
  }),
);

export const ForgottenAnswers = named('ForgottenAnswers', closed({ forgotten: Type.Integer({ minimum: 0 }) }));
