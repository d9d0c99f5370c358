import type { HttpServer, HttpServerOptions } from '@nfv-doctor/core/plugin-api';
import type { NotifierConfig } from '../config.js';
import type { NotifierDependencies, SampleNotifier } from '../sample-notifier.js';
import { alarmRoutes } from './alarm-routes.js';
import { createCallers } from './callers.js';
import { notificationRoutes } from './notification-routes.js';

/** Aodh's shape of an error, beside Doctor's: its clients show `faultstring`. */
const aodhError: NonNullable<HttpServerOptions['errorMembers']> = ({ message }, status) => ({
  error_message: { debuginfo: null, faultcode: status < 500 ? 'Client' : 'Server', faultstring: message },
});

/** The alarm API: Aodh's `/v2/alarms`, and `/v1/notifications` for what is owed and was delivered. */
export function createApi(
  notifier: SampleNotifier,
  config: NotifierConfig,
  deps: NotifierDependencies,
): HttpServer {
  const callers = createCallers(config.auth, notifier, deps.cloudSession);
  const server = deps.http.server({
    name: 'notifier',
    host: config.host,
    port: config.port,
    health: () => notifier.health(),
    errorMembers: aodhError,
    protect: 'all',
    ...(config.auth === 'token' ? { token: config.token } : {}),
    ...(config.auth === 'keystone' ? { authenticate: callers.authenticate } : {}),
  });
  alarmRoutes(server.app, notifier, callers);
  notificationRoutes(server.app, notifier, callers.of);
  return server;
}
