import { MgeError, type ReviewId } from '../domain/index.ts';
import { decodeSource } from '../adapters/parser/index.ts';
import { storeReport, type Validation } from '../validation/index.ts';
import { refuse } from './claim.ts';
import { decide, type Decision, type DecisionDeps } from './decide.ts';
import { type FileSlice, sliceInFile } from './file-slice.ts';
import { type ReviewItem, selectItem } from './review-item.ts';

/** Longest edited slice, in characters. */
const MAX_CODE = 200_000;

export interface EditDeps extends DecisionDeps {
  readonly validation: Pick<Validation, 'validateAtom'>;
}

function checkText(code: string): void {
  if (code.length <= MAX_CODE && !code.includes('\0')) return;
  const detail = `at most ${MAX_CODE} characters, no NUL`;
  throw new MgeError('VALIDATION_FAILED', 'the edited code cannot be kept', { fields: [{ pointer: '/code', detail }] });
}

/** The edit is stored as text and becomes UTF-8 in the file, so the file must be UTF-8 too. */
function checkEncoding(slice: FileSlice): void {
  const { encoding } = decodeSource(new Uint8Array(Buffer.concat([slice.before, slice.current, slice.after])));
  if (encoding === 'utf-8') return;
  throw new MgeError('NOT_IMPLEMENTED', `${slice.path} is ${encoding}; only UTF-8 files can be edited in review`);
}

/**
 * Replaces the slice with the reviewer's text, after level 1 has passed on it inside its file. The stored item holds the text;
 * the execution engine puts it into the atom.
 * @throws {MgeError} CANDIDATE_INVALID with the findings; NOT_FOUND; CONFLICT as `approve`; VALIDATION_FAILED for text that cannot be kept.
 */
export async function edit(
  deps: EditDeps,
  reviewId: ReviewId,
  decision: Decision & { readonly code: string },
): Promise<ReviewItem> {
  checkText(decision.code);
  const item = await selectItem(deps.db, reviewId);
  if (item === null) return refuse(deps.db, reviewId, 'edited');
  const slice = await sliceInFile(deps.db, item.atomId);
  checkEncoding(slice);
  const { path, language, before, after, draft, name, role, loc, complexity, isAtomic } = slice;
  const candidate = new Uint8Array(Buffer.from(decision.code, 'utf8'));
  const atom = { name, role, loc, complexity, isAtomic };
  const report = await deps.validation.validateAtom({ path, language, before, candidate, after, draft, atom });
  if (report.outcome === 'failed') {
    const findings = report.checks.filter((check) => check.outcome === 'failed').flatMap((check) => check.findings);
    throw new MgeError('CANDIDATE_INVALID', `the edited code does not pass level 1 in ${path}`, {
      details: { findings, score: report.score },
    });
  }
  const where = { masterplanId: item.masterplanId, executionId: null, atomId: item.atomId, scope: path, attempt: null };
  return decide(deps, reviewId, decision, {
    action: 'edit',
    set: { editedCode: decision.code },
    along: (tx) => storeReport(tx, where, report),
  });
}
