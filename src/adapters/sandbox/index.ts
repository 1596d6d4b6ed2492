export { detectSandbox } from './detect-sandbox.ts';
export {
  type InterpreterResult,
  type Interpreters,
  type Sandbox,
  type SandboxResult,
  type SandboxSpec,
  SandboxUnavailable,
} from './sandbox.ts';
