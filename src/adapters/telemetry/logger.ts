import pino from 'pino';
import type { LogLevel } from '../../config/index.ts';

export type Logger = pino.Logger;

const SECRET_PATHS = ['req.headers.authorization', '*.apiKey', '*.jwtSecret', '*.password', '*.token'];

/** A logger of events: the message is a constant, the data are fields. Writes JSON lines to standard error. */
export function createLogger(level: LogLevel): Logger {
  return pino({ level, redact: SECRET_PATHS, base: { service: 'mge' } }, pino.destination({ dest: 2, sync: false }));
}
