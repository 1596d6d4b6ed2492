export { startServices, type ServiceReport, type Services, type StartOptions } from './services.ts';
export { diagnose, type Finding } from './diagnose.ts';
export { REDIS_KINDS, SERVER_NAMES, type RedisKind, type ServerName } from './server-process.ts';
