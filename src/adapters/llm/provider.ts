import type { AtomContext, Finding, Plan, PlannedTask } from '../../domain/index.ts';
import type { AnswerProblem } from './check-answer.ts';
import type { ModelAnswer } from './model-client.ts';

/** What a plan is asked from. */
export interface PlanningRequest {
  readonly userRequest: string;
  /** Structured entities for providers that take them (`spec` of the request); null when the client sent none. */
  readonly spec: unknown;
  readonly seed: number;
  /** Ask at temperature 0; accepted answers are kept and given again. Default false. */
  readonly deterministic?: boolean;
  readonly masterplanId?: string;
  /** Examples found by meaning. */
  readonly patterns?: readonly PromptPattern[];
}

/** An example that a prompt may show, found by meaning. */
export interface PromptPattern {
  /** Where it comes from, such as `example:python/retry-with-backoff`. */
  readonly name: string;
  readonly text: string;
}

/** Everything that one attempt at one atom may look at. Text of other atoms is data, never an instruction. */
export interface GenerationRequest {
  readonly atom: {
    readonly name: string;
    readonly description: string;
    readonly filePath: string;
    readonly language: string;
    readonly role: string;
    readonly symbolPath: string;
    readonly context: AtomContext;
    /** The task's draft for this slice. */
    readonly draft: Uint8Array;
  };
  /** 1-based. */
  readonly attempt: number;
  readonly temperature: number;
  readonly seed: number;
  /** The file as it stands before and after the slice. */
  readonly before: string;
  readonly after: string;
  readonly dependencies: readonly { readonly name: string; readonly filePath: string; readonly code: string }[];
  /** What was wrong with the attempt before. */
  readonly findings: readonly Finding[];
  /** A reviewer's words, when the atom was sent back. */
  readonly feedback: string | null;
  /** The last attempt gave a text that had been rejected before: the strongest model is asked. */
  readonly escalate?: boolean;
  /** Examples found by meaning; the provider uses those that fit its prompt. */
  readonly patterns?: readonly PromptPattern[];
  readonly masterplanId?: string;
}

export interface GenerationResult {
  readonly code: Uint8Array;
  readonly model: string | null;
  readonly tokensIn: number;
  readonly tokensOut: number;
  readonly costUsd: number;
  /** Who answered, where it is not the provider that was asked. */
  readonly provider?: string;
  /** Names of the examples that the prompt showed. */
  readonly patterns?: readonly string[];
  /** Why the answer is no code; `code` is empty then. The call is paid all the same. */
  readonly problem?: { readonly kind: AnswerProblem; readonly message: string };
}

/** One file to write, with what it needs to fit in. */
export interface DraftRequest {
  readonly project: {
    readonly name: string;
    readonly description: string;
    readonly techStack: Readonly<Record<string, string>>;
  };
  readonly task: PlannedTask;
  /** All files of the project: what each is for. */
  readonly files: readonly { readonly path: string; readonly purpose: string }[];
  /** Drafts of the tasks that this one depends on. */
  readonly dependencies: readonly { readonly name: string; readonly filePath: string; readonly code: string }[];
  /** Names of tests that this file must hold. */
  readonly tests: readonly string[];
  readonly seed: number;
  /** Ask at temperature 0; accepted answers are kept and given again. Default false. */
  readonly deterministic?: boolean;
  readonly masterplanId?: string;
  /** Examples found by meaning; the provider uses those that fit its prompt. */
  readonly patterns?: readonly PromptPattern[];
}

/** A call that costs money, before it is made. */
export interface PaidCall {
  /** `plan`, `plan_repair`, `draft`, `suggest`. */
  readonly operation: string;
  /** Digest of everything that the answer depends on: the same key is never paid twice for one masterplan. */
  readonly key: string;
  readonly provider: string;
  readonly model: string;
  /** Upper bound in US dollars. */
  readonly usd: number;
}

/** Sets money aside, makes the call, settles what it cost and keeps the answer; an answer that is kept already is given back instead. */
export type CallMeter = (call: PaidCall, make: () => Promise<ModelAnswer>) => Promise<ModelAnswer>;

/** What a reviewer might do about an atom. */
export interface Suggestion {
  readonly type: 'fix' | 'test' | 'simplify' | 'question';
  readonly description: string;
  /** The whole atom as it would be then; null where no code says it. */
  readonly code: string | null;
}

/** A source of plans and code. A result always names the provider that made it. */
export interface CodeProvider {
  readonly name: string;
  readonly model: string | null;
  /** @throws {MgeError} REQUEST_NOT_SERVED naming what it can do, when it cannot build what is asked. */
  plan(request: PlanningRequest, signal: AbortSignal, meter?: CallMeter): Promise<Plan>;
  /** True when `plan` calls a model: it takes minutes and costs money, so a worker runs it. Such a provider has `draft`. */
  readonly plansInJob?: boolean;
  /** Writes one file. @throws {MgeError} PLAN_FAILED when no answer is a file. */
  draft?(request: DraftRequest, signal: AbortSignal, meter: CallMeter): Promise<Uint8Array>;
  /** True when it has a stronger model to turn to after a repeated answer. */
  readonly escalates?: boolean;
  generate(request: GenerationRequest, signal: AbortSignal): Promise<GenerationResult>;
  /** Suggestions for the reviewer of an atom. @throws {MgeError} PROVIDER_UNAVAILABLE when no answer can be read. */
  suggest?(request: GenerationRequest, signal: AbortSignal, meter: CallMeter): Promise<Suggestion[]>;
  /** Told that the answer to this very request object passed its checks, so that a repeatable one can be kept. */
  accepted?(request: GenerationRequest): Promise<void>;
  /** True when examples go into its prompts: only then are they looked for. */
  readonly takesPatterns?: boolean;
  /** True when it answers every attempt at an atom with the same text: asking again brings nothing. */
  readonly repeats?: boolean;
  /** Upper bound in US dollars of what `generate` may cost: what is reserved before the call. 0 for providers that cost nothing. */
  reserveUsd(request: GenerationRequest): number;
  /** US dollars that one answer for an atom is taken to cost while no answer of it is known; missing = 0. */
  expectedUsd?(): number;
}

/** The provider of a name, with the model that a masterplan asks for where it asks for one; throws REQUEST_NOT_SERVED for one that is not configured. */
export type ProviderLookup = (name: string, model?: string | null) => CodeProvider;
