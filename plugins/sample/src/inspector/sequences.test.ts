import test from 'ava';
import fc from 'fast-check';
import { event, startRig, statuses } from './rig.test.helper.js';

type Step =
  | { kind: 'down' | 'up' | 'repeat' | 'stale'; host: 'host-1' | 'host-2' }
  | { kind: 'maintenance'; host: 'host-1' | 'host-2'; state: 'IN_MAINTENANCE' | 'MAINTENANCE_COMPLETE' }
  | { kind: 'fail'; call: 'forceDown' | 'resetState' | 'instance' | 'setDataPlaneStatus' | 'ports' }
  | { kind: 'settle' };

const host = fc.constantFrom('host-1' as const, 'host-2' as const);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom('down' as const, 'up' as const, 'repeat' as const, 'stale' as const),
      host,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('maintenance' as const),
      host,
      state: fc.constantFrom('IN_MAINTENANCE' as const, 'MAINTENANCE_COMPLETE' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('fail' as const),
      call: fc.constantFrom(
        'forceDown' as const,
        'resetState' as const,
        'instance' as const,
        'setDataPlaneStatus' as const,
        'ports' as const,
      ),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: 'settle' as const }) },
);

test('whatever happens: a host that is down is handled, and after up everything is as it was', async (t) => {
  const { inspector, cloud } = await startRig(t, { config: { set_ports_down: true } });
  const snapshot = () => ({
    statuses: statuses(cloud),
    forced: [...cloud.hosts.values()].map(({ hostname, forcedDown }) => [hostname, forcedDown]),
    ports: [...cloud.ports.values()].map(({ id, dataPlaneStatus }) => [id, dataPlaneStatus]),
  });
  const before = JSON.stringify(snapshot());
  const earlier = '2001-01-01T00:00:00Z';
  const last = new Map<string, ReturnType<typeof event>>();
  const report = async (each: ReturnType<typeof event>) => {
    last.set(each.details.hostname, each);
    return inspector.report([each]);
  };

  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      let failures = new Map<string, number>();
      // a call fails once, then works again: nothing may be left undone
      cloud.before = async ({ name }) => {
        await Promise.resolve();
        const left = failures.get(name) ?? 0;
        if (left === 0) return;
        failures.set(name, left - 1);
        throw new Error('out of order');
      };
      for (const each of steps)
        if (each.kind === 'down' || each.kind === 'up') await report(event(each.host, each.kind));
        else if (each.kind === 'repeat') {
          const again = last.get(each.host);
          if (again && (await inspector.report([again])).accepted !== 0)
            throw new Error('a duplicate was accepted');
        } else if (each.kind === 'stale') {
          if (
            last.has(each.host) &&
            (await inspector.report([event(each.host, 'down', {}, earlier)])).accepted !== 0
          )
            throw new Error('a stale event was accepted');
        } else if (each.kind === 'maintenance')
          await inspector.hostMaintenance({
            session_id: 's',
            project_id: 'p',
            host: each.host,
            state: each.state,
          });
        else if (each.kind === 'fail') failures.set(each.call, 2);
        else await inspector.settled();

      for (const hostname of ['host-1', 'host-2'])
        await inspector.hostMaintenance({
          session_id: 's',
          project_id: 'p',
          host: hostname,
          state: 'MAINTENANCE_COMPLETE',
        });
      failures = new Map();
      for (const hostname of ['host-1', 'host-2']) await report(event(hostname, 'down'));
      await inspector.settled();
      const down = snapshot();
      if (down.forced.some(([, forced]) => !forced))
        throw new Error(`not forced down: ${JSON.stringify(down)}`);
      if (Object.values(down.statuses).some((status) => status !== 'ERROR'))
        throw new Error(`not in error: ${JSON.stringify(down)}`);
      if (down.ports.some(([, status]) => status !== 'DOWN'))
        throw new Error(`port not down: ${JSON.stringify(down)}`);
      for (const hostname of ['host-1', 'host-2']) await report(event(hostname, 'up'));
      await inspector.settled();
      const after = JSON.stringify(snapshot());
      if (after !== before) throw new Error(`left behind: ${after}`);
      if ((await inspector.faults()).length > 0) throw new Error('a fault is left');
    }),
    { numRuns: 60 },
  );
  t.pass();
});
