import { core, provide, ReceivingMonitor } from '@nfv-doctor/core/plugin-api';
import { type CollectdNotification, CollectdNotificationsSchema, receivedFault } from './notification.js';

export const collectdMonitor = provide({
  role: 'monitor',
  type: 'collectd',
  doc: "takes the notifications of collectd's ping, connectivity and interface plugins (write_http)",
  config: {
    host: { doc: 'address to listen on', format: String, default: '127.0.0.1' },
    port: { doc: 'port of POST /collectd; 0: a free one', format: 'port', default: 0 },
    token: {
      doc: 'token that collectd must send (header X-Auth-Token or Authorization: Bearer); needed beyond loopback',
      format: String,
      default: '',
      sensitive: true,
    },
    host_interfaces: {
      doc: 'interfaces whose loss is the loss of the host; the loss of others is reported as compute.host.nic.down',
      format: 'strings',
      default: [] as string[],
    },
    warning_is_down: {
      doc: 'takes the severity WARNING for down, as FAILURE is',
      format: Boolean,
      default: false,
    },
  },
  deps: { http: core.http, clock: core.clock, events: core.events, reporter: core.faultReporter },
  create({ config, log }, services) {
    const mapping = { hostInterfaces: config.host_interfaces, warningIsDown: config.warning_is_down };
    const read = (body: unknown) =>
      (body as CollectdNotification[]).flatMap((notification) => receivedFault(notification, mapping) ?? []);
    return new ReceivingMonitor(
      {
        name: 'collectd',
        host: config.host,
        port: config.port,
        token: config.token,
        intakes: [{ path: '/collectd', body: CollectdNotificationsSchema, read }],
      },
      { ...services, log },
    );
  },
});
