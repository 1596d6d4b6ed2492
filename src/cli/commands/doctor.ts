import { diagnose, type Finding } from '../../adapters/embedded/diagnose.ts';
import { detectSandbox } from '../../adapters/sandbox/index.ts';
import { createLogger } from '../../adapters/telemetry/logger.ts';
import type { Config } from '../../config/index.ts';
import { createValidation } from '../../validation/index.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';

const MARK = { ok: 'ok     ', warning: 'warning', problem: 'problem' } as const;

/** The sandbox layers and the toolchains that level 4 can use; one that is missing is a warning, since its checks then do not run. */
async function sandboxFindings(config: Config): Promise<Finding[]> {
  const sandbox = await detectSandbox(
    createLogger(config.logLevel === 'info' ? 'error' : config.logLevel),
    config.sandbox,
  );
  const validation = await createValidation({ sandbox });
  try {
    const toolchains = await validation.toolchains();
    return [
      {
        name: 'sandbox',
        state: sandbox.confined ? ('ok' as const) : ('warning' as const),
        detail: sandbox.reason === null ? sandbox.name : `${sandbox.name}: ${sandbox.reason}`,
      },
      ...sandbox.layers.map((layer) => ({
        name: `sandbox: ${layer.name}`,
        state: layer.active ? ('ok' as const) : ('warning' as const),
        detail: layer.detail,
      })),
      ...toolchains.map((chain) => ({
        name: `toolchain: ${chain.name}`,
        state: chain.available ? ('ok' as const) : ('warning' as const),
        detail: chain.detail,
      })),
    ];
  } finally {
    await validation.close();
  }
}

/** Says what this machine offers; exit code 1 when something stands in the way of a start. */
export async function runDoctor(config: Config, options: { json?: boolean }): Promise<ExitCode> {
  const findings = [...(await diagnose(config)), ...(await sandboxFindings(config))];
  if (options.json) process.stdout.write(`${JSON.stringify(findings, null, 2)}\n`);
  else
    for (const { name, state, detail } of findings)
      process.stdout.write(`${MARK[state]}  ${name.padEnd(28)} ${detail}\n`);
  return findings.some((finding) => finding.state === 'problem') ? EXIT.failed : EXIT.ok;
}
