/** A client of `text/event-stream` answers for tests. */

export interface ReceivedEvent {
  readonly id: number | null;
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface EventClient {
  readonly status: number;
  readonly headers: Headers;
  readonly events: readonly ReceivedEvent[];
  /** Comment lines so far. */
  readonly comments: readonly string[];
  /** `retry:` values so far. */
  readonly retries: readonly number[];
  /** Resolves when the server has closed the stream, or the client has. */
  readonly closed: Promise<void>;
  disconnect(): void;
}

/** Opens a stream; resolves with the first bytes of the answer. @throws what the service says when it refuses. */
export async function openEvents(url: string, headers: Record<string, string>): Promise<EventClient> {
  const abort = new AbortController();
  const response = await fetch(url, { headers, signal: abort.signal });
  if (response.status >= 400) throw new Error(`the stream was refused: ${response.status} ${await response.text()}`);
  const events: ReceivedEvent[] = [];
  const comments: string[] = [];
  const retries: number[] = [];
  const take = (block: string): void => {
    const fields = new Map<string, string>();
    for (const line of block.split('\n')) {
      const colon = line.indexOf(':');
      if (colon === 0) comments.push(line.slice(1).trim());
      else if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1).trimStart());
    }
    const retry = fields.get('retry');
    if (retry !== undefined) retries.push(Number(retry));
    const data = fields.get('data');
    if (data === undefined) return;
    const id = fields.get('id');
    events.push({
      id: id === undefined ? null : Number(id),
      event: fields.get('event') ?? 'message',
      data: JSON.parse(data) as Record<string, unknown>,
    });
  };
  const read = async (): Promise<void> => {
    if (!response.body) return;
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      text += decoder.decode(chunk, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      blocks.forEach(take);
    }
  };
  return {
    status: response.status,
    headers: response.headers,
    events,
    comments,
    retries,
    closed: read().catch(() => undefined),
    disconnect: () => abort.abort(),
  };
}
