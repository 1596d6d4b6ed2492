import type { Static } from 'typebox';
import type { ExecutionView } from '../execution/index.ts';
import type { Execution } from './schemas/executions.ts';
import { wire } from './wire.ts';

/** An execution as status calls and live events show it. */
export function presentExecution({ precision: _precision, waves, ...view }: ExecutionView): Static<typeof Execution> {
  return { ...wire(view), waves: waves.map(wire) };
}
