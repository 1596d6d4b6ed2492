import type { ModelAnswer } from '../adapters/llm/model-client.ts';
import type { CallMeter } from '../adapters/llm/provider.ts';
import type { Db } from '../db/index.ts';
import { paidCall, type AnswerForm } from './paid-call.ts';

const ANSWER_FORM: AnswerForm<ModelAnswer> = {
  encode: (answer) => Buffer.from(JSON.stringify(answer)),
  decode: (bytes) => JSON.parse(bytes.toString('utf8')) as ModelAnswer,
  spent: ({ costUsd, usage }) => ({ usd: costUsd, tokensIn: usage.tokensIn, tokensOut: usage.tokensOut }),
};

/** Calls of a masterplan that are no attempt at an atom, in its ledger like every paid call. */
export function planMeter(
  db: Db,
  of: { readonly masterplanId: string; readonly atomId?: string; readonly defaultBudgetUsd: number },
): CallMeter {
  return (call, make) =>
    paidCall(
      db,
      {
        masterplanId: of.masterplanId,
        executionId: null,
        atomId: of.atomId ?? null,
        attempt: null,
        operation: call.operation,
        provider: call.provider,
        model: call.model,
        usd: call.usd,
        requestKey: call.key,
        defaultBudgetUsd: of.defaultBudgetUsd,
      },
      ANSWER_FORM,
      make,
    );
}
