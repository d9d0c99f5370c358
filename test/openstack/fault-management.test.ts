import test from 'ava';
import { fillBigHost } from './support/big-host.js';
import { passed, runOnCloud } from './support/scenario.js';

const RECOVERED = ['the host is up again', 'the instances are active again', 'the alarms are ok again'];
const NOTIFIED = [
  "every instance's owner is notified",
  'the notification time is below the limit',
  'the host is down',
  'the instances are in error',
  'the owner sees host_status DOWN',
  'replacements run on another host',
];

for (const notifier of ['sample', 'aodh'])
  for (const mode of ['shortcut', 'conservative']) {
    const set = {
      'notifier.type': notifier,
      'inspector.mode': mode,
      // a whole cloud on two cores that others use too: how fast it is, is told here and judged by the bench
      'test.notification_limit': '10 s',
    };

    test.serial(`${notifier}, ${mode}, 1 instance: fault and recovery`, async (t) => {
      const run = await runOnCloud(t, { set });
      passed(t, run, ...NOTIFIED, ...RECOVERED);
      t.like(run.scenario, { mode, instances: 1 });
    });

    test.serial(`${notifier}, ${mode}, 10 instances on one host`, async (t) => {
      let bed: Awaited<ReturnType<typeof fillBigHost>> | undefined;
      const run = await runOnCloud(t, {
        // the link comes back by itself: after the replacements are placed
        set: { ...set, 'test.vm_count': 10, 'test.outage': '25 s' },
        async prepare() {
          bed = await fillBigHost();
          return bed.putBack;
        },
        // for the replacements
        afterStep: (step) => (step === 'instances' ? bed?.open() : undefined),
      });
      passed(t, run, ...NOTIFIED, ...RECOVERED);
      t.like(run.scenario, { mode, instances: 10 });
    });
  }
