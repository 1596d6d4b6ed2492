import { lstat, mkdir, mkdtemp, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { isAbsolute, join, normalize } from 'node:path';
import type { SandboxSpec } from './sandbox.ts';

export interface PathPair {
  readonly from: string;
  readonly to: string;
}

/** Everything that a way of confining needs to know about one run. */
export interface ConfinementRequest {
  /** Empty host folder that the new root is mounted on. */
  readonly mountPoint: string;
  readonly directory: string;
  /** Absolute folder inside to start in. */
  readonly folder: string;
  readonly readOnly: readonly PathPair[];
  /** Links of the root folder, such as /bin -> usr/bin. */
  readonly systemLinks: readonly PathPair[];
  /** Arguments for prlimit. */
  readonly limits: readonly string[];
  readonly diskMb: number;
  /** Host program that brings the loopback interface up; null where there is none: then not even loopback works inside. */
  readonly loopback: string | null;
  /** Path inside of the file to hand back; empty for none. */
  readonly resultFile: string;
  readonly program: readonly string[];
}

const SYSTEM_FOLDERS = ['usr', 'bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32'];
const SYSTEM_FILES = ['/etc/ld.so.cache', '/etc/localtime', '/etc/alternatives', '/etc/mime.types'];

/** What the program may know of accounts and hosts: nothing of the real ones. */
const ETC_FILES: Readonly<Record<string, string>> = {
  passwd: 'root:x:0:0:root:/nonexistent:/usr/sbin/nologin\nsandbox:x:1000:1000:sandbox:/tmp:/bin/sh\n',
  group: 'root:x:0:\nsandbox:x:1000:\n',
  hosts: '127.0.0.1 localhost\n::1 localhost\n',
  'nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files\n',
};

/** Where this program's Node is inside the sandbox. */
const NODE_INSIDE = '/opt/node/bin/node';

export const DEFAULT_PROCESSES = 192;
const DEFAULT_DISK_MB = 256;

async function systemPaths(): Promise<{ binds: PathPair[]; links: PathPair[] }> {
  const binds: PathPair[] = [];
  const links: PathPair[] = [];
  for (const path of [...SYSTEM_FOLDERS.map((name) => `/${name}`), ...SYSTEM_FILES]) {
    const stats = await lstat(path).catch(() => null);
    if (stats === null) continue;
    if (stats.isSymbolicLink() && !path.startsWith('/etc/')) links.push({ from: await readlink(path), to: path });
    else binds.push({ from: path, to: path });
  }
  return { binds, links };
}

function checkedPath(path: string, what: string): string {
  if (!isAbsolute(path) || /[\n\t\0]/.test(path))
    throw new TypeError(`${what} must be an absolute path without tabs and line ends: "${path}"`);
  return normalize(path);
}

function readOnlyPairs(spec: SandboxSpec): PathPair[] {
  return (spec.readOnly ?? []).map((entry) => {
    const pair = typeof entry === 'string' ? { from: entry, to: entry } : entry;
    return { from: checkedPath(pair.from, 'a read-only path'), to: checkedPath(pair.to, 'a read-only path') };
  });
}

function limitsOf(spec: SandboxSpec): string[] {
  const bytes = (megabytes: number): string => String(megabytes * 1024 * 1024);
  const cpuSeconds = Math.ceil(spec.timeoutMs / 1_000) * 8 + 1;
  return [
    `--data=${bytes(spec.memoryMb)}`,
    `--fsize=${bytes(spec.diskMb ?? DEFAULT_DISK_MB)}`,
    `--nproc=${spec.processes ?? DEFAULT_PROCESSES}`,
    `--cpu=${cpuSeconds}`,
    '--nofile=4096',
    '--core=0',
    '--memlock=65536',
    '--msgqueue=0',
    '--rtprio=0',
  ];
}

function programOf(spec: SandboxSpec): string[] {
  const env = {
    HOME: '/tmp',
    TMPDIR: '/tmp',
    LANG: 'C.UTF-8',
    PATH: '/opt/node/bin:/usr/local/bin:/usr/bin:/bin',
    ...spec.env,
  };
  const assignments = Object.entries(env).map(([name, value]) => {
    if (!/^[A-Za-z_]\w*$/.test(name) || value.includes('\0'))
      throw new TypeError(`"${name}" cannot be an environment variable`);
    return `${name}=${value}`;
  });
  return ['env', '-i', ...assignments, ...spec.argv];
}

function folderOf(spec: SandboxSpec): string {
  const folder = normalize(join('/project', spec.workingDirectory ?? '.'));
  if (folder !== '/project' && folder !== '/project/' && !folder.startsWith('/project/'))
    throw new TypeError(`the working directory "${spec.workingDirectory ?? ''}" leaves the project`);
  return folder;
}

/** Prepares the host side of one run, calls `use`, and cleans up. */
export async function withRequest<T>(
  spec: SandboxSpec,
  loopback: string | null,
  use: (request: ConfinementRequest) => Promise<T>,
): Promise<T> {
  const temporary = await mkdtemp(join(tmpdir(), 'mge-sandbox-'));
  try {
    const etc = join(temporary, 'etc');
    const mountPoint = join(temporary, 'root');
    await mkdir(etc);
    await mkdir(mountPoint);
    await Promise.all(
      Object.entries(ETC_FILES).map(([name, text]) => writeFile(join(etc, name), text, { mode: 0o644 })),
    );
    const system = await systemPaths();
    return await use({
      mountPoint,
      directory: checkedPath(spec.directory, 'the project folder'),
      folder: folderOf(spec),
      readOnly: [
        ...system.binds,
        ...Object.keys(ETC_FILES).map((name) => ({ from: join(etc, name), to: `/etc/${name}` })),
        { from: process.execPath, to: NODE_INSIDE },
        ...readOnlyPairs(spec),
      ],
      systemLinks: system.links,
      limits: limitsOf(spec),
      diskMb: spec.diskMb ?? DEFAULT_DISK_MB,
      loopback,
      resultFile: spec.resultFile === undefined ? '' : checkedPath(spec.resultFile, 'the result file'),
      program: programOf(spec),
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
