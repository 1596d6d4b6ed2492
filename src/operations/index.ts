export { NOT_IN_MAINTENANCE, watchMaintenance, type MaintenanceState, type MaintenanceWatch } from './maintenance.ts';
export {
  createHealthMonitor,
  HEALTH_PARTS,
  type HealthCheck,
  type HealthMonitor,
  type HealthPart,
  type HealthStatus,
} from './health.ts';
export { refreshDatabaseGauges } from './database-gauges.ts';
