/** Numbers of one system call on [x86_64, aarch64]; null where the architecture has none. */
type Numbers = readonly [x64: number | null, arm64: number | null];

/**
 * System calls that no test, build or type check needs, and that open the kernel to whoever finds a fault in it. They answer
 * "operation not permitted". Numbers: `asm/unistd_64.h` and `asm-generic/unistd.h` of Linux.
 */
export const DENIED: Readonly<Record<string, Numbers>> = {
  // Other processes.
  ptrace: [101, 117],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  process_madvise: [440, 440],
  kcmp: [312, 272],
  pidfd_getfd: [438, 438],
  migrate_pages: [256, 238],
  move_pages: [279, 239],
  // Namespaces and mounts.
  unshare: [272, 97],
  setns: [308, 268],
  mount: [165, 40],
  umount2: [166, 39],
  pivot_root: [155, 41],
  chroot: [161, 51],
  open_tree: [428, 428],
  move_mount: [429, 429],
  fsopen: [430, 430],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fspick: [433, 433],
  mount_setattr: [442, 442],
  statmount: [457, 457],
  listmount: [458, 458],
  open_tree_attr: [467, 467],
  name_to_handle_at: [303, 264],
  open_by_handle_at: [304, 265],
  fanotify_init: [300, 262],
  // Programs, modules and keys of the kernel.
  bpf: [321, 280],
  perf_event_open: [298, 241],
  userfaultfd: [323, 282],
  io_uring_setup: [425, 425],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  kexec_load: [246, 104],
  kexec_file_load: [320, 294],
  init_module: [175, 105],
  finit_module: [313, 273],
  delete_module: [176, 106],
  create_module: [174, null],
  get_kernel_syms: [177, null],
  query_module: [178, null],
  keyctl: [250, 219],
  add_key: [248, 217],
  request_key: [249, 218],
  syslog: [103, 116],
  // The machine.
  reboot: [169, 142],
  swapon: [167, 224],
  swapoff: [168, 225],
  acct: [163, 89],
  settimeofday: [164, 170],
  clock_settime: [227, 112],
  adjtimex: [159, 171],
  clock_adjtime: [305, 266],
  sethostname: [170, 161],
  setdomainname: [171, 162],
  quotactl: [179, 60],
  quotactl_fd: [443, 443],
  vhangup: [153, 58],
  iopl: [172, null],
  ioperm: [173, null],
  modify_ldt: [154, null],
  // Memory that neither the kernel's limit on a process nor the watchdog sees.
  memfd_create: [319, 279],
  memfd_secret: [447, 447],
  shmget: [29, 194],
  // Left over from other times.
  nfsservctl: [180, 42],
  lookup_dcookie: [212, 18],
  uselib: [134, null],
  ustat: [136, null],
  sysfs: [139, null],
  _sysctl: [156, null],
  vserver: [236, null],
};

/** Answers "not implemented", on which the C library falls back to `clone`, whose flags a filter can read. */
export const NOT_IMPLEMENTED: Readonly<Record<string, Numbers>> = { clone3: [435, 435] };

/** System calls that are decided by their arguments. */
export const EXAMINED = {
  clone: [56, 220],
  socket: [41, 198],
  socketpair: [53, 199],
  personality: [135, 92],
  ioctl: [16, 29],
} as const satisfies Readonly<Record<string, Numbers>>;
