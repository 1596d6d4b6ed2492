export { detectSandbox } from './detect-sandbox.ts';
export { type Sandbox, type SandboxResult, type SandboxSpec, SandboxUnavailable } from './sandbox.ts';
