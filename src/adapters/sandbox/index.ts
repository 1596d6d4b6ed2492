export { detectSandbox } from './detect-sandbox.ts';
export { sweepLeftovers } from './sweep-leftovers.ts';
export {
  type InterpreterResult,
  type Interpreters,
  type Sandbox,
  type SandboxResult,
  type SandboxSpec,
  SandboxUnavailable,
} from './sandbox.ts';
