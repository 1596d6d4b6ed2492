import { sql } from 'drizzle-orm';
import type { Tx } from '../db/index.ts';
import { fileFingerprints } from '../db/queries/text-fingerprint.ts';
import type { CheckOutcome, Finding, Severity, ValidationLevel } from '../domain/index.ts';
import { scoreLevel } from '../validation/index.ts';
import { type Confidence, doubtedTestsOf, evidenceOf, scoreConfidence } from './confidence.ts';

interface AcceptedRow {
  readonly atomId: string;
  readonly filePath: string;
  readonly complexity: number;
  readonly maxAttempts: number;
  /** The attempt that brought the accepted text; 0 when a person brought it. */
  readonly attempt: number;
  readonly score: number | null;
  /** The checks of level 1 on the accepted text, as `signatureOf` writes them; null when none is stored. */
  readonly checks: string | null;
}

/** A confidence, and the score that the atom had before. */
interface Scored {
  readonly confidence: Confidence;
  readonly before: number | null;
}

const uuids = (ids: readonly string[] | undefined) => sql`${sql.param([...(ids ?? [])])}::uuid[]`;

/** Checks as one short text (`syntax:passed:warning+info:;…`, tests that were judged with their strength last): few of them differ, so that each is scored once. */
const SIGNATURE = sql`string_agg(v.test_type || ':' || v.outcome || ':' || coalesce((
    select string_agg(f->>'severity', '+' order by f->>'severity') from jsonb_array_elements(v.error_details->'findings') f), '')
    || ':' || coalesce(v.error_details->>'strength', ''),
  ';' order by v.test_type, v.outcome)`;

/** Checks that somebody asked for by call are no evidence: they may have looked at drafts. */
const OF_THE_RUN = sql`not coalesce(v.error_details ? 'job_id', false)`;

function scorer(level: ValidationLevel): (signature: string | null | undefined) => number | null {
  const known = new Map<string, number | null>();
  return (signature) => {
    if (!signature) return null;
    let score = known.get(signature);
    if (score === undefined) {
      score = scoreLevel(level, signature.split(';').map(checkOf));
      known.set(signature, score);
    }
    return score;
  };
}

function checkOf(text: string) {
  const [testType = '', outcome = 'not_run', severities = '', strength = ''] = text.split(':');
  const findings = severities === '' ? [] : severities.split('+').map((severity) => findingOf(severity as Severity));
  const judged = strength === '' ? {} : { strength: Number(strength) };
  return { testType, outcome: outcome as CheckOutcome, reason: null, findings, durationMs: 0, ...judged };
}

/** Only the severity counts in a score. */
function findingOf(severity: Severity): Finding {
  return { file: '', line: 1, column: 1, rule: '', severity, message: '', suggestion: null };
}

/**
 * The confidence of accepted atoms from what is stored: level 1 of the attempt that was accepted, level 2 of the file as it is now,
 * the tests of the last level 4. Those of `atomIds`, or all of the masterplan.
 */
async function scoreAccepted(tx: Tx, masterplanId: string, atomIds?: readonly string[]): Promise<Map<string, Scored>> {
  const rows = await acceptedRows(tx, masterplanId, atomIds);
  const paths = atomIds === undefined ? undefined : [...new Set(rows.map((row) => row.filePath))];
  const modules = await moduleSignatures(tx, masterplanId, paths);
  const integration = await integrationOf(tx, masterplanId);
  const [atomic, module] = [scorer('atomic'), scorer('module')];
  return new Map(
    rows.map((row) => {
      const confidence = scoreConfidence({
        checks: { atomic: atomic(row.checks), module: module(modules.get(row.filePath)) },
        evidence: row.checks ? evidenceOf(row.checks.split(';').map(checkOf)) : 1,
        doubtedTests: row.checks ? doubtedTestsOf(row.checks.split(';').map(checkOf)) : 0,
        attempts: row.attempt,
        maxAttempts: row.maxAttempts,
        complexity: row.complexity,
        integration,
      });
      return [row.atomId, { confidence, before: row.score }];
    }),
  );
}

/** The confidence parts of accepted atoms, as `scoreAccepted` finds them. */
export async function confidenceOfAccepted(
  tx: Tx,
  masterplanId: string,
  atomIds: readonly string[],
): Promise<Map<string, Confidence>> {
  const scored = await scoreAccepted(tx, masterplanId, atomIds);
  return new Map([...scored].map(([atomId, { confidence }]) => [atomId, confidence]));
}

