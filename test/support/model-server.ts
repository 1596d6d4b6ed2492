/**
 * A server that speaks the OpenAI chat-completions and the Anthropic messages protocol, streamed and not, for tests and benches. What it
 * says comes from a function; latency, faults and rate limits come from a seed. It is no model and no part of the product.
 */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as rest } from 'node:timers/promises';

/** A call as it arrived. */
export interface ModelCall {
  readonly protocol: 'openai' | 'anthropic';
  readonly model: string;
  readonly system: string;
  readonly user: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Milliseconds since the server started. */
  readonly at: number;
  /** Milliseconds since the server started when the answer was out; null while it is not. */
  endedAt: number | null;
  /** What became of it. */
  outcome: 'pending' | 'answered' | 'rejected' | 'failed' | 'hung_up';
}

/** What the server does with a call. A text is an answer that ends well. */
export type ModelReply =
  | string
  | {
      readonly text: string;
      readonly finish?: 'stop' | 'length' | 'refusal';
      readonly usage?: { in: number; out: number; cached?: number };
    }
  | {
      readonly status: number;
      readonly message?: string;
      readonly code?: string;
      readonly headers?: Record<string, string>;
    }
  /** Sends half of the text and drops the connection. */
  | { readonly breakAfter: string }
  /** Says nothing for so long. */
  | { readonly silentMs: number };

export interface ModelServerOptions {
  readonly reply: (call: ModelCall, random: () => number) => ModelReply | Promise<ModelReply>;
  readonly seed?: number;
  /** Milliseconds before the first byte: from, to. */
  readonly latencyMs?: readonly [number, number];
  /** More calls than this within `windowMs` are turned away with 429 and Retry-After. */
  readonly rateLimit?: { readonly calls: number; readonly windowMs: number };
  /** Limits that its answers state. */
  readonly statesLimits?: { readonly requests: number; readonly tokens: number };
}

export class ModelServer {
  readonly calls: ModelCall[] = [];
  /** Most calls that were open at the same time. */
  peak = 0;
  private open = 0;
  private readonly options: ModelServerOptions;
  private readonly server: Server;
  private readonly random: () => number;
  /** When it was started, on the clock of `performance.now()`; the times of its calls count from here. */
  readonly startedAt = performance.now();
  private readonly window: number[] = [];

  private constructor(options: ModelServerOptions) {
    this.options = options;
    this.random = seeded(options.seed ?? 1);
    this.server = createServer((request, response) => {
      this.handle(request, response).catch((error: unknown) => {
        response.destroy(error as Error);
      });
    });
  }

