import { createTestContext } from '@nfv-doctor/core/testing';
import { IcmpProbe, type IcmpWay } from './icmp.js';

const [way, ...addresses] = process.argv.slice(2) as [IcmpWay, ...string[]];
const { clock, log, close } = await createTestContext();
// only the clock is needed
await close();
const probe = new IcmpProbe(way, clock, log, 20);
try {
  await probe.start(AbortSignal.timeout(5000));
} catch {
  process.send!('failed');
  process.exit(1);
}
process.send!('started');
for (const address of addresses)
  probe.watch({ plane: 'p', address }, { interval: 50, timeout: 50, packets: 2 }, (result) =>
    process.send!({ address, result }),
  );
process.on('disconnect', () => process.exit());
