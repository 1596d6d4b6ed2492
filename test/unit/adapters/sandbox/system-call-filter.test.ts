import { describe, expect, it } from 'vitest';
import { filterInstallers } from '../../../../src/adapters/sandbox/filter-installer.ts';
import { systemCallFilter } from '../../../../src/adapters/sandbox/system-call-filter.ts';

const X64 = 0xc000003e;
const ARM64 = 0xc00000b7;
const I386 = 0x40000003;

const ALLOWED = 'allowed';

/** What the kernel does with a filter: runs it over `struct seccomp_data`. Written from the kernel's rules, not from the assembler. */
function ask(filter: Buffer, arch: number, number: number, args: readonly number[] = []): string {
  const data = Buffer.alloc(64);
  data.writeUInt32LE(number >>> 0, 0);
  data.writeUInt32LE(arch, 4);
  args.forEach((value, index) => data.writeUInt32LE(value >>> 0, 16 + 8 * index));
  let accumulator = 0;
  for (let at = 0; at < filter.length; at += 8) {
    const code = filter.readUInt16LE(at);
    const value = filter.readUInt32LE(at + 4);
    const jump = (holds: boolean): void => void (at += 8 * filter.readUInt8(at + (holds ? 2 : 3)));
    if (code === 0x20) accumulator = data.readUInt32LE(value);
    else if (code === 0x54) accumulator = (accumulator & value) >>> 0;
    else if (code === 0x15) jump(accumulator === value);
    else if (code === 0x35) jump(accumulator >= value);
    else if (code === 0x45) jump((accumulator & value) !== 0);
    else if (code === 0x06) return value === 0x7fff0000 ? ALLOWED : `errno ${value - 0x00050000}`;
    else throw new Error(`unknown instruction ${code}`);
  }
  throw new Error('the filter ran off its end');
}

const filterOf = (arch: string): Buffer => systemCallFilter(arch)?.bytes ?? Buffer.alloc(0);
const x64 = (number: number, ...args: number[]): string => ask(filterOf('x64'), X64, number, args);
const arm64 = (number: number, ...args: number[]): string => ask(filterOf('arm64'), ARM64, number, args);

describe('the system call filter', () => {
  it.each([
    ['read', 0, 63],
    ['openat', 257, 56],
    ['execve', 59, 221],
    ['wait4', 61, 260],
    ['epoll_ctl', 233, 21],
    ['futex', 202, 98],
    ['prctl', 157, 167],
  ])('lets %s through', (_, intel, arm) => {
    expect([x64(intel), arm64(arm)]).toEqual([ALLOWED, ALLOWED]);
  });

  it.each([
    ['ptrace', 101, 117],
    ['process_vm_readv', 310, 270],
    ['bpf', 321, 280],
    ['perf_event_open', 298, 241],
    ['userfaultfd', 323, 282],
    ['keyctl', 250, 219],
    ['mount', 165, 40],
    ['unshare', 272, 97],
    ['setns', 308, 268],
    ['finit_module', 313, 273],
    ['kexec_file_load', 320, 294],
    ['io_uring_setup', 425, 425],
    ['open_by_handle_at', 304, 265],
    ['memfd_create', 319, 279],
  ])('refuses %s', (_, intel, arm) => {
    expect([x64(intel), arm64(arm)]).toEqual(['errno 1', 'errno 1']);
  });

  it('answers clone3 as not implemented and reads the flags of clone', () => {
    expect([x64(435), arm64(435)]).toEqual(['errno 38', 'errno 38']);
    const thread = 0x003d0f00;
    expect([x64(56, thread), x64(56, 17), arm64(220, thread)]).toEqual([ALLOWED, ALLOWED, ALLOWED]);
    for (const namespace of [0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000]) {
      expect([x64(56, namespace | 17), arm64(220, namespace | 17)]).toEqual(['errno 1', 'errno 1']);
    }
  });

  it('lets local, IP and interface sockets through and no others', () => {
    const flags = 0x80000 | 0x800;
    expect([x64(41, 1, 5), x64(41, 2, 1 | flags, 6), x64(41, 10, 2, 17), x64(41, 16, 3 | flags, 0)]).toEqual(
      Array.from({ length: 4 }, () => ALLOWED),
    );
    expect([x64(41, 2, 3, 0), x64(41, 2, 1, 132), x64(41, 2, 2, 1)]).toEqual(['errno 1', 'errno 1', 'errno 1']);
    expect([x64(41, 16, 3, 12), x64(41, 17, 3), x64(41, 38, 5), x64(41, 40, 1), x64(53, 2, 1)]).toEqual(
      Array.from({ length: 5 }, () => 'errno 97'),
    );
    expect([x64(53, 1, 1), arm64(198, 40, 1)]).toEqual([ALLOWED, 'errno 97']);
  });

  it('refuses to change how programs are laid out, and to write to the input of a terminal', () => {
    expect([x64(135, 0xffffffff), x64(135, 0), x64(135, 0x40000)]).toEqual([ALLOWED, ALLOWED, 'errno 1']);
    expect([x64(16, 1, 0x5401), x64(16, 1, 0x5412), arm64(29, 1, 0x541c)]).toEqual([ALLOWED, 'errno 1', 'errno 1']);
  });

  it('refuses every call by another interface of the processor', () => {
    expect(ask(filterOf('x64'), I386, 3)).toBe('errno 1');
    expect(x64(0x40000000)).toBe('errno 1');
    expect(ask(filterOf('arm64'), 0x40000028, 3)).toBe('errno 1');
  });

  it('is not made for a processor whose numbers are not known', () => {
    expect(systemCallFilter('riscv64')).toBeNull();
  });

  it('is installed by what the machine has, perl first', () => {
    const filter = systemCallFilter('x64');
    if (filter === null) throw new Error('no filter');
    const names = (has: string[]): string[] =>
      filterInstallers(filter, (name) => (has.includes(name) ? `/usr/bin/${name}` : null)).map(({ name }) => name);
    expect([names(['python3', 'perl']), names(['python3']), names([])]).toEqual([['perl', 'python3'], ['python3'], []]);
  });
});
