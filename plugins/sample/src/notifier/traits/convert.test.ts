import type { Notification } from '@nfv-doctor/core/plugin-api';
import test from 'ava';
import { toTraitEvent } from './convert.js';

/** Nova's unversioned notification as recorded from a real cloud, shortened by what is no trait. */
const recorded: Notification = {
  messageId: '2facf2a1-eb8e-48da-8504-601951d6f087',
  publisherId: 'compute.vm',
  eventType: 'compute.instance.update',
  priority: 'INFO',
  timestamp: '2026-11-23 16:51:21.558611',
  payload: {
    tenant_id: 'effef65fe4f44ddb9a9196a5abdf7280',
    user_id: '1a80ca4e34e14c42b97122769ea24503',
    instance_id: '7ee6aa7d-5758-4ec1-976f-367718a194cc',
    display_name: 'doctor_vm0',
    instance_type: 'm1.tiny',
    instance_type_id: 1,
    memory_mb: 512,
    disk_gb: 1,
    vcpus: 1,
    root_gb: 1,
    ephemeral_gb: 0,
    host: 'compute-big',
    availability_zone: 'nova',
    cell_name: '',
    deleted_at: '',
    launched_at: '2026-11-23T16:31:35.000000',
    state: 'error',
    image_meta: { min_ram: '0' },
    old_state: 'active',
    old_task_state: null,
  },
};

test("an instance update has Ceilometer's traits in its order, and what it lacks after them", (t) => {
  const event = toTraitEvent(recorded);
  t.is(event.generated, '2026-11-23T16:51:21.558611');
  t.is(event.source, 'cloud');
  t.deepEqual(event.traits, [
    ['service', 1, 'compute'],
    ['project_id', 1, 'effef65fe4f44ddb9a9196a5abdf7280'],
    ['tenant_id', 1, 'effef65fe4f44ddb9a9196a5abdf7280'],
    ['user_id', 1, '1a80ca4e34e14c42b97122769ea24503'],
    ['instance_id', 1, '7ee6aa7d-5758-4ec1-976f-367718a194cc'],
    ['display_name', 1, 'doctor_vm0'],
    ['resource_id', 1, '7ee6aa7d-5758-4ec1-976f-367718a194cc'],
    ['cell_name', 1, ''],
    ['host', 1, 'vm'],
    ['memory_mb', 2, 512],
    ['disk_gb', 2, 1],
    ['root_gb', 2, 1],
    ['ephemeral_gb', 2, 0],
    ['vcpus', 2, 1],
    ['instance_type_id', 1, '1'],
    ['instance_type', 1, 'm1.tiny'],
    ['state', 1, 'error'],
    ['launched_at', 4, '2026-11-23T16:31:35'],
    ['old_state', 1, 'active'],
    ['compute_host', 1, 'compute-big'],
    ['availability_zone', 1, 'nova'],
  ]);
});

test("Nova's versioned notification is told in the unversioned words", (t) => {
  const data = (value: object) => ({
    'nova_object.name': 'X',
    'nova_object.version': '1.0',
    'nova_object.data': value,
  });
  const event = toTraitEvent({
    ...recorded,
    publisherId: 'nova-compute:vm',
    eventType: 'instance.update',
    payload: data({
      state_update: data({ old_state: 'active', state: 'error', old_task_state: null, new_task_state: null }),
      uuid: '93e404ce-53a6-4e52-9c15-1ef9dcdefeca',
      tenant_id: 'p',
      host: 'compute-big',
      flavor: data({ flavorid: '1', memory_mb: 512, vcpus: 1, root_gb: 1, ephemeral_gb: 0, name: 'm1.tiny' }),
      launched_at: '2026-11-23T16:47:54Z',
      deleted_at: null,
      state: 'active',
    }),
  });
  t.is(event.eventType, 'compute.instance.update');
  t.is(event.source, 'versioned');
  t.is(event.instanceId, '93e404ce-53a6-4e52-9c15-1ef9dcdefeca');
  const value = (name: string) => event.values.get(name)?.[2];
  t.is(value('state'), 'error');
  t.is(value('old_state'), 'active');
  t.is(value('instance_type'), 'm1.tiny');
  t.is(value('memory_mb'), 512);
  t.is(value('launched_at'), '2026-11-23T16:47:54');
  t.false(event.values.has('deleted_at'));
});

test('a maintenance message has lists and objects as Python shows them, however long', (t) => {
  const metadata = { openstack_version: 'Train', note: "it's", long: 'x'.repeat(400), none: null, yes: true };
  const event = toTraitEvent({
    ...recorded,
    publisherId: 'admin_tool',
    eventType: 'maintenance.scheduled',
    payload: {
      service: 'maintenance',
      project_id: 'p',
      session_id: 's',
      state: 'MAINTENANCE',
      instance_ids: ['http://127.0.0.1/x'],
      allowed_actions: ['MIGRATE', 'LIVE_MIGRATE'],
      reply_url: 'http://127.0.0.1/x',
      metadata,
      actions_at: '2026-11-23 16:19:18',
      reply_at: null,
    },
  });
  t.deepEqual(event.traits, [
    ['service', 1, 'admin_tool'],
    ['project_id', 1, 'p'],
    ['allowed_actions', 1, "['MIGRATE', 'LIVE_MIGRATE']"],
    ['instance_ids', 1, "['http://127.0.0.1/x']"],
    ['reply_url', 1, 'http://127.0.0.1/x'],
    ['state', 1, 'MAINTENANCE'],
    ['session_id', 1, 's'],
    [
      'metadata',
      1,
      `{'openstack_version': 'Train', 'note': "it's", 'long': '${'x'.repeat(400)}', 'none': None, 'yes': True}`,
    ],
    ['actions_at', 4, '2026-11-23T16:19:18'],
  ]);
});

test("the inspector's own notification is known as such, and has no publisher's host", (t) => {
  const event = toTraitEvent({ ...recorded, publisherId: 'doctor.inspector' });
  t.is(event.source, 'doctor');
  t.false(event.values.has('host'));
  t.deepEqual(event.values.get('service'), ['service', 1, 'doctor']);
});

test('an event without a definition has its scalar members as traits', (t) => {
  const event = toTraitEvent({
    ...recorded,
    eventType: 'port.update.end',
    payload: { tenant_id: 'p', size: 3, share: 0.5, name: 'x', up: true, port: { id: 'y' }, nothing: null },
  });
  t.deepEqual(event.traits.slice(2), [
    ['tenant_id', 1, 'p'],
    ['size', 2, 3],
    ['share', 3, 0.5],
    ['name', 1, 'x'],
    ['up', 1, 'True'],
  ]);
});
