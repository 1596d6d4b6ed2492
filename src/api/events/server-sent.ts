/** Messages of the `text/event-stream` format, as WHATWG HTML defines it. */

export interface ServerSentEvent {
  /** What the client names in Last-Event-ID when it comes back. */
  readonly id?: number;
  readonly event: string;
  /** Sent as JSON, which has no line breaks. */
  readonly data: unknown;
  /** Milliseconds after which the client should come back. */
  readonly retryMs?: number;
}

export function serverSentEvent({ id, event, data, retryMs }: ServerSentEvent): string {
  const retry = retryMs === undefined ? '' : `retry: ${retryMs}\n`;
  const position = id === undefined ? '' : `id: ${id}\n`;
  return `${retry}${position}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** A line that clients ignore; it tells proxies and both ends that the connection lives. */
export const HEARTBEAT = ': heartbeat\n\n';
