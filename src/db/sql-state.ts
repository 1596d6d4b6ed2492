/** The SQLSTATE with which Postgres refused a statement, however deep it stands among the causes; null for any other error. */
export function sqlStateOf(error: unknown): string | null {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    const { code } = at as Error & { readonly code?: unknown };
    if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && /\d/.test(code)) return code;
  }
  return null;
}

/** True when Postgres refused the values (classes 22 and 23): the same statement will be refused again. */
export function isRefusedData(error: unknown): boolean {
  return /^2[23]/.test(sqlStateOf(error) ?? '');
}

/** True when the transaction lost against another one (deadlock, serialization failure): made again it may pass. */
export function isLostRace(error: unknown): boolean {
  const state = sqlStateOf(error);
  return state === '40P01' || state === '40001';
}
