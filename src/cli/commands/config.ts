import { renderEnvironmentExample, type Config } from '../../config/index.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';

/** Prints an environment file that documents every variable. */
export function printEnvironmentExample(): ExitCode {
  process.stdout.write(renderEnvironmentExample());
  return EXIT.ok;
}

/** Says what the environment makes of the configuration, without secrets; a configuration with problems has ended the program before. */
export function checkConfiguration(config: Config): ExitCode {
  const { services, provider, environment } = config;
  const server = (url: string | null) => (url === null ? 'embedded' : new URL(url).host);
  const lines = [
    `environment  ${environment}`,
    `listens on   ${config.http.host}:${config.http.port} (workers alone: ${config.workerPort})`,
    `postgres     ${server(services.databaseUrl)}`,
    `redis        ${server(services.redisUrl)}`,
    `chroma       ${server(services.chromaUrl)}`,
    `provider     ${provider.name}${provider.model === null ? '' : `, model ${provider.model}`}`,
    'the configuration is valid',
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  return EXIT.ok;
}
