import { groupBy } from './group-by.js';
import type { StateChange, Violation } from './types.js';

/** One letter per state, in both vocabularies. */
const LETTERS: Record<string, string> = {
  MAINTENANCE: 'M',
  DOWN_SCALE: 'S',
  SCALE_IN: 'S',
  PREPARE_MAINTENANCE: 'P',
  PLANNED_MAINTENANCE: 'L',
  ADMIN_ACTION_DONE: 'a',
  INSTANCE_ACTION_DONE: 'a',
  MAINTENANCE_COMPLETE: 'C',
  MAINTENANCE_FAILED: 'F',
};

/**
 * What a project may be told: MAINTENANCE first, then scaling in and moves in any number; actions done only after the
 * question about them; completion or failure last. A project may join late, when it gets its first instance.
 */
const LEGAL = /^M?(S|[PL]a*)*(C?F?)$/;

type Message = Extract<StateChange, { kind: 'message' }>;

const messagesOf = (log: readonly StateChange[]): Message[] =>
  log.filter((change): change is Message => change.kind === 'message');

/** Whether each project was told the states in an order that makes sense. */
export function orderViolations(log: readonly StateChange[]): Violation[] {
  const byProject = groupBy(messagesOf(log), ({ sessionId, projectId }) => `${sessionId} ${projectId}`);
  return [...byProject].flatMap(([key, messages]): Violation[] => {
    const word = messages.map(({ state }) => LETTERS[state] ?? '?').join('');
    if (LEGAL.test(word)) return [];
    const [sessionId, projectId] = key.split(' ');
    return [
      {
        rule: 'order',
        at: messages[0]?.at ?? 0,
        detail: `project ${projectId} was told in session ${sessionId}: ${messages.map(({ state }) => state).join(', ')}`,
      },
    ];
  });
}

/** Whether every deadline lay ahead. */
export function deadlineViolations(log: readonly StateChange[]): Violation[] {
  return messagesOf(log).flatMap(({ at, state, projectId, wall, replyAt }): Violation[] =>
    replyAt === null || replyAt > wall
      ? []
      : [
          {
            rule: 'deadlines',
            at,
            detail: `${state} told project ${projectId} a reply_at that lay ${wall - replyAt} ms in the past`,
          },
        ],
  );
}

/** Hosts that were maintained more than once or not, and instances that left a maintained host. */
export function onceViolations(
  log: readonly StateChange[],
  { hosts, mayMoveTwice = false, done }: { hosts: readonly string[]; mayMoveTwice?: boolean; done: boolean },
): Violation[] {
  const violations: Violation[] = [];
  const states = new Map<string, string[]>();
  const maintained = new Set<string>();
  const where = new Map<string, string | null>();
  for (const change of log) {
    if (change.kind === 'host_message') {
      states.set(change.hostname, [...(states.get(change.hostname) ?? []), change.state]);
      if (change.state === 'MAINTENANCE_COMPLETE') maintained.add(change.hostname);
    }
    if (change.kind !== 'instance') continue;
    const before = where.get(change.id);
    where.set(change.id, change.hostname);
    const left =
      before && before !== change.hostname && maintained.has(before) && change.status !== 'DELETED';
    if (left && !mayMoveTwice)
      violations.push({
        rule: 'once',
        at: change.at,
        detail: `instance ${change.id} was moved from ${before}, which had been maintained already`,
      });
  }
  for (const hostname of hosts) {
    const seen = (states.get(hostname) ?? []).join(', ');
    const whole = seen === 'IN_MAINTENANCE, MAINTENANCE_COMPLETE';
    if (whole || (!done && (seen === '' || seen.startsWith('IN_MAINTENANCE')) && seen.length < 50)) continue;
    violations.push({ rule: 'once', at: 0, detail: `messages about ${hostname}: ${seen || 'none'}` });
  }
  return violations;
}
