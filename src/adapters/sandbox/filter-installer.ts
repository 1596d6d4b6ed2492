import type { SystemCallFilter } from './system-call-filter.ts';

/**
 * A program that installs the filter in its own process and then becomes the program it was given. Where none exists, nothing
 * else of util-linux can: its `setpriv` learned it only lately.
 */
export interface FilterInstaller {
  readonly name: string;
  /** The command that takes a program text; no word of it holds a space. */
  readonly command: readonly string[];
  /** The program text. */
  readonly text: string;
  /** Its arguments before those of the program to become; no spaces either. */
  readonly data: readonly string[];
}

/** PR_SET_SECCOMP (22) with SECCOMP_MODE_FILTER (2) and a `struct sock_fprog`: a count, and on the next address the records. */
const PERL = String.raw`
my ($prctl, $hex) = splice @ARGV, 0, 2;
my $filter = pack 'H*', $hex;
my $program = pack 'S x!8 P', length($filter) / 8, $filter;
syscall($prctl + 0, 22, 2, $program) == 0 or die "no system call filter: $!\n";
exec { $ARGV[0] } @ARGV or die "$ARGV[0]: $!\n";
`;

const PYTHON = String.raw`
import ctypes, os, struct, sys
data = bytes.fromhex(sys.argv[2])
libc = ctypes.CDLL(None, use_errno=True)
records = ctypes.create_string_buffer(data, len(data))
program = struct.pack('HP', len(data) // 8, ctypes.addressof(records))
if libc.prctl(22, ctypes.c_ulong(2), program, ctypes.c_ulong(0), ctypes.c_ulong(0)) != 0:
    sys.exit('no system call filter: ' + os.strerror(ctypes.get_errno()))
os.execvp(sys.argv[3], sys.argv[3:])
`;

/** The installers that this machine has, the quicker one first. `find` answers where a system program is. */
export function filterInstallers(filter: SystemCallFilter, find: (name: string) => string | null): FilterInstaller[] {
  const perl = find('perl');
  const python = find('python3');
  const data = [String(filter.prctl), filter.bytes.toString('hex')];
  return [
    ...(perl === null ? [] : [{ name: 'perl', command: [perl, '-e'], text: PERL, data }]),
    ...(python === null ? [] : [{ name: 'python3', command: [python, '-I', '-S', '-c'], text: PYTHON, data }]),
  ];
}
