export { PROVIDER_NAMES, LOG_LEVELS, type Config, type LogLevel, type ProviderName } from './config.ts';
export { renderEnvironmentExample, VARIABLE_SECTIONS } from './variables.ts';
export { ConfigError, loadConfig, type Environment } from './load.ts';
