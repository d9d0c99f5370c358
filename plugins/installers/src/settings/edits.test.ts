import test from 'ava';
import { parse } from 'yaml';
import { DOCTOR_DRIVER, withDoctorDriver } from './congress.js';
import { MAINTENANCE_DEFINITIONS, withMaintenanceDefinitions } from './event-definitions.js';
import { ALARM_PUBLISHER, withAlarmPublisher } from './event-pipeline.js';
import { optionOf, withOption } from './ini.js';
import { withCpuAllocationRatio } from './nova.js';

/** As Ceilometer ships it. */
const PIPELINE = `---
sources:
    - name: event_source
      events:
          - "*"
      sinks:
          - event_sink
sinks:
    - name: event_sink
      # the standard one
      publishers:
          - notifier://
`;

test('the pipeline gets the publisher to Aodh, and keeps what it had', (t) => {
  const changed = withAlarmPublisher(PIPELINE);
  t.deepEqual(parse(changed), {
    ...parse(PIPELINE),
    sinks: [{ name: 'event_sink', publishers: ['notifier://', ALARM_PUBLISHER] }],
  });
  t.regex(changed, /# the standard one/);
  t.is(withAlarmPublisher(changed), changed);
});

test('a pipeline that publishes to Aodh already is left alone', (t) => {
  for (const publisher of [ALARM_PUBLISHER, 'notifier://?driver=messagingv2&topic=alarm.all']) {
    const text = `sinks: [{name: a, publishers: [x://]}, {name: b, publishers: ["${publisher}"]}]\n`;
    t.is(withAlarmPublisher(text), text);
  }
  const other = 'sinks: [{name: a, publishers: ["notifier://?topic=alarm.allied"]}]\n';
  t.deepEqual(parse(withAlarmPublisher(other)).sinks[0].publishers.length, 2);
  t.deepEqual(parse(withAlarmPublisher('sinks: [{name: a}]\n')).sinks[0].publishers, [ALARM_PUBLISHER]);
});

test('what is no pipeline or no list of definitions is refused', (t) => {
  for (const text of ['', '[]', 'sinks: 3', 'sinks: []', 'sinks: [a', 'sinks: [3]'])
    t.throws(() => withAlarmPublisher(text), { code: 'BACKEND_PROTOCOL' }, text);
  for (const text of ['a: 1', '[unclosed', 'text'])
    t.throws(() => withMaintenanceDefinitions(text), { code: 'BACKEND_PROTOCOL' }, text);
});

const DEFINITIONS = `---
- event_type: 'compute.instance.*'
  traits: &instance_traits
    tenant_id:
      fields: payload.tenant_id
- event_type: compute.instance.update
  traits:
    <<: *instance_traits
`;

test('definitions get the maintenance events, anchors and merges stay', (t) => {
  const changed = withMaintenanceDefinitions(DEFINITIONS);
  const types = parse(changed, { merge: true });
  t.deepEqual(types.slice(0, 2), parse(DEFINITIONS, { merge: true }));
  t.deepEqual(types[2], {
    event_type: 'maintenance.scheduled',
    traits: MAINTENANCE_DEFINITIONS['maintenance.scheduled'],
  });
  t.deepEqual(types[2].traits.reply_at, { fields: 'payload.reply_at', type: 'datetime' });
  t.is(types[3].event_type, 'maintenance.host');
  t.regex(changed, /<<: \*instance_traits/);
  t.is(withMaintenanceDefinitions(changed), changed);
  t.is(parse(withMaintenanceDefinitions('')).length, 2);
});

test('a definition that lacks traits gets them, and keeps its own', (t) => {
  const own = `- event_type: maintenance.scheduled
  traits: {state: {fields: payload.my_state}, mine: {fields: payload.mine}}
`;
  const [scheduled] = parse(withMaintenanceDefinitions(own));
  t.deepEqual(scheduled.traits.state, { fields: 'payload.my_state' });
  t.deepEqual(Object.keys(scheduled.traits).slice(0, 2), ['state', 'mine']);
  t.deepEqual(scheduled.traits.instance_ids, { fields: 'payload.instance_ids' });
});

const NOVA =
  '[DEFAULT]\n#cpu_allocation_ratio = 0.0\nmy_ip=192.0.2.1\n\n[libvirt]\ncpu_allocation_ratio = 3\n';

test('an option is set at its place, and nothing else changes', (t) => {
  t.is(
    withCpuAllocationRatio(NOVA, 1),
    NOVA.replace('[DEFAULT]\n', '[DEFAULT]\ncpu_allocation_ratio = 1.0\n'),
  );
  const set = '[DEFAULT]\na = 1\ncpu_allocation_ratio=16.0\nb = 2\n[x]\n';
  t.is(
    withCpuAllocationRatio(set, 1),
    set.replace('cpu_allocation_ratio=16.0', 'cpu_allocation_ratio = 1.0'),
  );
  t.is(
    withCpuAllocationRatio('[DEFAULT]\ncpu_allocation_ratio=1.0', 1),
    '[DEFAULT]\ncpu_allocation_ratio=1.0',
  );
  t.is(withCpuAllocationRatio('', 1), '[DEFAULT]\ncpu_allocation_ratio = 1.0\n');
  t.is(
    withCpuAllocationRatio('[a]\r\nb = 1', 1),
    '[a]\r\nb = 1\r\n[DEFAULT]\r\ncpu_allocation_ratio = 1.0\r\n',
  );
  t.is(withOption('[s]', 's', 'k', 'v'), '[s]\nk = v\n');
});

test('of an option that stands twice the last counts; continued lines belong to it', (t) => {
  const text = '[DEFAULT]\nk = 1\nk = 2,\n    3\n# end\nother = 4\n';
  t.is(optionOf(text, 'DEFAULT', 'k'), '2,\n3');
  t.is(withOption(text, 'DEFAULT', 'k', '5'), '[DEFAULT]\nk = 5\n# end\nother = 4\n');
  t.is(optionOf(text, 'other', 'k'), undefined);
});

test("Congress's list of drivers gets Doctor's; without a list only a ban is lifted", (t) => {
  const listed = '[DEFAULT]\ndrivers = congress.datasources.nova_driver.NovaDriver,a.B\n';
  t.is(withDoctorDriver(listed), listed.replace('a.B', `a.B,${DOCTOR_DRIVER}`));
  t.is(withDoctorDriver(withDoctorDriver(listed)), withDoctorDriver(listed));
  const none = '[DEFAULT]\ndebug = true\n';
  t.is(withDoctorDriver(none), none);
  t.is(
    withDoctorDriver('[DEFAULT]\ndisabled_drivers = doctor, nova\n'),
    '[DEFAULT]\ndisabled_drivers = nova\n',
  );
});
