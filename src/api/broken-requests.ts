import type { Socket } from 'node:net';
import { newId } from '../db/index.ts';
import { MgeError } from '../domain/index.ts';
import { PROBLEM_CONTENT_TYPE, problemOf } from './problem.ts';

const STATUS_LINES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
};

/** Answers what is not even HTTP (bad request line, endless headers, a client that stops sending) with a problem document as well. */
export function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) return void socket.destroy();
  const [status, detail] = reasonOf(error.code);
  const problem = { ...problemOf(new MgeError('VALIDATION_FAILED', detail), newId<string>()), status };
  const body = JSON.stringify(problem);
  const head = `HTTP/1.1 ${status} ${STATUS_LINES[status] ?? 'Bad Request'}`;
  socket.end(
    `${head}\r\ncontent-type: ${PROBLEM_CONTENT_TYPE}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}

function reasonOf(code: string | undefined): [number, string] {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return [408, 'The request did not arrive in time.'];
  if (code === 'HPE_HEADER_OVERFLOW') return [431, 'The headers are larger than 16 KiB.'];
  return [400, 'This is not an HTTP request.'];
}
