import { describe, expect, it } from 'vitest';
import { layersSeen } from '../../../../src/adapters/sandbox/probe.ts';
import { treeUsage } from '../../../../src/adapters/sandbox/process-tree.ts';

const CONFINED = {
  uid: '1000',
  CapEff: '0000000000000000',
  CapPrm: '0000000000000000',
  CapBnd: '0000000000000000',
  NoNewPrivs: '1',
  interfaces: 'lo ',
  processes: '3',
  root: '/bin /dev /usr',
  canary: 'hidden',
  outside: 'readonly',
  inside: 'writable',
  environment: 'HOME PATH LANG TMPDIR PWD ',
  descriptors: '',
  hostname: 'sandbox',
  fsize: '524288',
  nested: 'refused',
  seccomp: '0',
};

const seen = (change: Partial<Record<keyof typeof CONFINED | 'filtered', string>> = {}) =>
  layersSeen(
    Object.entries({ ...CONFINED, ...change })
      .map(([name, value]) => `${name}=${value}`)
      .join('\n'),
  );

describe('the layers that a probe has seen', () => {
  it('are enough when nothing of the host shows', () => {
    const { layers, missing } = seen();
    expect(missing).toEqual([]);
    expect(layers.find((layer) => layer.name === 'system-calls')).toMatchObject({ active: false });
  });

  it.each([
    ['filesystem', { canary: 'seen' }],
    ['filesystem', { outside: 'writable' }],
    ['filesystem', { inside: 'readonly' }],
    ['network', { interfaces: 'lo eth0 ' }],
    ['processes', { processes: '240' }],
    ['privileges', { uid: '0' }],
    ['privileges', { CapEff: '00000000a80425fb' }],
    ['privileges', { CapBnd: '000001ffffffffff' }],
    ['privileges', { NoNewPrivs: '0' }],
    ['environment', { environment: 'HOME PATH JWT_SECRET ' }],
    ['descriptors', { descriptors: '21:socket:[4711] ' }],
    ['limits', { fsize: 'unlimited' }],
  ])('lack %s when the probe says %o', (layer, change) => {
    expect(seen(change).missing).toEqual([layer]);
  });

  it('are all missing when the probe said nothing', () => {
    expect(layersSeen('').missing).toEqual([
      'filesystem',
      'network',
      'processes',
      'privileges',
      'environment',
      'descriptors',
      'limits',
    ]);
  });

  it.each([
    [true, { seccomp: '2', filtered: 'refused' }],
    [false, { seccomp: '2', filtered: 'answered' }],
    [false, { seccomp: '2', filtered: 'failed' }],
    [false, { seccomp: '2' }],
    [false, { seccomp: '0', filtered: 'refused' }],
  ])('take a system call filter as in force (%s) by what it refused: %o', (active, change) => {
    const { layers, missing } = seen(change);
    expect(missing).toEqual([]);
    expect(layers.find((layer) => layer.name === 'system-calls')?.active).toBe(active);
  });

  it('name what was inherited', () => {
    const environment = seen({ environment: 'PATH JWT_SECRET ' }).layers.find((layer) => layer.name === 'environment');
    expect(environment?.detail).toBe('inherited: JWT_SECRET');
  });
});

describe.skipIf(process.platform !== 'linux')('the measure of a process tree', () => {
  it('adds up a process and those below it', () => {
    const usage = treeUsage(process.pid);
    expect(usage.processes).toBeGreaterThanOrEqual(1);
    expect(usage.memoryMb).toBeGreaterThan(5);
  });

  it('is nothing for a process that is gone', () => {
    expect(treeUsage(2 ** 22 - 1).memoryMb).toBe(0);
  });
});
