import type { ConfinedCommand } from './launch-orders.ts';
import type { ConfinementRequest, PathPair } from './confinement.ts';
import type { FilterInstaller } from './filter-installer.ts';
import { BUILD_ROOT, CONFINED_RUN, DROP_PRIVILEGES, PROGRAM_RUN } from './setup-script.ts';

const SYSTEM_PATH = '/usr/sbin:/usr/bin:/sbin:/bin';

/** User ids that no account has; each run takes one of its own, so that process limits of runs do not add up. */
const FIRST_UID = 1_900_000_000;
const UIDS = 100_000_000;

function lines(pairs: readonly PathPair[]): string {
  return pairs.map(({ from, to }) => `${from}\t${to}`).join('\n');
}

/** Confinement by util-linux: new mount, process, network, ipc and uts namespaces; a user namespace too where the caller is not root. */
export function unshareCommand(
  request: ConfinementRequest,
  isRoot: boolean,
  installer: FilterInstaller | null,
): ConfinedCommand {
  const uid = isRoot ? String(FIRST_UID + Math.floor(Math.random() * UIDS)) : '';
  const user = isRoot ? [] : ['--user', '--map-root-user'];
  const namespaces = ['--mount', '--pid', '--net', '--ipc', '--uts', '--cgroup'];
  return {
    argv: [
      // The kernel ends the sandbox when this program dies; `kill-child` carries that into the process namespace.
      'setpriv',
      '--pdeathsig',
      'KILL',
      '--',
      'unshare',
      ...user,
      ...namespaces,
      '--fork',
      '--kill-child',
      '--',
      'sh',
      '-c',
      `${BUILD_ROOT}\n${DROP_PRIVILEGES}`,
      'sandbox',
      request.limits.join(' '),
      request.folder,
      request.resultFile,
      ...request.program,
    ],
    env: {
      PATH: SYSTEM_PATH,
      SB_ROOT: request.mountPoint,
      SB_SOURCE: request.directory,
      SB_UID: uid,
      SB_DISK: String(request.diskMb),
      SB_LOOPBACK: request.loopback ?? '',
      SB_BINDS: lines(request.readOnly),
      SB_LINKS: lines(request.systemLinks),
      SB_INSTALLER: installer?.command.join(' ') ?? '',
      SB_INSTALL: installer?.text ?? '',
      SB_FILTER: installer?.data.join(' ') ?? '',
      SB_CONFINED: CONFINED_RUN,
      SB_PROGRAM: PROGRAM_RUN,
    },
  };
}
