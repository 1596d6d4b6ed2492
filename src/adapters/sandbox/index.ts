export { detectSandbox } from './detect-sandbox.ts';
export {
  SandboxUnavailable,
  type ReadOnlyPath,
  type Sandbox,
  type SandboxLayer,
  type SandboxResult,
  type SandboxSpec,
  type SandboxStop,
} from './sandbox.ts';
