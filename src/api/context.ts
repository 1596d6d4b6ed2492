import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { Principal, Role } from './principal.ts';

/** The server as routes see it: schemas give the types of bodies, parameters and answers. */
export type Api = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/** `open` needs no token; otherwise the least role. */
export type Access = 'open' | Role;

/** Operations counted in `flow_operations_total`: a closed set. */
export type FlowOperation =
  | 'create_masterplan'
  | 'decompose'
  | 'build_graph'
  | 'start_execution'
  | 'pause_execution'
  | 'resume_execution'
  | 'cancel_execution'
  | 'retry_atom'
  | 'retry_failed'
  | 'cancel_masterplan'
  | 'rerun_execution'
  | 'override_budget'
  | 'validate'
  | 'review_decision'
  | 'export_artifact';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Routes that do not say are closed to everyone but admins. */
    access?: Access;
    /** The call is repeated safely when it carries an Idempotency-Key. */
    idempotent?: boolean;
    /** A call without a body counts as one with `{}`. */
    bodyOptional?: boolean;
    flow?: FlowOperation;
    /** The answer is a stream: its duration is not counted among those of answers. */
    streams?: boolean;
    /** Answers in maintenance mode too. */
    duringMaintenance?: boolean;
  }
  interface FastifyRequest {
    /** Set for every route that is not open. Read it through `principalOfRequest`. */
    principal: Principal | null;
    /** W3C trace context of the caller, or one made here. */
    traceparent: string;
  }
}
