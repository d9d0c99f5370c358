import test from 'ava';
import { DoctorError } from '@nfv-doctor/core/plugin-api';
import { checkMaintenance, createVirtualClock, type Rule } from '@nfv-doctor/core/testing';
import { requestIn, startDesk } from './desk.test.helper.js';
import { startApp } from './model-app.test.helper.js';
import { randomCase } from './random-cloud.test.helper.js';

/** Sessions per run; a longer hunt: DOCTOR_MAINTENANCE_SEEDS=100000. */
const SEEDS = Number(process.env['DOCTOR_MAINTENANCE_SEEDS'] ?? 1000);
const FIRST = Number(process.env['DOCTOR_MAINTENANCE_FIRST_SEED'] ?? 1);

/** What a dead host breaks is the fault's doing, not the maintenance's. */
const BROKEN_BY_FAULTS = new Set<Rule>(['service', 'impacted', 'capacity', 'once']);
/** What ends early is not whole. */
const BROKEN_BY_FAILURE = new Set<Rule>(['once']);

/** `scattered`: what was released could not be made again, since the free room is spread over hosts; no plan promises that. */
type Outcome = 'refused' | 'done' | 'failed' | 'scattered';

/** One session from its seed; throws with everything that was wrong. */
async function session(seed: number): Promise<{ outcome: Outcome; reason: string }> {
  const clock = createVirtualClock();
  const { cloud, hosts, projects, kill, maxParallelHosts, maxParallelMoves } = randomCase(seed, clock);
  const desk = await startDesk({ clock, cloud, defaults: { maxParallelHosts, maxParallelMoves } });
  const apps = [];
  for (const { subscribed, ...project } of projects)
    if (subscribed) apps.push(await startApp({ desk, cloud, clock, ...project }));
  let messages = 0;
  let dead = '';
  desk.events.on('maintenance.host', () => {
    if (!kill || messages++ !== kill.after) return;
    dead = kill.hostname;
    cloud.kill(dead);
    void desk.desk.hostDown(dead);
  });
  try {
    const { sessionId } = await desk.desk.create(requestIn(clock));
    await clock.runUntil(desk.desk.ended(sessionId, new AbortController().signal));
    for (const app of apps) await clock.runUntil(app.settled());
    // the last message of a failed session may still be on its way to the applications
    await clock.advance(120_000);
    const { state, reason = '' } = desk.desk.session(sessionId);
    const done = state === 'MAINTENANCE_DONE';
    const verdict = checkMaintenance(cloud.log, {
      hosts,
      outcome: done ? 'MAINTENANCE_DONE' : 'MAINTENANCE_FAILED',
      lostHosts: dead ? [dead] : [],
    });
    const scattered = !done && cloud.unplaceable > 0;
    const excused = new Set<Rule>([
      ...(scattered ? (['capacity'] as const) : []),
      ...(dead ? BROKEN_BY_FAULTS : []),
      ...(done ? [] : BROKEN_BY_FAILURE),
    ]);
    const wrong = verdict.violations
      .filter(({ rule }) => !excused.has(rule))
      .map(({ rule, detail }) => `${rule}: ${detail}`);
    if (!done && reason === '') wrong.push('failed without a reason');
    for (const { hostname, status } of cloud.hostsByName.values())
      if (status === 'disabled') wrong.push(`${hostname} is left disabled`);
    const stubborn = projects.some(
      ({ config }) => config.refuse_states.length + config.silent_states.length > 0,
    );
    if (!done && !dead && !stubborn && !scattered) wrong.push(`failed although everybody agreed: ${reason}`);
    if (wrong.length > 0) throw new Error(`seed ${seed}: ${state} (${reason})\n${wrong.join('\n')}`);
    return { outcome: done ? 'done' : scattered ? 'scattered' : 'failed', reason };
  } catch (error) {
    if (DoctorError.is(error) && error.code === 'MAINTENANCE_REFUSED')
      return { outcome: 'refused', reason: error.message };
    throw error;
  } finally {
    await desk.stop();
  }
}

test(`${SEEDS} random sessions: the checker finds nothing`, async (t) => {
  t.timeout(600_000);
  const outcomes: Record<Outcome, number> = { refused: 0, done: 0, failed: 0, scattered: 0 };
  const wrong: string[] = [];
  for (let seed = FIRST; seed < FIRST + SEEDS; seed++)
    try {
      outcomes[(await session(seed)).outcome]++;
    } catch (error) {
      wrong.push((error as Error).message);
    }
  t.log(JSON.stringify(outcomes), `${wrong.length} wrong`);
  t.deepEqual(wrong.slice(0, 5), []);
  // a hunt that only ever refuses finds nothing
  t.true(outcomes.done > SEEDS / 3, JSON.stringify(outcomes));
  t.true(outcomes.scattered <= SEEDS / 50, JSON.stringify(outcomes));
  t.true(outcomes.failed > 0 || SEEDS < 100);
});
