import { EventFeed } from '../execution/index.ts';
import type { Application } from './compose.ts';

export interface ExecutionWatch {
  /** Resolves when something has happened since the last call, or after `ms`. */
  changed(ms: number): Promise<void>;
  close(): Promise<void>;
}

/** Follows the live events of an execution, the same ones that the API streams, for a display that asks only when there is news. */
export function watchExecution(app: Pick<Application, 'deps' | 'database'>, executionId: string): ExecutionWatch {
  const feed = new EventFeed({ db: app.deps.db, pool: app.database.pool, log: app.deps.log });
  let hasNews = false;
  let wake: (() => void) | null = null;
  const news = (): boolean => {
    hasNews = true;
    wake?.();
    return true;
  };
  const unfollow = feed.follow(executionId, null, {
    snapshot: news,
    event: news,
    drained: () => Promise.resolve(),
    end: news,
  });
  return {
    changed: async (ms) => {
      if (!hasNews)
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      wake = null;
      hasNews = false;
    },
    close: async () => {
      unfollow();
      await feed.close();
    },
  };
}
