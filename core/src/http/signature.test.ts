import test from 'ava';
import { signBody, verifySignature } from './signature.js';

const now = Date.UTC(2030, 0, 1);

test('a signature holds for its body, secret and time only', (t) => {
  const header = signBody('secret', '{"a":1}', now);
  t.regex(header, /^t=1893456000,v1=[0-9a-f]{64}$/);
  t.true(verifySignature('secret', '{"a":1}', header, now + 1000));
  t.false(verifySignature('secret', '{"a":2}', header, now));
  t.false(verifySignature('other', '{"a":1}', header, now));
  t.false(verifySignature('secret', '{"a":1}', header, now + 301_000));
  t.false(verifySignature('secret', '{"a":1}', header.replace('t=1', 't=2'), now));
});

for (const header of [
  undefined,
  '',
  't=1',
  'v1=00',
  `t=x,v1=${'0'.repeat(64)}`,
  `t=1893456000,v1=${'0'.repeat(63)}`,
])
  test(`no signature: ${header}`, (t) => t.false(verifySignature('secret', '', header, now)));
