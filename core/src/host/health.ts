import type { Health } from '../roles/index.js';
import { type LiveRole } from './life-cycle.js';
import { oneLine } from './load-plugin.js';
import { withTimeout } from './with-timeout.js';

/** Time that a role may take to say how it is. */
const LIMIT_MS = 5000;

/** Each role's own word; one that throws or does not answer is down. */
export async function healthOf(roles: readonly LiveRole[]): Promise<Record<string, Health>> {
  const answers = roles.map(async ({ name, role }): Promise<[string, Health]> => {
    const asked = Promise.resolve().then(() => role.health());
    try {
      return [name, await withTimeout(asked, LIMIT_MS, () => new Error(`no answer within ${LIMIT_MS} ms`))];
    } catch (error) {
      return [name, { status: 'down', detail: oneLine(error) }];
    }
  });
  return Object.fromEntries(await Promise.all(answers));
}
