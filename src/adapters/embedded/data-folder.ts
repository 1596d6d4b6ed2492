import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

const LOG_LIMIT_BYTES = 8 * 1024 * 1024;

/** The folder that holds the data, secrets and logs of the embedded servers. */
export interface DataFolder {
  /** Absolute, symbolic links resolved. */
  readonly root: string;
  /** Names this folder on this machine: a copy of the folder at another place has another identity. */
  readonly identity: string;
  /** What a program and a keeper prove to each other that they know. */
  readonly key: string;
  readonly databasePassword: string;
  readonly redisPassword: string;
}

interface Secrets {
  readonly instance: string;
  readonly databasePassword: string;
  readonly redisPassword: string;
}

/**
 * Opens the data folder and makes it where it does not exist, with random passwords in `embedded.json` (readable by the owner only).
 * Safe when several processes do it at once.
 * @throws when the folder cannot be made or belongs to somebody else.
 */
export function openDataFolder(dataDir: string): DataFolder {
  mkdirSync(join(dataDir, 'logs'), { recursive: true, mode: 0o711 });
  const root = realpathSync(dataDir);
  // PostgreSQL runs under another account when we are root, and has to pass through.
  if (process.getuid?.() === 0 && (statSync(root).mode & 0o001) === 0) chmodSync(root, statSync(root).mode | 0o011);
  const secrets = readSecrets(join(root, 'embedded.json'));
  const identity = createHash('sha256').update(`${root}\n${secrets.instance}`).digest('hex').slice(0, 24);
  return {
    root,
    identity,
    key: secrets.instance,
    databasePassword: secrets.databasePassword,
    redisPassword: secrets.redisPassword,
  };
}

function readSecrets(path: string): Secrets {
  if (!existsSync(path)) {
    const fresh: Secrets = { instance: secret(), databasePassword: secret(), redisPassword: secret() };
    const draft = `${path}.${process.pid}.${secret().slice(0, 8)}`;
    writeFileSync(draft, `${JSON.stringify(fresh, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
    try {
      // A link appears complete or not at all, and never replaces the file of a process that was faster.
      linkSync(draft, path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      rmSync(draft, { force: true });
    }
  }
  const secrets = JSON.parse(readFileSync(path, 'utf8')) as Partial<Secrets>;
  if (!secrets.instance || !secrets.databasePassword || !secrets.redisPassword)
    throw new Error(`${path} is damaged: it lacks the passwords of the embedded servers`);
  return {
    instance: secrets.instance,
    databasePassword: secrets.databasePassword,
    redisPassword: secrets.redisPassword,
  };
}

function secret(): string {
  return randomBytes(24).toString('hex');
}

/** Opens `logs/<name>.log` for appending and returns the file descriptor; a file beyond 8 MB is moved to `<name>.log.1` first. */
export function openLog(folder: DataFolder, name: string): number {
  const path = logPath(folder, name);
  if (existsSync(path) && statSync(path).size > LOG_LIMIT_BYTES) renameSync(path, `${path}.1`);
  return openSync(path, 'a', 0o600);
}

export function logPath(folder: DataFolder, name: string): string {
  return join(folder.root, 'logs', `${name}.log`);
}

/** The last `lines` lines of a server's log, for error messages. */
export function logTail(folder: DataFolder, name: string, lines = 5): string {
  try {
    return readFileSync(logPath(folder, name), 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  } catch {
    return '';
  }
}
