import OpenAI from 'openai';
import type { ChatCompletionChunk, ChatCompletionCreateParamsStreaming } from 'openai/resources/chat/completions';
import { CallWatch, DEFAULT_TIMEOUTS, type CallTimeouts } from './call-watch.ts';
import type { FinishReason, ModelAnswer, ModelClient, ModelRequest, ModelUsage, TierModels } from './model-client.ts';
import { failureOfStatus, ModelCallError, retryAfterOf } from './model-error.ts';
import { OpenAiDialect, type OptionalPart } from './openai-dialect.ts';
import { boundUsd, costOf, type ModelPrice } from './prices.ts';
import { boundTokens, estimateTokens } from './tokens.ts';

export interface ApiClientOptions {
  readonly baseUrl: string;
  /** Null for servers that want none. */
  readonly apiKey: string | null;
  readonly models: TierModels;
  priceOf(model: string): ModelPrice;
  readonly timeouts?: Partial<CallTimeouts>;
  /** Called with the headers of every answer, failures included: they carry the limits of the key. */
  readonly onHeaders?: (headers: Headers) => void;
}

const FINISH: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  length: 'length',
  content_filter: 'refusal',
};

/** Any OpenAI-compatible endpoint, by its chat-completions protocol, streamed. One try per call: retries are the caller's. */
export function createOpenAiClient(options: ApiClientOptions): ModelClient {
  const client = new OpenAI({
    baseURL: options.baseUrl,
    // The library insists on a key; servers without keys ignore the header.
    apiKey: options.apiKey ?? 'none',
    organization: null,
    project: null,
    maxRetries: 0,
    timeout: options.timeouts?.totalMs ?? DEFAULT_TIMEOUTS.totalMs,
    logLevel: 'off',
  });
  const dialect = new OpenAiDialect();
  const timeouts = { ...DEFAULT_TIMEOUTS, ...options.timeouts };
  const call = new OpenAiCalls(client, dialect, options, timeouts);
  return {
    provider: 'openai',
    modelOf: (tier) => options.models[tier],
    reserveUsd: (request) =>
      boundUsd(
        options.priceOf(options.models[request.tier]),
        boundTokens(request.system, request.user, request.json ? JSON.stringify(request.json.schema) : ''),
        request.maxOutputTokens,
      ),
    complete: (request, signal, onText) => call.complete(request, signal, onText),
  };
}

interface Received {
  text: string;
  refusal: string;
  finish: FinishReason;
  usage: ModelUsage | null;
  model: string;
}

class OpenAiCalls {
  private readonly client: OpenAI;
  private readonly dialect: OpenAiDialect;
  private readonly options: ApiClientOptions;
  private readonly timeouts: CallTimeouts;

  constructor(client: OpenAI, dialect: OpenAiDialect, options: ApiClientOptions, timeouts: CallTimeouts) {
    this.client = client;
    this.dialect = dialect;
    this.options = options;
    this.timeouts = timeouts;
  }

  async complete(request: ModelRequest, signal: AbortSignal, onText?: (piece: string) => void): Promise<ModelAnswer> {
    const model = this.options.models[request.tier];
    for (;;) {
      const { body, sent } = this.bodyOf(request, model);
      try {
        return await this.once(request, body, signal, onText);
      } catch (error) {
        const refused =
          error instanceof ModelCallError && this.dialect.learn(model, error.httpStatus ?? 0, error.message, sent);
        if (!refused) throw error;
      }
    }
  }

  private bodyOf(
    request: ModelRequest,
    model: string,
  ): { body: ChatCompletionCreateParamsStreaming; sent: ReadonlySet<OptionalPart> } {
    const sent = new Set<OptionalPart>();
    const use = (part: OptionalPart): boolean => {
      if (!this.dialect.uses(model, part)) return false;
      sent.add(part);
      return true;
    };
    const body: ChatCompletionCreateParamsStreaming = {
      model,
      stream: true,
      messages: [
        { role: 'system', content: request.system },
        { role: 'user', content: request.user },
      ],
      ...(use('stream_options') ? { stream_options: { include_usage: true } } : {}),
      ...(use('max_completion_tokens')
        ? { max_completion_tokens: request.maxOutputTokens }
        : { max_tokens: request.maxOutputTokens }),
      ...(use('temperature') ? { temperature: request.temperature } : {}),
      ...(use('seed') ? { seed: request.seed } : {}),
      ...this.formatOf(request, use),
    };
    return { body, sent };
  }

