export { planWaves, type PlannedWaves } from './waves.ts';
