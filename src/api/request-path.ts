import type { FastifyRequest } from 'fastify';

/** A request line may name the whole URL; the router reads it from the path on. */
const ORIGIN = /^https?:\/\/[^/?#]*/i;

/**
 * The path that a request is about, as the router understood it: the pattern of the route that it found, or else what was asked for,
 * decoded. Rules about paths look at this and never at `request.url`, where every letter can be written as a percent escape.
 */
export function routedPath(request: FastifyRequest): string {
  const pattern = request.routeOptions.url;
  // A wildcard says nothing about where it stands for.
  return pattern !== undefined && !pattern.includes('*') ? pattern : decodedPath(request.url);
}

/** The path of a request target without its query: decoded, and relative to the server. */
export function decodedPath(target: string): string {
  const path = target.replace(ORIGIN, '').split(/[?#]/)[0] ?? '';
  try {
    return decodeURI(path) || '/';
  } catch {
    return path;
  }
}
