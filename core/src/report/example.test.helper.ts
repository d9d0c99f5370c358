import { CHECKPOINTS } from '../bus/index.js';
import { createEventBus } from '../bus/event-bus.js';
import { silentLogger } from '../log/index.js';
import { Profiler } from '../profiler/index.js';
import { createVirtualClock } from '../testing/virtual-clock.js';
import type { Report } from './result.js';

/** Ms after T00 of one fault, as the sample components on the embedded cloud give them. */
const TIMES = {
  T00: 0,
  T01: 143.2,
  T02: 143.31,
  T03: 147.9,
  T04: 145.4,
  T05: 146.8,
  T06: 147.02,
  T07: 147.06,
  T08: 147.21,
  T09: 149.6,
};

/** The time line of a fault of `instances` instances, each notified half a millisecond after the one before. */
export function exampleProfile(instances: number) {
  const profiler = new Profiler(events);
  const ids = Array.from({ length: instances }, (_, index) => `instance-${index}`);
  for (const [name, at] of Object.entries(TIMES) as [keyof typeof CHECKPOINTS, number][]) {
    if (['T00', 'T01', 'T02', 'T04'].includes(name)) events.checkpoint({ name, at, hostname: 'compute-1' });
    else
      for (const [index, instanceId] of ids.entries())
        events.checkpoint({ name, at: at + index / 2, instanceId, hostname: 'compute-1' });
  }
  profiler.stop();
  const profile = profiler.profile('compute-1', ids);
  if (!profile) throw new Error('the example has no T00');
  return profile;
}

const events = createEventBus(createVirtualClock(), silentLogger);

/** A report as a run leaves it. @param failed with a check that failed and something left behind */
export function exampleReport({ instances = 1, failed = false, name = 'compute-1' } = {}): Report {
  const profile = exampleProfile(instances);
  const checks = [
    { name: 'the fault is detected', verdict: 'passed' as const, detail: `${name} after 143 ms` },
    {
      name: "every instance's owner is notified",
      verdict: failed ? ('failed' as const) : ('passed' as const),
      detail: failed
        ? '0 of 1 notified within 30.00 s; not: <b>instance-0</b> & "others"\u0007'
        : `${instances} of ${instances} notified`,
    },
    { name: 'the host is down', verdict: 'passed' as const, detail: `${name} is down, forced down: yes` },
  ];
  const verdict = failed ? 'failed' : 'passed';
  const reason = failed
    ? "check failed: every instance's owner is notified; could not be removed: network <net>"
    : null;
  return {
    runId: '20261123T183000-3f2a',
    startedAt: '2026-11-23T18:30:00.000Z',
    durationMs: 9123,
    complete: true,
    versions: { doctor: '1.0.0', node: '20.20.0' },
    cloud: 'embedded',
    limits: { notificationMs: 1000 },
    outcomes: [
      {
        name: 'fault_management',
        title: 'Fault management',
        verdict,
        reason,
        checks,
        leftovers: failed ? [{ resource: 'network <net>', reason: 'in use (409)' }] : [],
        extra: {},
        profile,
        sections: [],
        steps: [
          {
            name: 'image',
            title: 'Prepare the image',
            state: 'done',
            durationMs: 12.4,
            detail: 'doctor-image, uploaded',
          },
          {
            name: 'fault',
            title: "Cut the host's network",
            state: 'done',
            durationMs: 1.2,
            detail: `${name}, for 2.00 s`,
          },
          {
            name: 'recovery',
            title: 'Check that the host recovers',
            state: failed ? 'not_reached' : 'done',
            durationMs: 310,
            detail: '',
          },
        ],
        durationMs: 8011,
        interrupted: false,
      },
    ],
    results: [
      {
        name: 'fault_management',
        verdict,
        reason,
        plugins: {
          installer: 'embedded',
          monitor: 'sample',
          inspector: 'sample',
          notifier: 'sample',
          consumer: 'sample',
        },
        mode: 'shortcut',
        instances,
        notificationTimeMs: 6.4,
        detectionTimeMs: 143.2,
        checkpoints: profile.last.checkpoints,
        checks,
      },
    ],
    settings: [
      { key: 'inspector.mode', value: 'shortcut', from: '--set inspector.mode' },
      { key: 'consumer.hmac_secret', value: '***', from: 'environment DOCTOR_CONSUMER_HMAC_SECRET' },
      { key: 'test.vm_count', value: instances, from: 'default' },
    ],
    events: [
      { scenario: 'fault_management', sequence: 0, at: 1, name: 'network.cut', data: { hostname: name } },
      {
        scenario: 'fault_management',
        sequence: 1,
        at: 144.2,
        name: 'host.down',
        data: { hostname: name, monitor: 'sample', evidence: {} },
      },
    ],
  };
}
