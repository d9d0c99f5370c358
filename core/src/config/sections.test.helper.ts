import { fakePlugin } from '../host/plugins.test.helper.js';
import type { Plugin } from '../plugin-api/define-plugin.js';

/** Plugins with an option of every format. */
export const optionPlugins: readonly Plugin[] = [
  fakePlugin('options', [
    {
      role: 'monitor',
      config: {
        interval: { doc: 'between two probes', format: 'duration', default: 100 },
        probe: { doc: 'how to probe', format: ['icmp', 'tcp', 'udp'], default: 'tcp' },
        planes: { doc: 'planes to probe', format: 'strings', default: ['management'] },
        share: { doc: 'share of planes that must agree', format: 'ratio', default: 0.5 },
        damping: {
          hold: { doc: 'time to hold', format: 'duration', default: 1000 },
          count: { doc: 'number of flaps', format: 'nat', default: 3 },
        },
      },
    },
    {
      role: 'monitor',
      type: 'collectd',
      config: { body: { doc: 'largest body', format: 'bytes', default: 1024 } },
    },
    {
      role: 'inspector',
      config: {
        port: { doc: 'port to listen on', format: 'port', default: 0 },
        host: { doc: 'address to listen on', format: 'ip', default: '127.0.0.1' },
        token: {
          doc: 'token to ask for',
          format: String,
          default: '',
          sensitive: true,
          env: 'INSPECTOR_TOKEN',
        },
        neutron: { doc: 'set port states', format: Boolean, default: false },
        backend: { doc: 'where it is', format: 'url', default: 'http://127.0.0.1:1' },
        workers: { doc: 'calls at once', format: 'int', default: 8 },
        factor: { doc: 'a factor', format: Number, default: 1.5 },
        names: { doc: 'name by host', format: Object, default: {} },
        rules: { doc: 'rules in order', format: Array, default: [] as unknown[] },
        state_folder: { doc: 'where its state is', format: 'path', default: '' },
      },
    },
  ]),
];
