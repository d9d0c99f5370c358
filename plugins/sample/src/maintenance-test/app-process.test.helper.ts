/**
 * An app manager in a process of its own, with its own HTTP server and database, that is killed with SIGKILL by itself
 * around a write of its application's record.
 */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type {
  CloudSession,
  Controller,
  Kysely,
  ManagedApplication,
  Notifier,
  Store,
} from '@nfv-doctor/core/plugin-api';
import { createTestContext } from '@nfv-doctor/core/testing';
import { appManagerConfig } from '../app-manager/config.js';
import { SampleAppManager } from '../app-manager/sample-app-manager.js';
import { defaultsOf } from './harness.test.helper.js';
import { born } from './mortal.test.helper.js';
import { remote, Rpc } from './rpc.test.helper.js';

const life = await born();
let writes = 0;

/** The file says what was written, so that the next life is known to have come further. */
function die(record: string): void {
  const lasting = record.replaceAll(/"receivedAt":\d+/g, '');
  writeFileSync(join(life.folder, 'last-write'), createHash('sha256').update(lasting).digest('hex'));
  process.kill(process.pid, 'SIGKILL');
}

/** Kills around the queries that store a record. */
function mortalStore(store: Store): Store {
  const lethal = new WeakMap<object, string>();
  return {
    async database<Schema>(options: Parameters<Store['database']>[0]): Promise<Kysely<Schema>> {
      const db = await store.database<Schema>(options);
      return db.withPlugin({
        transformQuery: ({ node, queryId }) => {
          if (node.kind !== 'InsertQueryNode' || ++writes !== life.at) return node;
          const record = JSON.stringify(node);
          if (life.when === 'before') die(record);
          lethal.set(queryId, record);
          return node;
        },
        transformResult: async ({ result, queryId }) => {
          const record = lethal.get(queryId);
          if (record !== undefined) die(record);
          return result;
        },
      });
    },
  };
}

const application: ManagedApplication = {
  owner: { projectId: 'p', userId: 'u', credentials: { authUrl: 'http://127.0.0.1:1/v3' } },
  redundant: ['r1', 'r2'],
  scalable: ['s1', 's2', 's3', 's4'],
  floatingIpId: 'vip',
};

const rpc = new Rpc(
  (packet) => process.send?.(packet),
  async () => undefined,
);
process.on('message', (packet) => rpc.receive(packet as never));

const controller = {
  compute: remote(rpc, 'compute'),
  network: remote(rpc, 'network'),
  as: () => controller,
} as unknown as Controller;
const cloud = { as: () => cloud, token: async () => 'p' } as unknown as CloudSession;

const context = await createTestContext({ folder: life.folder });
const manager = new SampleAppManager(
  {
    ...defaultsOf<SampleAppManager['config']>(appManagerConfig),
    scalable_action: 'OWN_ACTION',
    poll_interval: 20,
  } as never,
  {
    ...context,
    store: mortalStore(context.store),
    controller,
    cloud,
    notifier: remote<Notifier>(rpc, 'notifier'),
  },
  context.log,
);
await manager.start();
await manager.manage(application);
await rpc.call('ready');
