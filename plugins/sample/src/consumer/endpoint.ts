import {
  type AlarmNotification,
  AlarmNotificationSchema,
  type Clock,
  DoctorError,
  type HttpKit,
  type HttpServer,
  SIGNATURE_HEADER,
  sameSecret,
  Type,
  tokenOf,
  verifySignature,
} from '@nfv-doctor/core/plugin-api';
import { transitionKey } from './alarm.js';
import type { ConsumerConfig } from './config.js';
import { Duplicates } from './duplicates.js';

/** An alarm as it arrived. */
export interface ArrivedAlarm {
  notification: AlarmNotification;
  /** Monotonic ms of the first byte of the request that Doctor saw. */
  at: number;
  duplicate: boolean;
}

type EndpointConfig = Pick<ConsumerConfig, 'host' | 'port' | 'token' | 'hmac_secret'>;

/** `POST /failure`: takes alarms, answers at once, hands each over once its answer is on the way. */
export function createEndpoint(
  config: EndpointConfig,
  { http, clock }: { http: HttpKit; clock: Clock },
  arrived: (alarm: ArrivedAlarm) => void,
): HttpServer {
  const server = http.server({
    name: 'consumer',
    host: config.host,
    port: config.port,
    // beyond loopback something must tell the notifier from others: the token, or the signature
    token: config.token || config.hmac_secret,
    rawBody: true,
  });
  const arrivals = new WeakMap<object, number>();
  const duplicates = new Duplicates();
  server.app.addHook('onRequest', (request, _reply, done) => {
    arrivals.set(request.raw, clock.monotonic());
    done();
  });
  server.app.post<{ Body: AlarmNotification; Querystring: { token?: string } }>(
    '/failure',
    {
      config: { public: true },
      schema: {
        body: AlarmNotificationSchema,
        querystring: Type.Object({ token: Type.Optional(Type.String()) }),
      },
      preValidation: async (request) => {
        authenticate(config, clock, request.headers, request.query.token, request.rawBody ?? '');
      },
    },
    async (request, reply) => {
      const { body: notification } = request;
      const key = request.headers['idempotency-key'];
      const duplicate = duplicates.seen(typeof key === 'string' ? key : transitionKey(notification));
      arrived({ notification, at: arrivals.get(request.raw) ?? clock.monotonic(), duplicate });
      return reply.code(202).send({ status: duplicate ? 'duplicate' : 'accepted' });
    },
  );
  return server;
}

function authenticate(
  config: EndpointConfig,
  clock: Clock,
  headers: Record<string, string | string[] | undefined>,
  queryToken: string | undefined,
  body: string,
): void {
  if (config.hmac_secret) {
    const signature = headers[SIGNATURE_HEADER];
    if (!verifySignature(config.hmac_secret, body, String(signature ?? ''), clock.now()))
      throw new DoctorError(
        'UNAUTHORIZED',
        `header ${SIGNATURE_HEADER} is missing, too old or not of this body`,
      );
  }
  if (config.token && !sameSecret(tokenOf(headers) ?? queryToken ?? '', config.token))
    throw new DoctorError('UNAUTHORIZED', 'the token is missing or wrong');
}
