import type { Metrics } from '../adapters/telemetry/metrics.ts';
import type { LevelReport, Validation } from '../validation/index.ts';

type Levels = Pick<Validation, 'validateAtom' | 'validateModule' | 'validateSystem'>;

/** The same validation; every check of every report is counted by level and result. */
export function countedValidation(validation: Levels, metrics: Pick<Metrics, 'validations'>): Levels {
  const counted = async (running: Promise<LevelReport>): Promise<LevelReport> => {
    const report = await running;
    for (const { outcome } of report.checks) metrics.validations.inc({ level: report.level, result: outcome });
    return report;
  };
  return {
    validateAtom: (...input) => counted(validation.validateAtom(...input)),
    validateModule: (...input) => counted(validation.validateModule(...input)),
    validateSystem: (...input) => counted(validation.validateSystem(...input)),
  };
}
