import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SandboxLayer, SandboxResult, SandboxSpec } from './sandbox.ts';

/** Reports what generated code would see. Each line is `name=value`. */
const PROBE = String.raw`
canary=$1
echo "uid=$(id -u)"
sed -n 's/^\(CapEff\|CapPrm\|CapBnd\|NoNewPrivs\):[[:space:]]*/\1=/p' /proc/self/status
echo "interfaces=$(sed -n 's/^ *\([^:]*\):.*/\1/p' /proc/net/dev | tr '\n' ' ')"
n=0; for p in /proc/[0-9]*; do n=$((n + 1)); done; echo "processes=$n"
echo "root=$(echo /*)"
if [ -e "$canary" ]; then echo canary=seen; else echo canary=hidden; fi
if touch /probe /usr/probe /etc/probe 2>/dev/null; then echo outside=writable; else echo outside=readonly; fi
if touch /project/probe /tmp/probe; then echo inside=writable; else echo inside=readonly; fi
echo "environment=$(env | sed 's/=.*//' | tr '\n' ' ')"
ls -l /proc/self/fd > /tmp/descriptors
echo "descriptors=$(sed -n 's/.* \([0-9]*\) -> \(.*\)/\1:\2/p' /tmp/descriptors | grep -v -e '^[012]:' -e ':/dev/null$' -e ':/proc/.*/fd$' | tr '\n' ' ')"
echo "hostname=$(uname -n)"
echo "nproc=$(ulimit -u 2>/dev/null || ulimit -p)"
echo "fsize=$(ulimit -f)"
if unshare --user true 2>/dev/null; then echo nested=possible; else echo nested=refused; fi
if command -v setarch > /dev/null; then
  case "$(LC_ALL=C setarch "$(uname -m)" --addr-no-randomize true 2>&1)" in
    '') echo filtered=answered ;;
    *'not permitted'*) echo filtered=refused ;;
    *) echo filtered=failed ;;
  esac
fi
echo "seccomp=$(sed -n 's/^Seccomp:[[:space:]]*//p' /proc/self/status)"
`;

const KNOWN_ENVIRONMENT = new Set(['HOME', 'PATH', 'LANG', 'TMPDIR', 'PWD', 'OLDPWD', 'SHLVL', '_']);

type Facts = ReadonlyMap<string, string>;

function parseFacts(stdout: string): Facts {
  return new Map(
    stdout.split('\n').flatMap((line) => {
      const at = line.indexOf('=');
      return at > 0 ? [[line.slice(0, at), line.slice(at + 1).trim()] as const] : [];
    }),
  );
}

function words(facts: Facts, name: string): string[] {
  return (facts.get(name) ?? '').split(/\s+/).filter(Boolean);
}

function isZero(hex: string | undefined): boolean {
  return hex !== undefined && /^0+$/.test(hex);
}

/**
 * The kernel says that a filter is in force, and a harmless call that the filter refuses, and that nothing else would, was
 * refused: to switch off the randomisation of addresses (`personality`).
 */
function systemCalls(facts: Facts): SandboxLayer {
  const inForce = facts.get('seccomp') === '2';
  const tried = facts.get('filtered');
  const active = inForce && tried === 'refused';
  return {
    name: 'system-calls',
    active,
    detail: active
      ? 'a system call filter (seccomp): no tracing, namespaces, mounts, kernel programs, modules, keys, io_uring'
      : inForce
        ? `a system call filter, but a call that it refuses ${tried === undefined ? 'could not be tried' : tried}`
        : 'no system call filter',
  };
}

/** The layers that generated code meets, judged by what the probe saw and not by what was asked for. */
export function layersSeen(stdout: string): { layers: SandboxLayer[]; missing: string[] } {
  const facts = parseFacts(stdout);
  const strangers = words(facts, 'environment').filter((name) => !KNOWN_ENVIRONMENT.has(name));
  const descriptors = words(facts, 'descriptors');
  const noPrivileges =
    facts.get('uid') === '1000' &&
    facts.get('NoNewPrivs') === '1' &&
    ['CapEff', 'CapPrm', 'CapBnd'].every((set) => isZero(facts.get(set)));
  const interfaces = words(facts, 'interfaces');
  const processes = Number(facts.get('processes') ?? Infinity);
  const needed: SandboxLayer[] = [
    {
      name: 'filesystem',
      active:
        facts.get('canary') === 'hidden' && facts.get('outside') === 'readonly' && facts.get('inside') === 'writable',
      detail: `a root of its own with ${words(facts, 'root').join(' ')}; only the project copy and /tmp are writable`,
    },
    {
      name: 'network',
      active: interfaces.every((name) => name === 'lo') && facts.has('interfaces'),
      detail: `interfaces: ${interfaces.join(', ') || 'none'}`,
    },
    { name: 'processes', active: processes < 20, detail: `${processes} processes visible, none of the host` },
    { name: 'privileges', active: noPrivileges, detail: 'an unprivileged user, no capabilities, none to be gained' },
    {
      name: 'environment',
      active: strangers.length === 0 && facts.has('environment'),
      detail: strangers.length === 0 ? 'no inherited variable' : `inherited: ${strangers.join(' ')}`,
    },
    {
      name: 'descriptors',
      active: descriptors.length === 0 && facts.has('descriptors'),
      detail: descriptors.length === 0 ? 'no inherited file descriptor' : `inherited: ${descriptors.join(' ')}`,
    },
    {
      name: 'limits',
      active: /^\d+$/.test(facts.get('fsize') ?? ''),
      detail: 'memory, processes, file size, processor time',
    },
  ];
  const more: SandboxLayer[] = [
    {
      name: 'host-name',
      active: facts.get('hostname') === 'sandbox',
      detail: `host name inside: ${facts.get('hostname') ?? 'unknown'}`,
    },
    {
      name: 'nested-namespaces',
      active: facts.get('nested') === 'refused',
      detail: 'no further user namespaces, which open more of the kernel',
    },
    {
      name: 'watchdog',
      active: true,
      detail: 'wall time, total memory, process count and output are watched from outside',
    },
    systemCalls(facts),
  ];
  return { layers: [...needed, ...more], missing: needed.filter((layer) => !layer.active).map((layer) => layer.name) };
}

/** Runs the probe with a file beside the project that must stay invisible. */
export async function probe(
  run: (spec: SandboxSpec) => Promise<SandboxResult>,
): Promise<ReturnType<typeof layersSeen>> {
  const folder = await mkdtemp(join(tmpdir(), 'mge-probe-'));
  const outside = await mkdtemp(join(tmpdir(), 'mge-canary-'));
  try {
    const canary = join(outside, 'canary');
    await writeFile(canary, 'not for generated code');
    const result = await run({
      argv: ['sh', '-c', PROBE, 'probe', canary],
      directory: folder,
      timeoutMs: 10_000,
      memoryMb: 256,
    });
    return layersSeen(result.stdout);
  } finally {
    await rm(folder, { recursive: true, force: true });
    await rm(outside, { recursive: true, force: true });
  }
}
