/**
 * How long the event loop of a large process stands still while it runs sandboxed programs, started by the launching thread, beside the
 * same runs started by the thread of the event loop itself. JSON on standard output.
 *
 *   node --import tsx bench/sandbox/main.ts [--runs N] [--resident MB] [--rounds N]
 */
import { loadavg } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { capture, launch } from '../../src/adapters/sandbox/launch.ts';
import type { ConfinedCommand, LaunchLimits } from '../../src/adapters/sandbox/launch-orders.ts';
import { runConfined } from '../../src/adapters/sandbox/run-confined.ts';
import { quantile, watchLoop } from '../validation/meter.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '20' },
    resident: { type: 'string', default: '300' },
    rounds: { type: 'string', default: '5' },
  },
});

const LANES = 2;
const LIMITS: LaunchLimits = { timeoutMs: 20_000, memoryMb: 512, processes: 32, outputBytes: 1_000_000 };
/** The cost of a start is that of the starting process; what is started needs no confinement here. */
const COMMAND: ConfinedCommand = { argv: ['/bin/sh', '-c', 'echo up >&3; echo done'], env: { PATH: '/usr/bin:/bin' } };

type Start = (command: ConfinedCommand, limits: LaunchLimits) => Promise<unknown>;

interface Round {
  readonly longestMs: number;
  readonly longestCpuMs: number;
  readonly cpuMs: number;
  readonly ms: number;
}

async function measure(start: Start): Promise<Round> {
  const runs = Number(values.runs);
  const endWatch = watchLoop();
  const cpu = process.cpuUsage();
  const began = performance.now();
  const lane = async (): Promise<void> => {
    for (let run = 0; run < runs / LANES; run++) await start(COMMAND, LIMITS);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  const ms = performance.now() - began;
  const { user, system } = process.cpuUsage(cpu);
  const { longestMs, longestCpuMs } = endWatch();
  return { longestMs, longestCpuMs: longestCpuMs ?? 0, cpuMs: (user + system) / 1_000, ms };
}

async function median(start: Start): Promise<Record<string, number>> {
  const rounds: Round[] = [];
  for (let round = 0; round < Number(values.rounds); round++) rounds.push(await measure(start));
  const middle = (pick: (round: Round) => number): number => Math.round(quantile(rounds.map(pick), 0.5) * 10) / 10;
  return {
    longestMs: middle((round) => round.longestMs),
    worstMs: Math.max(...rounds.map((round) => round.longestMs)),
    longestCpuMs: middle((round) => round.longestCpuMs),
    processCpuMs: middle((round) => round.cpuMs),
    wallMs: middle((round) => round.ms),
  };
}

const ballast = Array.from({ length: Number(values.resident) }, () => Buffer.alloc(1024 * 1024, 1));
await launch(COMMAND, LIMITS);
await capture({ argv: ['/bin/sh', '-c', 'echo up >&3'], env: {} }, 5_000);
// What a timer is late on this machine with nothing to do: on a busy one, most of the delay.
const nothing = await median(() => setTimeout(25));
const itself = await median(runConfined);
const thread = await median(launch);
const residentMb = Math.round(process.memoryUsage().rss / (1024 * 1024));
process.stdout.write(
  `${JSON.stringify({ load: loadavg()[0], residentMb, ballastMb: ballast.length, runs: Number(values.runs), nothing, itself, thread }, null, 2)}\n`,
);
