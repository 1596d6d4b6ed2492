import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { EventStream, type StreamEnd } from '../../../src/api/events/event-stream.ts';
import type { StoredEvent } from '../../../src/execution/index.ts';
import { Subscription, type SubscriptionHost } from '../../../src/execution/live/subscription.ts';
import { waitFor } from '../../support/wait-for.ts';

const PAGE = 50;
const event = (eventId: number, bytes: number): StoredEvent => ({
  eventId,
  executionId: 'e',
  type: 'atom.accepted',
  data: { text: 'x'.repeat(bytes) },
  at: new Date(0),
});

/** A topic over a list of events that only grows. */
class Table implements SubscriptionHost {
  readonly stallMs: number;
  readonly pageSize = PAGE;
  readonly events: StoredEvent[] = [];
  reads = 0;
  isOver = false;

  constructor(stallMs = 10_000) {
    this.stallMs = stallMs;
  }

  async read(afterId: number) {
    this.reads += 1;
    await turn();
    const events = this.events.filter(({ eventId }) => eventId > afterId).slice(0, PAGE);
    return { events, isOver: this.isOver && events.length < PAGE };
  }
  snapshot = () => Promise.resolve(null);
  joins = (position: number) => position >= (this.events.at(-1)?.eventId ?? 0);
  left = () => undefined;
  failed = (error: unknown) => {
    throw error;
  };
}

function openStream(): { stream: EventStream; ends: StreamEnd[]; buffered: () => number } {
  const ends: StreamEnd[] = [];
  const stream = new EventStream({
    executionId: 'e',
    masterplanId: 'm',
    expiresAt: null,
    onEnd: (reason) => ends.push(reason),
  });
  const body = stream.body as typeof stream.body & { writableLength: number };
  return { stream, ends, buffered: () => body.readableLength + body.writableLength };
}

const idsIn = (text: string) => [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));

describe('an event stream', () => {
  it('keeps a bounded part of what a reader does not take, and gives the rest when it does', async () => {
    const table = new Table();
    const { stream, buffered } = openStream();
    const subscription = new Subscription(table, stream, 0);
    subscription.start();
    await waitFor(() => subscription.isLive);
    const size = 10_000;
    for (let id = 1; id <= 1_000; id += 1) {
      table.events.push(event(id, size));
      subscription.push([event(id, size)], false);
      if (id % 100 === 0) await turn();
    }
    expect(subscription.isLive).toBe(false);
    // 10 MB happened; what waits is two buffers of 64 KiB and a message on top of each.
    expect(buffered()).toBeLessThan(2 * (65_536 + size + 1_000));
    table.isOver = true;
    let text = '';
    for await (const chunk of stream.body) text += String(chunk);
    expect(idsIn(text)).toEqual(table.events.map(({ eventId }) => eventId));
  });

  it('leaves out what the reader has had, whatever is pushed', async () => {
    const table = new Table();
    for (let id = 1; id <= 120; id += 1) table.events.push(event(id, 1));
    const { stream } = openStream();
    const subscription = new Subscription(table, stream, 40);
    subscription.start();
    subscription.push([event(121, 1)], false);
    await waitFor(() => subscription.isLive);
    subscription.push([event(119, 1), event(120, 1), event(121, 1)], false);
    subscription.push([event(121, 1), event(122, 1)], true);
    let text = '';
    for await (const chunk of stream.body) text += String(chunk);
    expect(idsIn(text)).toEqual(Array.from({ length: 82 }, (_, n) => n + 41));
  });

  it('ends a reader that takes nothing for too long, and tells once', async () => {
    const table = new Table(30);
    const { stream, ends } = openStream();
    const subscription = new Subscription(table, stream, 0);
    for (let id = 1; id <= 100; id += 1) table.events.push(event(id, 10_000));
    subscription.start();
    await waitFor(() => ends.length > 0);
    await turn();
    expect(ends).toEqual(['too_slow']);
    expect(stream.body.destroyed).toBe(true);
  });

  it('beats only where nothing else was written', async () => {
    const { stream } = openStream();
    stream.beat();
    stream.beat();
    stream.event(event(1, 1));
    stream.beat();
    stream.end('shutting_down');
    stream.end('maintenance');
    let text = '';
    for await (const chunk of stream.body) text += String(chunk);
    // Two in silence; the third had an event before it.
    expect(text.match(/: heartbeat/g)).toHaveLength(2);
    expect(text.match(/event: stream.closing/g)).toHaveLength(1);
    expect(text).toMatch(/data: \{"reason":"shutting_down"\}\n\n$/);
  });
});