  private formatOf(
    request: ModelRequest,
    use: (part: OptionalPart) => boolean,
  ): Pick<ChatCompletionCreateParamsStreaming, 'response_format'> {
    if (!request.json) return {};
    const { name, schema } = request.json;
    if (use('json_schema'))
      return { response_format: { type: 'json_schema', json_schema: { name, schema: { ...schema }, strict: true } } };
    return use('json_object') ? { response_format: { type: 'json_object' } } : {};
  }

  private async once(
    request: ModelRequest,
    body: ChatCompletionCreateParamsStreaming,
    signal: AbortSignal,
    onText?: (piece: string) => void,
  ): Promise<ModelAnswer> {
    const watch = new CallWatch(signal, this.timeouts);
    const received: Received = { text: '', refusal: '', finish: 'cut_off', usage: null, model: body.model };
    let streaming = false;
    try {
      const { data: stream, response } = await this.client.chat.completions
        .create(body, { signal: watch.signal })
        .withResponse();
      streaming = true;
      this.options.onHeaders?.(response.headers);
      for await (const chunk of stream) {
        watch.touch();
        take(received, chunk, onText);
      }
      watch.check(this.spent(request, received));
    } catch (error) {
      watch.check(this.spent(request, received));
      throw this.failureOf(error, streaming ? this.spent(request, received) : 0);
    } finally {
      watch.close();
    }
    return this.answerOf(request, received);
  }

  private answerOf(request: ModelRequest, received: Received): ModelAnswer {
    const usage = received.usage ?? estimateUsage(request, received.text);
    const refused = received.refusal !== '' && received.text === '';
    return {
      text: refused ? received.refusal : received.text,
      finish: refused ? 'refusal' : received.finish,
      provider: 'openai',
      model: received.model,
      usage,
      costUsd: costOf(this.options.priceOf(this.options.models[request.tier]), usage),
    };
  }

  /** What a call that broke has cost: the prompt, and what had arrived. */
  private spent(request: ModelRequest, received: Received): number {
    const usage = received.usage ?? estimateUsage(request, received.text);
    return costOf(this.options.priceOf(this.options.models[request.tier]), usage);
  }

  private failureOf(error: unknown, spentUsd: number): unknown {
    if (error instanceof OpenAI.APIError) {
      const headers = error.headers as Headers | undefined;
      if (headers) this.options.onHeaders?.(headers);
      const status: unknown = error.status;
      if (typeof status === 'number') {
        const retryAfterMs = retryAfterOf(headers);
        return new ModelCallError(failureOfStatus(status, error.code ?? null), `openai: ${error.message}`, {
          httpStatus: status,
          ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
        });
      }
      const failure = spentUsd > 0 ? 'broken' : 'unavailable';
      return new ModelCallError(failure, `openai: ${reasonOf(error)}`, { spentUsd });
    }
    if (spentUsd > 0) return new ModelCallError('broken', `openai: ${reasonOf(error)}`, { spentUsd });
    return error;
  }
}

function take(received: Received, chunk: ChatCompletionChunk, onText?: (piece: string) => void): void {
  received.model = chunk.model || received.model;
  // The chunk that carries the usage has no choices.
  const choice = chunk.choices.find((one) => one.index === 0);
  const piece = choice?.delta.content ?? '';
  if (piece !== '') {
    received.text += piece;
    onText?.(piece);
  }
  received.refusal += choice?.delta.refusal ?? '';
  if (choice?.finish_reason) received.finish = FINISH[choice.finish_reason] ?? 'stop';
  if (chunk.usage)
    received.usage = {
      tokensIn: chunk.usage.prompt_tokens,
      tokensOut: chunk.usage.completion_tokens,
      cachedIn: chunk.usage.prompt_tokens_details?.cached_tokens ?? 0,
      cacheWrites: 0,
    };
}

function estimateUsage(request: ModelRequest, text: string): ModelUsage {
  const tokensIn = estimateTokens(request.system) + estimateTokens(request.user);
  return { tokensIn, tokensOut: estimateTokens(text), cachedIn: 0, cacheWrites: 0 };
}

/** The innermost cause says more than "Connection error.". */
export function reasonOf(error: unknown): string {
  let reason = error;
  while (reason instanceof Error && reason.cause instanceof Error) reason = reason.cause;
  return reason instanceof Error ? reason.message : String(reason);
}
