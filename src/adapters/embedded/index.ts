export { startServices, type ServiceReport, type Services, type StartOptions } from './services.ts';
export { diagnose, type Finding } from './diagnose.ts';
