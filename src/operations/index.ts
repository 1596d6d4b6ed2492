export { watchMaintenance, type MaintenanceState, type MaintenanceWatch } from './maintenance.ts';
export {
  createHealthMonitor,
  type HealthCheck,
  type HealthMonitor,
  type HealthPart,
  type HealthStatus,
} from './health.ts';
export { refreshDatabaseGauges } from './database-gauges.ts';
