/** Where verdicts of rules are kept for other threads, runs and workers, by a digest of everything that they depend on. */
export interface VerdictStore {
  /** The verdict as text, or null. Never rejects for want of the store: what is not found is worked out. */
  findVerdict(key: string): Promise<string | null>;
  keepVerdict(key: string, text: string): Promise<void>;
}
