export { type Config, type LogLevel, type ModelProviderName, type ProviderName, type SandboxMode } from './config.ts';
export { renderEnvironmentExample, VARIABLE_SECTIONS } from './variables.ts';
export { ConfigError, loadConfig } from './load.ts';
export type { Environment } from './reader.ts';
export { isOfficial } from './model-settings.ts';
