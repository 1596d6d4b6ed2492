import Anthropic from '@anthropic-ai/sdk';
import type { MessageCreateParamsStreaming, RawMessageStreamEvent, Usage } from '@anthropic-ai/sdk/resources/messages';
import { CallWatch, DEFAULT_TIMEOUTS, type CallTimeouts } from './call-watch.ts';
import type { FinishReason, ModelAnswer, ModelClient, ModelRequest, ModelUsage } from './model-client.ts';
import { failureOfStatus, ModelCallError, retryAfterOf } from './model-error.ts';
import { reasonOf, type ApiClientOptions } from './openai-client.ts';
import { boundUsd, costOf } from './prices.ts';
import { boundTokens, estimateTokens } from './tokens.ts';

const FINISH: Readonly<Record<string, FinishReason>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  refusal: 'refusal',
};

interface Received {
  text: string;
  finish: FinishReason;
  usage: ModelUsage | null;
  model: string;
}

/** The Anthropic messages protocol, streamed, with the system prompt in the prompt cache. One try per call: retries are the caller's. */
export function createAnthropicClient(options: ApiClientOptions): ModelClient {
  const timeouts = { ...DEFAULT_TIMEOUTS, ...options.timeouts };
  const client = new Anthropic({
    baseURL: options.baseUrl,
    apiKey: options.apiKey ?? 'none',
    authToken: null,
    maxRetries: 0,
    timeout: timeouts.totalMs,
    logLevel: 'off',
  });
  /** Models that take no schema: the prompt alone asks them for JSON. */
  const plainOnly = new Set<string>();
  return {
    provider: 'anthropic',
    modelOf: (tier) => options.models[tier],
    reserveUsd: (request) =>
      boundUsd(
        options.priceOf(options.models[request.tier]),
        boundTokens(request.system, request.user, request.json ? JSON.stringify(request.json.schema) : ''),
        request.maxOutputTokens,
      ),
    complete: async (request, signal, onText) => {
      const model = options.models[request.tier];
      const structured = request.json !== undefined && !plainOnly.has(model);
      const once = (withSchema: boolean) => complete(client, options, timeouts, request, withSchema, signal, onText);
      try {
        return await once(structured);
      } catch (error) {
        const refused =
          error instanceof ModelCallError && error.httpStatus === 400 && /output_config|format/i.test(error.message);
        if (!structured || !refused) throw error;
        plainOnly.add(model);
        return once(false);
      }
    },
  };
}

async function complete(
  client: Anthropic,
  options: ApiClientOptions,
  timeouts: CallTimeouts,
  request: ModelRequest,
  structured: boolean,
  signal: AbortSignal,
  onText?: (piece: string) => void,
): Promise<ModelAnswer> {
  const model = options.models[request.tier];
  const price = options.priceOf(model);
  const watch = new CallWatch(signal, timeouts);
  const received: Received = { text: '', finish: 'cut_off', usage: null, model };
  const spent = () => costOf(price, finalUsage(request, received));
  let streaming = false;
  try {
    const { data: stream, response } = await client.messages
      .create(bodyOf(request, model, structured), { signal: watch.signal })
      .withResponse();
    streaming = true;
    options.onHeaders?.(response.headers);
    for await (const event of stream) {
      watch.touch();
      take(received, event, onText);
    }
    watch.check(spent());
  } catch (error) {
    watch.check(spent());
    throw failureOf(options, error, streaming ? spent() : 0);
  } finally {
    watch.close();
  }
  const usage = finalUsage(request, received);
  const { text, finish } = received;
  return { text, finish, provider: 'anthropic', model: received.model, usage, costUsd: costOf(price, usage) };
}

/** The protocol has no temperature or seed any more: attempts differ by what their prompts say. */
function bodyOf(request: ModelRequest, model: string, structured: boolean): MessageCreateParamsStreaming {
  return {
    model,
    stream: true,
    max_tokens: request.maxOutputTokens,
    system: [{ type: 'text', text: request.system, cache_control: { type: 'ephemeral' } }],
    messages: [{ role: 'user', content: request.user }],
    ...(request.json && structured
      ? { output_config: { format: { type: 'json_schema' as const, schema: { ...request.json.schema } } } }
      : {}),
  };
}

function take(received: Received, event: RawMessageStreamEvent, onText?: (piece: string) => void): void {
  if (event.type === 'message_start') {
    received.model = event.message.model;
    received.usage = usageOf(event.message.usage);
  } else if (event.type === 'content_block_delta') {
    const { delta } = event;
    if (delta.type !== 'text_delta' || delta.text === '') return;
    received.text += delta.text;
    onText?.(delta.text);
  } else if (event.type === 'message_delta') {
    if (event.delta.stop_reason) received.finish = FINISH[event.delta.stop_reason] ?? 'stop';
    if (received.usage) received.usage = { ...received.usage, tokensOut: event.usage.output_tokens };
  }
}

function usageOf(usage: Usage): ModelUsage {
  const cachedIn = usage.cache_read_input_tokens ?? 0;
  const cacheWrites = usage.cache_creation_input_tokens ?? 0;
  return {
    tokensIn: usage.input_tokens + cachedIn + cacheWrites,
    tokensOut: usage.output_tokens,
    cachedIn,
    cacheWrites,
  };
}

/** Output tokens come with the end of the stream; one that broke is estimated by what arrived. */
function finalUsage(request: ModelRequest, received: Received): ModelUsage {
  const estimated = estimateTokens(received.text);
  if (received.usage)
    return {
      ...received.usage,
      tokensOut: Math.max(received.usage.tokensOut, received.finish === 'cut_off' ? estimated : 0),
    };
  const tokensIn = estimateTokens(request.system) + estimateTokens(request.user);
  return { tokensIn, tokensOut: estimated, cachedIn: 0, cacheWrites: 0 };
}

function failureOf(options: ApiClientOptions, error: unknown, spentUsd: number): unknown {
  if (error instanceof Anthropic.APIError) {
    const headers = error.headers as Headers | undefined;
    if (headers) options.onHeaders?.(headers);
    const status: unknown = error.status;
    if (typeof status === 'number') {
      const retryAfterMs = retryAfterOf(headers);
      return new ModelCallError(failureOfStatus(status, error.type ?? null), `anthropic: ${error.message}`, {
        httpStatus: status,
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      });
    }
    return new ModelCallError(spentUsd > 0 ? 'broken' : 'unavailable', `anthropic: ${reasonOf(error)}`, { spentUsd });
  }
  if (spentUsd > 0) return new ModelCallError('broken', `anthropic: ${reasonOf(error)}`, { spentUsd });
  return error;
}
