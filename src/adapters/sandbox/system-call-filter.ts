import { DENIED, EXAMINED, NOT_IMPLEMENTED } from './denied-system-calls.ts';

/** What the filter needs to know of a processor: AUDIT_ARCH_* of `linux/audit.h`, and the column of the number tables. */
interface Architecture {
  readonly audit: number;
  readonly column: 0 | 1;
  /** The bit that marks calls of the x32 interface, which has numbers of its own; null where there is none. */
  readonly otherInterface: number | null;
  readonly prctl: number;
}

const ARCHITECTURES: Readonly<Record<string, Architecture>> = {
  x64: { audit: 0xc000_003e, column: 0, otherInterface: 0x4000_0000, prctl: 157 },
  arm64: { audit: 0xc000_00b7, column: 1, otherInterface: null, prctl: 167 },
};

/** Operations of classic BPF (`linux/bpf_common.h`). */
const LOAD = 0x20;
const AND = 0x54;
const JUMP_EQUAL = 0x15;
const JUMP_AT_LEAST = 0x35;
const JUMP_ANY_BIT = 0x45;
const RETURN = 0x06;

/** Offsets in `struct seccomp_data`; of an argument, its lower half on a little-endian machine. */
const NUMBER = 0;
const ARCHITECTURE = 4;
const argument = (index: number): number => 16 + 8 * index;

const ALLOW = 0x7fff_0000;
const refuse = (errno: number): number => 0x0005_0000 + errno;
const EPERM = 1;
const ENOSYS = 38;
const EAFNOSUPPORT = 97;

/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. */
const NAMESPACE_FLAGS = 0x0002_0000 | 0x0200_0000 | 0x0400_0000 | 0x0800_0000 | 0x1000_0000 | 0x2000_0000 | 0x4000_0000;

const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;
const AF_NETLINK = 16;
/** The lower bits of a socket's type are its kind; the others are SOCK_CLOEXEC and SOCK_NONBLOCK. */
const SOCKET_KIND = 0xf;
const STREAM = 1;
const DATAGRAM = 2;
/** Protocols of streams and datagrams: the default, TCP, UDP. No SCTP, MPTCP, ICMP or raw sockets. */
const PROTOCOLS = [0, 6, 17];

/** Writing to the input of a terminal, and what the console of Linux does beside. */
const TIOCSTI = 0x5412;
const TIOCLINUX = 0x541c;

/** PER_LINUX, and the question for the present one. */
const PERSONALITIES = [0, 0xffff_ffff];

interface Instruction {
  readonly code: number;
  readonly value: number;
  /** Labels to go to; the next instruction where there is none. */
  readonly then?: string;
  readonly otherwise?: string;
}

/** Writes instructions with labels and turns them into `struct sock_filter` records. */
class Assembler {
  readonly #instructions: Instruction[] = [];
  readonly #labels = new Map<string, number>();

  label(name: string): this {
    this.#labels.set(name, this.#instructions.length);
    return this;
  }

  load(offset: number): this {
    this.#instructions.push({ code: LOAD, value: offset });
    return this;
  }

  mask(bits: number): this {
    this.#instructions.push({ code: AND, value: bits });
    return this;
  }

  /** Goes to `target` where the comparison holds. */
  when(code: number, value: number, target: string): this {
    this.#instructions.push({ code, value, then: target });
    return this;
  }

  /** Goes to `target` where the loaded value is none of `values`. */
  unless(values: readonly number[], target: string): this {
    const after = `after ${this.#instructions.length}`;
    for (const value of values.slice(0, -1)) this.when(JUMP_EQUAL, value, after);
    const last = values.at(-1);
    if (last !== undefined) this.#instructions.push({ code: JUMP_EQUAL, value: last, otherwise: target });
    return this.label(after);
  }

  answer(action: number): this {
    this.#instructions.push({ code: RETURN, value: action });
    return this;
  }

  #distance(from: number, label: string | undefined): number {
    if (label === undefined) return 0;
    const distance = (this.#labels.get(label) ?? -1) - from - 1;
    if (distance < 0 || distance > 255) throw new RangeError(`the filter cannot jump to "${label}" from ${from}`);
    return distance;
  }