  static async start(options: ModelServerOptions): Promise<ModelServer> {
    const server = new ModelServer(options);
    await new Promise<void>((resolve) => server.server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get openAiUrl(): string {
    return `${this.origin}/v1`;
  }

  count(outcome: ModelCall['outcome']): number {
    return this.calls.filter((call) => call.outcome === outcome).length;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = JSON.parse(await textOf(request)) as Record<string, unknown>;
    const protocol = request.url?.endsWith('/chat/completions')
      ? 'openai'
      : request.url?.endsWith('/messages')
        ? 'anthropic'
        : null;
    if (protocol === null) {
      response.writeHead(404).end();
      return;
    }
    const call: ModelCall = {
      protocol,
      ...messagesOf(protocol, body),
      model: String(body['model']),
      body,
      headers: request.headers,
      at: performance.now() - this.startedAt,
      endedAt: null,
      outcome: 'pending',
    };
    this.calls.push(call);
    this.open += 1;
    this.peak = Math.max(this.peak, this.open);
    response.once('close', () => {
      call.endedAt = performance.now() - this.startedAt;
      this.open -= 1;
      if (call.outcome === 'pending') call.outcome = 'hung_up';
    });
    await this.answer(call, response);
  }

  private async answer(call: ModelCall, response: ServerResponse): Promise<void> {
    const tooMany = this.overLimit();
    if (tooMany !== null) {
      call.outcome = 'rejected';
      fail(call, response, 429, 'rate limit exceeded', { 'retry-after-ms': String(tooMany) });
      return;
    }
    const [from, to] = this.options.latencyMs ?? [0, 0];
    const delay = from + this.random() * (to - from);
    if (delay > 0) await rest(delay);
    const reply = await this.options.reply(call, this.random);
    if (response.destroyed) return;
    for (const [name, value] of Object.entries(this.limitHeaders(call))) response.setHeader(name, value);
    if (typeof reply !== 'string' && 'status' in reply) {
      call.outcome = reply.status === 429 ? 'rejected' : 'failed';
      fail(call, response, reply.status, reply.message ?? 'failed', reply.headers ?? {}, reply.code);
    } else if (typeof reply !== 'string' && 'silentMs' in reply) {
      await rest(reply.silentMs);
    } else if (typeof reply !== 'string' && 'breakAfter' in reply) {
      call.outcome = 'failed';
      stream(call, response, { text: reply.breakAfter, finish: null });
      setTimeout(() => response.destroy(), 20);
    } else {
      call.outcome = 'answered';
      const whole = typeof reply === 'string' ? { text: reply } : reply;
      send(call, response, { finish: 'stop', ...whole });
    }
  }

  /** Milliseconds to wait, when the window is full. */
  private overLimit(): number | null {
    const { rateLimit } = this.options;
    if (!rateLimit) return null;
    const now = performance.now();
    while (this.window.length > 0 && (this.window[0] ?? 0) <= now - rateLimit.windowMs) this.window.shift();
    if (this.window.length >= rateLimit.calls) return Math.ceil((this.window[0] ?? now) + rateLimit.windowMs - now);
    this.window.push(now);
    return null;
  }

  private limitHeaders(call: ModelCall): Record<string, string> {
    const limits = this.options.statesLimits;
    if (!limits) return {};
    return call.protocol === 'openai'
      ? { 'x-ratelimit-limit-requests': String(limits.requests), 'x-ratelimit-limit-tokens': String(limits.tokens) }
      : {
          'anthropic-ratelimit-requests-limit': String(limits.requests),
          'anthropic-ratelimit-tokens-limit': String(limits.tokens),
        };
  }
}

interface Whole {
  readonly text: string;
  readonly finish: 'stop' | 'length' | 'refusal' | null;
  readonly usage?: { in: number; out: number; cached?: number };
}

function usageOf(call: ModelCall, whole: Whole) {
  const tokensIn = whole.usage?.in ?? Math.ceil((call.system.length + call.user.length) / 4);
  return { in: tokensIn, out: whole.usage?.out ?? Math.ceil(whole.text.length / 4), cached: whole.usage?.cached ?? 0 };
}

function send(call: ModelCall, response: ServerResponse, whole: Whole): void {
  if (call.body['stream'] === true) {
    stream(call, response, whole);
    response.end();
    return;
  }
  const usage = usageOf(call, whole);
  const message = { role: 'assistant', content: whole.text };
  const body =
    call.protocol === 'openai'
      ? {
          id: 'x',
          object: 'chat.completion',
          model: call.model,
          choices: [{ index: 0, message, finish_reason: whole.finish }],
          usage: { prompt_tokens: usage.in, completion_tokens: usage.out },
        }
      : {
          id: 'x',
          type: 'message',
          model: call.model,
          content: [{ type: 'text', text: whole.text }],
          stop_reason: whole.finish === 'length' ? 'max_tokens' : 'end_turn',
          usage: { input_tokens: usage.in, output_tokens: usage.out },
        };
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** Pieces of a text as a model streams them. */
function pieces(text: string): string[] {
  return text.match(/[\s\S]{1,400}/g) ?? [];
}

function stream(call: ModelCall, response: ServerResponse, whole: Whole): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const lines = call.protocol === 'openai' ? openAiEvents(call, whole) : anthropicEvents(call, whole);
  for (const line of lines) response.write(line);
}

function openAiEvents(call: ModelCall, whole: Whole): string[] {
  const usage = usageOf(call, whole);
  const chunk = (choices: unknown[], more: object = {}) =>
    `data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', created: 1, model: call.model, choices, ...more })}\n\n`;
  const choice = (delta: object, reason: string | null = null) => [{ index: 0, delta, finish_reason: reason }];
  const refused = whole.finish === 'refusal';
  const events = pieces(whole.text).map((content) => chunk(choice(refused ? { refusal: content } : { content })));
  if (whole.finish === null) return events;
  const wantsUsage = (call.body['stream_options'] as { include_usage?: boolean } | undefined)?.include_usage === true;
  return [
    ...events,
    chunk(choice({}, refused ? 'stop' : whole.finish)),
    ...(wantsUsage
      ? [
          chunk([], {
            usage: {
              prompt_tokens: usage.in,
              completion_tokens: usage.out,
              total_tokens: usage.in + usage.out,
              prompt_tokens_details: { cached_tokens: usage.cached },
            },
          }),
        ]
      : []),
    'data: [DONE]\n\n',
  ];
}

function anthropicEvents(call: ModelCall, whole: Whole): string[] {
  const usage = usageOf(call, whole);
  const event = (type: string, data: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;
  const start = event('message_start', {
    message: {
      id: 'x',
      type: 'message',
      role: 'assistant',
      model: call.model,
      content: [],
      stop_reason: null,
      usage: {
        input_tokens: usage.in - usage.cached,
        cache_read_input_tokens: usage.cached,
        cache_creation_input_tokens: 0,
        output_tokens: 1,
      },
    },
  });
  const deltas = pieces(whole.text).map((text) =>
    event('content_block_delta', { index: 0, delta: { type: 'text_delta', text } }),
  );
  const begin = [
    start,
    event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
    ...deltas,
  ];
  if (whole.finish === null) return begin;
  const reason = { stop: 'end_turn', length: 'max_tokens', refusal: 'refusal' }[whole.finish];
  return [
    ...begin,
    event('content_block_stop', { index: 0 }),
    event('message_delta', { delta: { stop_reason: reason }, usage: { output_tokens: usage.out } }),
    event('message_stop', {}),
  ];
}

function fail(
  call: ModelCall,
  response: ServerResponse,
  status: number,
  message: string,
  headers: Record<string, string>,
  code?: string,
): void {
  const error =
    call.protocol === 'openai'
      ? { message, code: code ?? null, type: code ?? 'error' }
      : { message, type: code ?? 'api_error' };
  const body = call.protocol === 'openai' ? { error } : { type: 'error', error };
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

function messagesOf(protocol: ModelCall['protocol'], body: Record<string, unknown>): { system: string; user: string } {
  const messages = body['messages'] as { role: string; content: string }[];
  const user = messages.find((message) => message.role === 'user')?.content ?? '';
  if (protocol === 'openai')
    return { system: messages.find((message) => message.role === 'system')?.content ?? '', user };
  const system = (body['system'] as { text: string }[]).map((block) => block.text).join('\n');
  return { system, user };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/** Numbers from 0 to 1, the same for the same seed. */
export function seeded(seed: number): () => number {
  let state = Number.parseInt(createHash('sha256').update(String(seed)).digest('hex').slice(0, 8), 16);
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}

/** The parts of a prompt that are marked as data, by label. */
export function dataParts(user: string): { label: string; text: string }[] {
  const id = /The id of the data in this message is ([0-9a-f]{24})\./.exec(user)?.[1];
  if (id === undefined) return [];
  const mark = new RegExp(`<<<DATA ${id} ([^>]*)>>>\\n([\\s\\S]*?)\\n<<<END ${id}>>>`, 'g');
  return [...user.matchAll(mark)].map(([, label = '', text = '']) => ({ label, text }));
}

/** A code block as the prompts ask for it. */
export const fenced = (code: string, tag = 'python') => `\`\`\`\`\`\`${tag}\n${code.replace(/\n?$/, '\n')}\`\`\`\`\`\``;
