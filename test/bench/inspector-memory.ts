import type { Instance } from '@nfv-doctor/core/plugin-api';
import { FakeCloud } from '@nfv-doctor/core/testing';
import { randomUUID } from 'node:crypto';
import { startSampleInspector } from './sample-inspector.js';

const [hosts = 5000, instances = 200_000] = process.argv.slice(2).map(Number);
const PAGE = 1000;

/** Made when asked for, as a real controller's pages are. */
function* pages(): Generator<Instance[]> {
  const projects = Array.from({ length: 500 }, () => randomUUID().replaceAll('-', ''));
  for (let from = 0; from < instances; from += PAGE)
    yield Array.from({ length: Math.min(PAGE, instances - from) }, (_, offset) => {
      const index = from + offset;
      return {
        id: randomUUID(),
        name: `instance-of-a-project-${index}`,
        projectId: `${projects[index % projects.length]}`,
        userId: 'user',
        status: 'ACTIVE',
        taskState: null,
        hostname: `compute-${String(index % hosts).padStart(5, '0')}.example.org`,
        flavor: 'm1.tiny',
        addresses: { network: ['192.0.2.1'] },
        metadata: {},
        createdAt: '2026-11-23T16:50:06Z',
      };
    });
}

const cloud = new FakeCloud();
for (let index = 0; index < hosts; index++)
  cloud.addHost(`compute-${String(index).padStart(5, '0')}.example.org`);
// the whole list at once: the most memory that a start can need
Object.assign(cloud.compute, { instances: async () => [...pages()].flat() });
const { close } = await startSampleInspector(cloud);
const used = Array.from({ length: 5 }, () => Math.round(process.memoryUsage.rss() / 1_048_576));
await close();
process.send?.(used);
process.disconnect?.();