/** Writes the confidence of accepted atoms anew where it has changed. */
export async function rescoreAccepted(tx: Tx, masterplanId: string, atomIds?: readonly string[]): Promise<void> {
  const scored = await scoreAccepted(tx, masterplanId, atomIds);
  const changed = [...scored]
    .filter(([, { confidence, before }]) => confidence.score !== before)
    .map(([id, { confidence }]) => ({ id, score: confidence.score }));
  if (changed.length === 0) return;
  await tx.execute(sql`
    update atomic_units a set confidence_score = i.score, updated_at = now()
    from json_to_recordset(${JSON.stringify(changed)}::json) as i(id uuid, score float8)
    where a.atom_id = i.id and a.status = 'COMPLETED'`);
}

/** A reviewer's edit was checked outside of any attempt; what was approved as it stood has the checks of its last attempt. */
async function acceptedRows(tx: Tx, masterplanId: string, atomIds?: readonly string[]): Promise<AcceptedRow[]> {
  const { rows } = await tx.execute(sql`
    with accepted as (
      select a.atom_id, a.file_path, a.complexity, a.max_attempts, a.attempts, a.confidence_score, a.accepted_provider = 'reviewer' as by_person,
        (select max(h.attempt_number) from atom_retry_history h
          where h.atom_id = a.atom_id and h.success and h.candidate_sha256 = a.accepted_sha256) as made_in
      from atomic_units a
      where a.masterplan_id = ${masterplanId}::uuid and a.status = 'COMPLETED'
        and (${atomIds === undefined} or a.atom_id = any(${uuids(atomIds)}))
    ), evidence as (
      select a.*, case when a.by_person then (
          select max(v.created_at) from validation_results v
          where v.atom_id = a.atom_id and v.validation_level = 'ATOMIC' and v.attempt_number is null and ${OF_THE_RUN}) end as edited_at
      from accepted a
    )
    select e.atom_id as "atomId", e.file_path as "filePath", e.complexity, e.max_attempts as "maxAttempts",
      case when e.by_person then 0 else coalesce(e.made_in, e.attempts) end as attempt, e.confidence_score as score, (
        select ${SIGNATURE} from validation_results v
        where v.atom_id = e.atom_id and v.validation_level = 'ATOMIC'
          and case when e.edited_at is not null then v.attempt_number is null and v.created_at = e.edited_at and ${OF_THE_RUN}
            else v.attempt_number = coalesce(e.made_in, e.attempts) end
      ) as checks
    from evidence e`);
  return rows as unknown as AcceptedRow[];
}

/** Level 2 of the files whose present text was checked. */
async function moduleSignatures(tx: Tx, masterplanId: string, paths?: readonly string[]): Promise<Map<string, string>> {
  const present = await fileFingerprints(tx, masterplanId, paths);
  const { rows } = await tx.execute<{ path: string; fingerprint: string; checks: string }>(sql`
    select v.scope as path, v.error_details->>'fingerprint' as fingerprint, ${SIGNATURE} as checks
    from validation_results v
    where v.masterplan_id = ${masterplanId}::uuid and v.level_number = 2 and v.error_details ? 'fingerprint'
      and (${paths === undefined} or v.scope = any(${sql.param([...(paths ?? [])])}::text[]))
    group by 1, 2`);
  return new Map(rows.filter((row) => present.get(row.path) === row.fingerprint).map((row) => [row.path, row.checks]));
}

/** Share of the tests of the last level 4 that passed; null when none ran. Tests are not mapped to atoms: it is the project's. */
async function integrationOf(tx: Tx, masterplanId: string): Promise<number | null> {
  const { rows } = await tx.execute<{ passed: number; ran: number }>(sql`
    select coalesce(sum(coalesce((error_details->'tests'->>'passed')::int, passed::int)), 0)::int as passed,
      coalesce(sum(coalesce((error_details->'tests'->>'passed')::int + (error_details->'tests'->>'failed')::int, 1)), 0)::int as ran
    from validation_results v
    where masterplan_id = ${masterplanId}::uuid and level_number = 4 and test_type = 'tests' and outcome <> 'not_run' and ${OF_THE_RUN}
      and created_at = (select max(created_at) from validation_results v
        where masterplan_id = ${masterplanId}::uuid and level_number = 4 and ${OF_THE_RUN})`);
  const [row] = rows;
  return row && row.ran > 0 ? row.passed / row.ran : null;
}
