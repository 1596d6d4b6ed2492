/** What a script may rely on: 0 done, 1 the check or the work failed, 2 wrong usage, 78 the configuration is wrong (EX_CONFIG), 130 Ctrl-C. */
export const EXIT = { ok: 0, failed: 1, usage: 2, configuration: 78, interrupted: 130 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
