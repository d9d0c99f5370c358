import type { ExecutionContext } from 'ava';

const MOST = 4;
let taken = 0;
const waiting: (() => void)[] = [];

/**
 * Lets so many tests of a file have their servers and databases at a time: ava begins all of them at once,
 * and a small machine starves them. The slot is given back when the test has ended.
 */
export async function takeSlot(t: ExecutionContext): Promise<void> {
  if (taken >= MOST) await new Promise<void>((resolve) => waiting.push(resolve));
  else taken++;
  t.teardown(() => {
    const next = waiting.shift();
    if (next) next();
    else taken--;
  });
}
