import test from 'ava';
import { checkApiVersion } from './api-version.js';
import { doctorRules, sameRule } from './rules.js';

test('rules are the same whatever their white space, and not when a text in them differs', (t) => {
  const [first] = doctorRules('doctor', 'nova');
  const rule = first?.rule ?? '';
  t.true(sameRule(rule, rule.replace(' :- ', ' :-\n  ')));
  t.true(sameRule(rule, rule.replaceAll(', ', ',')));
  t.false(sameRule(rule, rule.replace('"down"', '"up"')));
  t.false(sameRule('p(x) :- q("a b")', 'p(x) :- q("ab")'));
});

test('the rules name the data sources that were configured', (t) => {
  const texts = doctorRules('events_of_doctor', 'nova2')
    .map(({ rule }) => rule)
    .join('\n');
  t.regex(texts, /events_of_doctor:events\(/);
  t.false(/\bnova:|\bdoctor:/.test(texts));
});

for (const version of [undefined, null, '2.11', '2.26', 2.26, '2.52'])
  test(`api_version ${JSON.stringify(version)} fits`, (t) => {
    t.notThrows(() => checkApiVersion('nova', version));
  });
for (const version of ['2.10', '2.9', '2.53', '2.87', '3.0', '1.99', '2', 'latest', ''])
  test(`api_version ${JSON.stringify(version)} does not fit`, (t) => {
    t.throws(() => checkApiVersion('nova', version), {
      message: /data source nova has api_version .*2\.11.*2\.53/,
    });
  });
