import { sql } from 'drizzle-orm';
import type { GenerationRequest, ProviderLookup, Suggestion } from '../adapters/llm/provider.ts';
import { MgeError } from '../domain/index.ts';
import { defaultsOf, type ExecutionDeps } from './deps.ts';
import { loadAtoms, loadDependencies, type LoadedAtom } from './load-atoms.ts';
import { planMeter } from './plan-meter.ts';
import { rowsOf } from './statements/json-rows.ts';

interface ReviewRow {
  readonly atomId: string;
  readonly masterplanId: string;
  readonly provider: string | null;
  readonly model: string | null;
}

/**
 * Asks the masterplan's provider what a reviewer might do about an atom, within the budget of the masterplan, and keeps the answer beside
 * what the checks said.
 * @throws {MgeError} NOT_FOUND; REQUEST_NOT_SERVED for a provider that does not suggest; BUDGET_EXCEEDED; PROVIDER_UNAVAILABLE.
 */
export async function suggestForReview(
  deps: ExecutionDeps & { readonly providers: ProviderLookup },
  reviewId: string,
  signal: AbortSignal,
): Promise<readonly Suggestion[]> {
  const review = await readReview(deps, reviewId);
  const defaults = defaultsOf(deps);
  const provider = deps.providers(review.provider ?? defaults.provider, review.model);
  if (provider.suggest === undefined)
    throw new MgeError(
      'REQUEST_NOT_SERVED',
      `The provider "${provider.name}" makes no suggestions: it writes from its blueprints. The findings of the checks are with the item.`,
    );
  const atom = (await loadAtoms(deps.db, review.masterplanId, [review.atomId])).get(review.atomId);
  if (atom === undefined) throw new MgeError('NOT_FOUND', `The atom of review item ${reviewId} is gone.`);
  const request = await requestOf(deps, review, atom);
  const meter = planMeter(deps.db, {
    masterplanId: review.masterplanId,
    atomId: review.atomId,
    defaultBudgetUsd: defaults.budgetUsd,
  });
  const suggestions = await provider.suggest(request, signal, meter);
  const entries = suggestions.map((one) => ({ ...one, provider: provider.name, model: provider.model }));
  await deps.db.execute(sql`
    update human_review_queue set ai_suggestions = jsonb_set(ai_suggestions, '{model}', ${JSON.stringify(entries)}::jsonb)
    where review_id = ${reviewId}::uuid`);
  return suggestions;
}

async function readReview(deps: ExecutionDeps, reviewId: string): Promise<ReviewRow> {
  const [row] = await rowsOf<ReviewRow>(
    deps.db,
    sql`select r.atom_id as "atomId", r.masterplan_id as "masterplanId", coalesce(m.config->>'provider', m.provider) as provider,
          m.config->>'model' as model
        from human_review_queue r join masterplans m using (masterplan_id)
        where r.review_id = ${reviewId}::uuid and m.deleted_at is null`,
  );
  if (row === undefined) throw new MgeError('NOT_FOUND', `There is no review item ${reviewId}.`);
  return row;
}

/** What stands for TARGET is what the reviewer looks at: the accepted text, else the draft. */
async function requestOf(deps: ExecutionDeps, review: ReviewRow, atom: LoadedAtom): Promise<GenerationRequest> {
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8');
  const [shown] = await rowsOf<{ code: Buffer }>(
    deps.db,
    sql`select coalesce(accepted_bytes, convert_to(accepted_code, 'UTF8'), code_bytes, convert_to(code_to_generate, 'UTF8')) as code
        from atomic_units where atom_id = ${atom.atomId}::uuid`,
  );
  return {
    atom: { ...atom, draft: shown?.code ?? atom.draft },
    attempt: 1,
    temperature: 0,
    seed: 0,
    before: text(atom.before),
    after: text(atom.after),
    dependencies: await loadDependencies(deps.db, atom.atomId),
    findings: atom.history.at(-1)?.findings ?? [],
    feedback: atom.feedback,
    masterplanId: review.masterplanId,
  };
}
