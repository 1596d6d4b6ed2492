import type { AtomContext, Finding, Plan } from '../../domain/index.ts';

/** What a plan is asked from. */
export interface PlanningRequest {
  readonly userRequest: string;
  /** Structured entities for providers that take them (`spec` of the request); null when the client sent none. */
  readonly spec: unknown;
  readonly seed: number;
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
}

export interface GenerationResult {
  readonly code: Uint8Array;
  readonly model: string | null;
  readonly tokensIn: number;
  readonly tokensOut: number;
  readonly costUsd: number;
}

/** A source of plans and code. A result always names the provider that made it. */
export interface CodeProvider {
  readonly name: string;
  readonly model: string | null;
  /** @throws {MgeError} REQUEST_NOT_SERVED naming what it can do, when it cannot build what is asked. */
  plan(request: PlanningRequest, signal: AbortSignal): Promise<Plan>;
  generate(request: GenerationRequest, signal: AbortSignal): Promise<GenerationResult>;
  /** Upper bound in US dollars of what `generate` may cost: what is reserved before the call. 0 for providers that cost nothing. */
  reserveUsd(request: GenerationRequest): number;
}

/** The provider of a name; throws REQUEST_NOT_SERVED for one that is not configured. */
export type ProviderLookup = (name: string) => CodeProvider;
