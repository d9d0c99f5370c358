import test from 'ava';
import { silentLogger } from '../log/index.js';
import { definePlugin, provide } from '../plugin-api/define-plugin.js';
import { core, optional } from '../plugin-api/tokens.js';
import { createDoctor } from './create-doctor.js';

const idle = { start: async () => {}, stop: async () => {}, health: () => ({ status: 'up', detail: '' }) };
const manifest = { name: 'lab', version: '1.0.0', apiVersion: '^1.0.0' };
const lab = definePlugin({
  manifest,
  provides: [
    provide({ role: 'installer', type: 'lab', doc: 'starts a cloud', create: () => idle as never }),
    provide({
      role: 'cloud',
      type: 'lab',
      doc: 'asks the installer for credentials, if there is one',
      deps: { installer: optional(core.installer) },
      create: () => idle as never,
    }),
  ],
});

const rolesWith = async (config: Record<string, unknown>) => {
  const doctor = await createDoctor({
    plugins: [lab],
    discover: false,
    env: {},
    log: silentLogger,
    roles: ['cloud'],
    config: { cloud: { type: 'lab' }, ...config },
  });
  return doctor.roles;
};

test('the installer that the configuration names runs with what can use it', async (t) => {
  t.deepEqual(await rolesWith({ installer: { type: 'lab' } }), ['installer', 'cloud']);
});

test('an installer that nobody named is not started', async (t) => {
  t.deepEqual(await rolesWith({}), ['cloud']);
});
