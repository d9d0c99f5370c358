import test from 'ava';
import { fromSaltPillar, fromServerList, fromTable } from './index.js';

const tripleo = { controllers: /controller/, computes: /compute/ };
const mcp = { controllers: /^ctl\d/, computes: /^cmp\d/ };
const daisy = { controllers: /CONTROLLER_LB/, computes: /COMPUTER/ };

test('servers of an undercloud, in both ways of writing their networks', (t) => {
  const servers = [
    { ID: '1', Name: 'overcloud-controller-0', Status: 'ACTIVE', Networks: 'ctlplane=192.0.2.8' },
    { ID: '2', Name: 'overcloud-novacompute-0', Status: 'ACTIVE', Networks: { ctlplane: ['192.0.2.9'] } },
    { ID: '3', Name: 'overcloud-novacompute-1', Status: 'ERROR', Networks: { ctlplane: ['192.0.2.10'] } },
    {
      ID: '4',
      Name: 'overcloud-compute-2',
      Status: 'ACTIVE',
      Networks: 'external=203.0.113.4; ctlplane=192.0.2.11, 192.0.2.12',
    },
    { ID: '5', Name: 'overcloud-compute-3', Status: 'ACTIVE', Networks: '' },
    { ID: '6', Name: 'jump', Status: 'ACTIVE', Networks: 'ctlplane=192.0.2.99' },
  ];
  t.deepEqual(fromServerList(JSON.stringify(servers), tripleo), [
    { name: 'overcloud-controller-0', address: '192.0.2.8', role: 'controller' },
    { name: 'overcloud-novacompute-0', address: '192.0.2.9', role: 'compute' },
    { name: 'overcloud-compute-2', address: '192.0.2.11', role: 'compute' },
  ]);
});

test('minions of a Salt master; those that did not answer, or have no address, are none', (t) => {
  const minions = {
    'ctl01.mcp-odl-ha.local': '10.167.4.11',
    'cmp001.mcp-odl-ha.local': ['10.167.4.21', '172.16.10.21'],
    'cmp002.mcp-odl-ha.local': false,
    'cmp003.mcp-odl-ha.local': '',
    'cfg01.mcp-odl-ha.local': '10.167.4.10',
  };
  t.deepEqual(
    fromSaltPillar(JSON.stringify(minions), mcp).map(({ name, address }) => [name.split('.')[0], address]),
    [
      ['ctl01', '10.167.4.11'],
      ['cmp001', '10.167.4.21'],
    ],
  );
});

test("rows of Daisy's table", (t) => {
  const table = `
+------+-----------------+-------------+--------+------------------------------------------+
| ID   | Name            | Description | Status | role                                     |
+------+-----------------+-------------+--------+------------------------------------------+
| 1a   | host-192-0-2-17 | default     | active | [u'CONTROLLER_LB', u'CONTROLLER_HA']     |
| 2b   | host-192-0-2-18 | default     | active | [u'COMPUTER']                            |
| 3c   | storage         | 192.0.2.19  | active | [u'COMPUTER']                            |
| 4d   | spare           | default     | init   |                                          |
+------+-----------------+-------------+--------+------------------------------------------+
`;
  t.deepEqual(fromTable(table, daisy), [
    { name: 'host-192-0-2-17', address: '192.0.2.17', role: 'controller' },
    { name: 'host-192-0-2-18', address: '192.0.2.18', role: 'compute' },
    { name: 'storage', address: '192.0.2.19', role: 'compute' },
  ]);
});

test('what is no such list is refused, with what was found', (t) => {
  t.throws(() => fromServerList('Missing value auth-url', tripleo), {
    code: 'BACKEND_PROTOCOL',
    message: 'openstack server list: expected JSON, found "Missing value auth-url"',
  });
  t.throws(() => fromServerList('{}', tripleo), { code: 'BACKEND_PROTOCOL' });
  t.throws(() => fromSaltPillar('No minions matched the target.', mcp), { code: 'BACKEND_PROTOCOL' });
  t.throws(() => fromSaltPillar('[]', mcp), { code: 'BACKEND_PROTOCOL' });
  t.throws(() => fromTable('daisy: command not found', daisy), { code: 'BACKEND_PROTOCOL' });
});
