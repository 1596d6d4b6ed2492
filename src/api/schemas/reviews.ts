import { Type } from 'typebox';
import { ATOM_STATES, REVIEW_STATES } from '../../domain/index.ts';
import { closed, Instant, JsonObject, named, nullable, oneOf, pageQuery, ref, text, Uuid } from './common.ts';

const RESOLUTIONS = ['approve', 'edit', 'reject', 'regenerate', 'skip'] as const;
const FEEDBACK_MAX = 10_000;
const CODE_MAX = 200_000;

const itemFields = {
  review_id: Uuid,
  atom_id: Uuid,
  masterplan_id: Uuid,
  atom_number: Type.Integer(),
  atom_name: Type.String(),
  atom_status: oneOf(ATOM_STATES),
  file_path: Type.String(),
  language: Type.String(),
  line_start: Type.Integer(),
  line_end: Type.Integer(),
  confidence_score: Type.Number(),
  confidence_band: oneOf(['high', 'medium', 'low', 'critical']),
  confidence_parts: JsonObject,
  flagged_reason: Type.String(),
  suggestions: JsonObject,
  priority: Type.Integer({ description: '1 is looked at first, 5 last.' }),
  status: oneOf(REVIEW_STATES),
  assigned_to: nullable(Type.String()),
  lease_until: nullable(Instant),
  reviewer_feedback: nullable(Type.String()),
  resolution: nullable(oneOf(RESOLUTIONS)),
  edited_code: nullable(Type.String()),
  regenerations: Type.Integer(),
  version: Type.Integer({ description: 'Send it with a decision: a decision on an older version is refused.' }),
  created_at: Instant,
  updated_at: Instant,
  assigned_at: nullable(Instant),
  reviewed_at: nullable(Instant),
};

export const ReviewItem = named('ReviewItem', Type.Object(itemFields));

export const ReviewDetail = named(
  'ReviewDetail',
  Type.Object({
    ...itemFields,
    description: Type.String(),
    attempts: Type.Integer(),
    error_message: nullable(Type.String()),
    code: Type.String({ description: 'The slice as it stands.' }),
    draft_code: Type.String(),
    before: Type.String({ description: 'The file before the slice.' }),
    after: Type.String({ description: 'The file behind the slice.' }),
  }),
);

export const ReviewParams = closed({ review_id: Uuid });

export const ReviewQueueQuery = closed({
  ...pageQuery,
  masterplan_id: Type.Optional(Uuid),
  status: Type.Optional(oneOf(REVIEW_STATES, { description: 'Undecided ones unless told.' })),
  assigned_to: Type.Optional(text({ maxLength: 255 })),
  priority: Type.Optional(Type.Integer({ minimum: 1, maximum: 5 })),
  file_path: Type.Optional(text({ maxLength: 1_000 })),
});

const lease = {
  lease_seconds: Type.Optional(
    Type.Integer({ minimum: 30, maximum: 86_400, description: 'How long it is held; 900 unless told.' }),
  ),
};
export const ClaimNext = closed({ masterplan_id: Type.Optional(Uuid), ...lease });
export const Assign = closed({ user_id: text({ maxLength: 255 }), ...lease });

const version = {
  version: Type.Optional(Type.Integer({ minimum: 0, description: 'The version that the reviewer saw.' })),
};
/** Free text, not only blanks. */
const Words = Type.String({ minLength: 1, maxLength: FEEDBACK_MAX, pattern: '^[^\\u0000]*[^\\s\\u0000][^\\u0000]*$' });

export const Approve = closed({ ...version, feedback: Type.Optional(text({ maxLength: FEEDBACK_MAX })) });
export const Reject = closed({ ...version, reason: Words });
export const Edit = closed({
  ...version,
  code: Type.String({
    maxLength: CODE_MAX,
    pattern: '^[^\\u0000]*$',
    description: 'The whole slice, as it shall stand in the file.',
  }),
  feedback: Type.Optional(text({ maxLength: FEEDBACK_MAX })),
});
export const Regenerate = closed({ ...version, feedback: Words });

/** Items of one call: they are decided in one transaction. */
export const BULK_MAX = 100;
const itemRef = { review_id: Uuid, ...version };
export const DecideInBulk = closed({
  decisions: Type.Array(
    Type.Union([
      closed({
        ...itemRef,
        action: oneOf(['approve', 'skip']),
        feedback: Type.Optional(text({ maxLength: FEEDBACK_MAX })),
      }),
      closed({ ...itemRef, action: oneOf(['reject']), reason: Words }),
      closed({ ...itemRef, action: oneOf(['regenerate']), feedback: Words }),
    ]),
    { minItems: 1, maxItems: BULK_MAX },
  ),
});
export const BulkDecisions = named(
  'BulkDecisions',
  Type.Object({
    decided: Type.Integer(),
    refused: Type.Integer(),
    data: Type.Array(
      Type.Object({
        review_id: Uuid,
        outcome: oneOf(['decided', 'refused']),
        item: nullable(ref(ReviewItem)),
        error: nullable(closed({ code: Type.String(), message: Type.String() })),
      }),
      { description: 'In the order of the call.' },
    ),
  }),
);

export const ReviewStatisticsQuery = closed({ masterplan_id: Type.Optional(Uuid) });
export const ReviewStatistics = named(
  'ReviewStatistics',
  Type.Object({
    total: Type.Integer(),
    by_status: Type.Record(Type.String(), Type.Integer()),
    avg_confidence: nullable(Type.Number()),
    min_confidence: nullable(Type.Number()),
    max_confidence: nullable(Type.Number()),
    total_atoms: Type.Integer(),
    review_percent: nullable(Type.Number()),
    approval_percent: nullable(Type.Number()),
    rejection_percent: nullable(Type.Number()),
    correction_percent: nullable(Type.Number()),
    oldest_waiting_seconds: nullable(Type.Number()),
    avg_decision_seconds: nullable(Type.Number()),
  }),
);

export const ReviewSuggestionList = named(
  'ReviewSuggestionList',
  closed({
    data: Type.Array(
      closed({
        type: oneOf(['fix', 'test', 'simplify', 'question']),
        description: Type.String(),
        code: nullable(Type.String({ description: 'The whole atom as it would be then.' })),
      }),
    ),
  }),
);
