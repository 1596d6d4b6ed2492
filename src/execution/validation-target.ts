/** What to run checks on. */
export type ValidationTarget =
  | { readonly level: 'atomic'; readonly atomIds: readonly string[] }
  | { readonly level: 'module'; readonly filePath: string }
  | { readonly level: 'component'; readonly folder: string }
  | { readonly level: 'component'; readonly milestoneId: string }
  | { readonly level: 'system' };
