import { type ConfinedCommand, INPUT_DESCRIPTOR } from './launch-orders.ts';
import type { ConfinementRequest } from './confinement.ts';
import type { SystemCallFilter } from './system-call-filter.ts';
import { PROGRAM_RUN } from './setup-script.ts';

/** Runs in the sandbox, without privileges: copies the project to its writable place, sets the limits, starts the program. */
const COPY_AND_RUN = `
limits=$1; folder=$2; shift 2
cp -RP /source/. /project/ || exit 125
echo 1000 > /proc/self/oom_score_adj
cd "$folder" || exit 125
exec prlimit $limits -- sh -c "$SB_PROGRAM" program "$@"
`;

/** Confinement by bubblewrap, which some systems let do what they forbid to everyone else. Not for root: see \`detectSandbox\`. */
export function bubblewrapCommand(
  request: ConfinementRequest,
  program: string,
  extra: readonly string[],
  filter: SystemCallFilter | null,
): ConfinedCommand {
  const mounts = request.readOnly.flatMap(({ from, to }) => ['--ro-bind', from, to]);
  const links = request.systemLinks.flatMap(({ from, to }) => ['--symlink', from, to]);
  const disk = String(request.diskMb * 1024 * 1024);
  return {
    argv: [
      program,
      '--unshare-all',
      '--die-with-parent',
      '--new-session',
      '--hostname',
      'sandbox',
      '--uid',
      '1000',
      '--gid',
      '1000',
      '--cap-drop',
      'ALL',
      '--clearenv',
      '--setenv',
      'PATH',
      '/usr/bin:/bin',
      '--setenv',
      'SB_PROGRAM',
      PROGRAM_RUN,
      ...links,
      ...mounts,
      '--proc',
      '/proc',
      '--dev',
      '/dev',
      '--size',
      disk,
      '--tmpfs',
      '/tmp',
      '--size',
      disk,
      '--tmpfs',
      '/project',
      '--ro-bind',
      request.directory,
      '/source',
      '--remount-ro',
      '/',
      ...extra,
      ...(filter === null ? [] : ['--seccomp', String(INPUT_DESCRIPTOR)]),
      '--',
      'sh',
      '-c',
      COPY_AND_RUN,
      'sandbox',
      request.limits.join(' '),
      request.folder,
      request.resultFile,
      ...request.program,
    ],
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    ...(filter === null ? {} : { input: [filter.bytes] }),
  };
}