  bytes(): Buffer {
    const bytes = Buffer.alloc(this.#instructions.length * 8);
    this.#instructions.forEach(({ code, value, then, otherwise }, index) => {
      bytes.writeUInt16LE(code, index * 8);
      bytes.writeUInt8(this.#distance(index, then), index * 8 + 2);
      bytes.writeUInt8(this.#distance(index, otherwise), index * 8 + 3);
      bytes.writeUInt32LE(value, index * 8 + 4);
    });
    return bytes;
  }
}

function numbersIn(table: Readonly<Record<string, readonly [number | null, number | null]>>, column: 0 | 1): number[] {
  return Object.values(table).flatMap((numbers) => numbers[column] ?? []);
}

/** The parts that look at arguments; each is entered by its label and ends in an answer. */
function examine(program: Assembler): void {
  program
    .label('clone')
    .load(argument(0))
    .when(JUMP_ANY_BIT, NAMESPACE_FLAGS, 'denied')
    .answer(ALLOW)
    .label('socket')
    .load(argument(0))
    .when(JUMP_EQUAL, AF_UNIX, 'allowed')
    .when(JUMP_EQUAL, AF_NETLINK, 'netlink')
    .unless([AF_INET, AF_INET6], 'no such family')
    .load(argument(1))
    .mask(SOCKET_KIND)
    .unless([STREAM, DATAGRAM], 'denied')
    .load(argument(2))
    .unless(PROTOCOLS, 'denied')
    .answer(ALLOW)
    // Only what lists network interfaces.
    .label('netlink')
    .load(argument(2))
    .unless([0], 'no such family')
    .answer(ALLOW)
    .label('socketpair')
    .load(argument(0))
    .unless([AF_UNIX], 'no such family')
    .answer(ALLOW)
    .label('personality')
    .load(argument(0))
    .unless(PERSONALITIES, 'denied')
    .answer(ALLOW)
    .label('ioctl')
    .load(argument(1))
    .when(JUMP_EQUAL, TIOCSTI, 'denied')
    .when(JUMP_EQUAL, TIOCLINUX, 'denied')
    .answer(ALLOW);
}

/** A filter that the kernel asks about every system call of a process and of everything it starts. */
export interface SystemCallFilter {
  /** `struct sock_filter` records, as `bwrap --seccomp` and `PR_SET_SECCOMP` take them. */
  readonly bytes: Buffer;
  /** Number of the system call that installs it. */
  readonly prctl: number;
}

/**
 * The filter for a processor: `x64` or `arm64` as in `process.arch`; null for others. It lists what is refused: a list of what is
 * allowed would break with every new version of Python, Node or the C library. Calls by another interface of the same
 * processor (32 bit, x32) are refused as a whole, since their numbers mean other things.
 */
export function systemCallFilter(arch: string = process.arch): SystemCallFilter | null {
  const architecture = ARCHITECTURES[arch];
  if (architecture === undefined) return null;
  const { audit, column, otherInterface, prctl } = architecture;
  const program = new Assembler().load(ARCHITECTURE).unless([audit], 'denied').load(NUMBER);
  if (otherInterface !== null) program.when(JUMP_AT_LEAST, otherInterface, 'denied');
  for (const number of numbersIn(NOT_IMPLEMENTED, column)) program.when(JUMP_EQUAL, number, 'not implemented');
  for (const [name, numbers] of Object.entries(EXAMINED)) program.when(JUMP_EQUAL, numbers[column], name);
  for (const number of numbersIn(DENIED, column)) program.when(JUMP_EQUAL, number, 'denied');
  program.answer(ALLOW);
  examine(program);
  program
    .label('denied')
    .answer(refuse(EPERM))
    .label('not implemented')
    .answer(refuse(ENOSYS))
    .label('no such family')
    .answer(refuse(EAFNOSUPPORT))
    .label('allowed')
    .answer(ALLOW);
  return { bytes: program.bytes(), prctl };
}
