import { sql } from 'drizzle-orm';
import type { Tx } from '../db/index.ts';
import { MgeError } from '../domain/index.ts';
import { rowsOf, uuidArray } from './statements/json-rows.ts';

/** US dollars that one atom and one wave may cost in all; null = as much as the masterplan may. */
export interface Caps {
  readonly atom: number | null;
  readonly wave: number | null;
}

interface Spender {
  readonly atomId: string | null;
  readonly usd: number;
}

/** What the atoms of a batch of reservations, and their waves, have booked so far. */
export interface PartBudgets {
  /** Why a call does not fit: ATOM_BUDGET_EXCEEDED ends the atom, BUDGET_EXCEEDED pauses the run. Null when it fits. */
  refusal(spender: Spender): MgeError | null;
  /** Books a call that fits. */
  add(spender: Spender): void;
}

/** Reads what is booked for the atoms and waves that are asked for; the caller holds the lock of the masterplan. */
export async function openParts(
  tx: Tx,
  masterplanId: string,
  caps: Caps,
  batch: readonly Spender[],
): Promise<PartBudgets> {
  const atoms = [...new Set(batch.flatMap(({ atomId }) => atomId ?? []))];
  if ((caps.atom === null && caps.wave === null) || atoms.length === 0) return UNBOUNDED;
  const rows = await rowsOf<{ atom_id: string; wave: number | null; used: number }>(
    tx,
    sql`select a.atom_id, a.wave_number as wave, (
          select coalesce(sum(${BOOKED}), 0)::float8 from cost_ledger l
          where l.atom_id = a.atom_id and l.masterplan_id = a.masterplan_id and l.status <> 'released') as used
        from atomic_units a where a.atom_id = any(${uuidArray(atoms)})`,
  );
  const waveOf = new Map(rows.map((row) => [row.atom_id, row.wave]));
  const ofAtom = new Map(rows.map((row) => [row.atom_id, row.used]));
  const ofWave = caps.wave === null ? new Map<number | null, number>() : await usedOfWaves(tx, masterplanId, waveOf);
  return {
    refusal: ({ atomId, usd }) => {
      if (atomId === null) return null;
      const wave = waveOf.get(atomId) ?? null;
      if (caps.atom !== null && (ofAtom.get(atomId) ?? 0) + usd > caps.atom)
        return refused('ATOM_BUDGET_EXCEEDED', 'the atom', caps.atom, ofAtom.get(atomId) ?? 0, usd, 'atom_budget_usd');
      if (caps.wave !== null && (ofWave.get(wave) ?? 0) + usd > caps.wave)
        return refused(
          'BUDGET_EXCEEDED',
          `wave ${wave ?? '?'}`,
          caps.wave,
          ofWave.get(wave) ?? 0,
          usd,
          'wave_budget_usd',
        );
      return null;
    },
    add: ({ atomId, usd }) => {
      if (atomId === null) return;
      const wave = waveOf.get(atomId) ?? null;
      ofAtom.set(atomId, (ofAtom.get(atomId) ?? 0) + usd);
      ofWave.set(wave, (ofWave.get(wave) ?? 0) + usd);
    },
  };
}

const BOOKED = sql.raw('coalesce(l.settled_usd, l.reserved_usd)');

/** By the atoms of the waves that are asked for, not by the whole ledger. */
async function usedOfWaves(
  tx: Tx,
  masterplanId: string,
  waveOf: ReadonlyMap<string, number | null>,
): Promise<Map<number | null, number>> {
  const waves = [...new Set([...waveOf.values()].filter((wave) => wave !== null))];
  const rows = await rowsOf<{ wave: number; used: number }>(
    tx,
    sql`select a.wave_number as wave, coalesce(sum(s.used), 0)::float8 as used
        from atomic_units a cross join lateral (
          select sum(${BOOKED}) as used from cost_ledger l
          where l.atom_id = a.atom_id and l.masterplan_id = a.masterplan_id and l.status <> 'released') s
        where a.masterplan_id = ${masterplanId}::uuid and a.wave_number = any(${sql.param(waves)}::int[])
        group by a.wave_number`,
  );
  return new Map(rows.map((row) => [row.wave, row.used]));
}

const UNBOUNDED: PartBudgets = { refusal: () => null, add: () => undefined };

function refused(
  code: 'ATOM_BUDGET_EXCEEDED' | 'BUDGET_EXCEEDED',
  what: string,
  cap: number,
  used: number,
  needed: number,
  setting: string,
): MgeError {
  return new MgeError(
    code,
    `the budget of ${what}, ${cap.toFixed(2)} USD, holds ${Math.max(0, cap - used).toFixed(4)} USD, and the next call may cost ` +
      `${needed.toFixed(4)} USD; ${setting} of the masterplan says so`,
    { details: { [setting]: cap, used_usd: used, needed_usd: needed } },
  );
}
