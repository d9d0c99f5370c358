/**
 * A session of an admin tool whose disk gets full before its time has come, in a process of its own, because a limit on the
 * size of files is a process'. argv: folder of the database. Says as JSON what happened.
 */
import { until } from '@nfv-doctor/core/plugin-api';
import { sql } from 'kysely';
import { systemClock as clock } from '@nfv-doctor/core/testing';
import { roomyCloud, startTool } from './harness.test.helper.js';

const [, , folder = ''] = process.argv;
const cloud = roomyCloud();
const touched: string[] = [];
cloud.before = (call) => {
  if (/able|igrat|delete|create/i.test(call)) touched.push(call);
};
const { tool, bus, context, close } = await startTool({}, cloud, folder);
const { sessionId } = await tool.create({
  hosts: ['c1', 'c2'],
  maintenance_at: new Date(clock.now() + 3000).toISOString(),
});

// the file of the admin tool itself grows until not one more row fits
const db = await context.store.database<never>({ name: 'admin_tool', migrations: {} });
await sql`create table ballast (content blob)`.execute(db);
let refusal = '';
for (const size of [100_000, 4_000, 100]) {
  for (let full = false; !full; )
    await sql`insert into ballast values (zeroblob(${size}))`.execute(db).catch((error: unknown) => {
      full = true;
      refusal = String(error);
    });
}
const before = bus.published.length;
const session = await until(
  async () => {
    const found = await tool.session(sessionId);
    return found.reason !== undefined && found;
  },
  { clock, what: 'the session to stand still', timeoutMs: 30_000, intervalMs: 20 },
);
const refused = await tool
  .create({ hosts: ['c3'], maintenance_at: new Date(clock.now() + 60_000).toISOString() })
  .then(() => '', String);
process.stdout.write(
  JSON.stringify({
    reason: session.reason,
    refusal,
    refused,
    touched,
    told: bus.published.length - before,
    health: tool.health(),
  }),
);
await close().catch(() => {});
process.exit(0);
