import { Type } from 'typebox';
import { closed, Instant, named, oneOf } from './common.ts';

const HEALTH_STATES = ['healthy', 'degraded', 'unhealthy'] as const;

export const HealthReport = named(
  'HealthReport',
  Type.Object(
    {
      status: oneOf(HEALTH_STATES, { description: '`degraded`: works, but something that can be missed is missing.' }),
      version: Type.String(),
      checked_at: Instant,
      checks: Type.Record(
        Type.String(),
        closed({ status: oneOf(HEALTH_STATES), detail: Type.String(), duration_ms: Type.Integer() }),
        { description: 'What was checked. Answers are at most one second old.' },
      ),
    },
    { description: 'Health and what it is made of.' },
  ),
);
