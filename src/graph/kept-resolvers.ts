/** Resolvers of the plans that were built last: when a plan is built again, only what a change can reach is resolved again. */
import type { MasterplanId } from '../domain/index.ts';
import { createEdgeResolver, type EdgeResolver, type PathAlias } from './resolve/index.ts';

/** Plans whose edges stay in memory; some 100 bytes per edge and name. */
const PLANS = 3;
/** Plans of more atoms are resolved from scratch each time rather than kept. */
const MAX_ATOMS = 20_000;

export interface KeptResolvers {
  /** The resolver of a plan; a fresh one when there is none, or its aliases changed. */
  of(masterplanId: MasterplanId, atomCount: number, aliases: readonly PathAlias[]): EdgeResolver;
}

export function createKeptResolvers(): KeptResolvers {
  const kept = new Map<MasterplanId, { readonly aliases: string; readonly resolver: EdgeResolver }>();
  return {
    of(masterplanId, atomCount, aliases) {
      const known = kept.get(masterplanId);
      const spelt = JSON.stringify(aliases);
      kept.delete(masterplanId);
      const entry = known?.aliases === spelt ? known : { aliases: spelt, resolver: createEdgeResolver({ aliases }) };
      if (atomCount > MAX_ATOMS) return entry.resolver;
      kept.set(masterplanId, entry);
      for (const oldest of kept.keys()) if (kept.size > PLANS) kept.delete(oldest);
      return entry.resolver;
    },
  };
}
