import type { Clock } from '@nfv-doctor/core/plugin-api';
import type { ExecutionContext } from 'ava';
import { OpenstackController } from '../controller/controller.js';
import { type FakeCloud, startFakeCloud } from './fake-cloud.test.util.js';
import { type Exchange, fixture } from './fixtures.test.util.js';
import { createSession } from './session.test.util.js';

export interface TestController {
  cloud: FakeCloud;
  controller: OpenstackController;
  /** Answers a route as it was recorded; gives the recording. */
  replay(name: string): Exchange;
}

/** A controller on a fake cloud whose Nova offers microversions up to `maximum`. */
export async function createController(
  t: ExecutionContext,
  clock: Clock,
  maximum = '2.93',
): Promise<TestController> {
  const cloud = await startFakeCloud();
  const { session } = createSession(clock, cloud.url);
  t.teardown(async () => {
    await session.stop();
    await cloud.close();
  });
  cloud.on('GET /compute/v2.1/', { json: { version: { min_version: '2.1', version: maximum } } });
  return {
    cloud,
    controller: new OpenstackController(session, { adminRoles: ['admin'] }),
    replay(name) {
      const exchange = fixture(name);
      const { status, body } = exchange.response;
      const path = pathHere(exchange.request.url);
      cloud.on(`${exchange.request.method} ${path}`, { status, ...(body === '' ? {} : { json: body }) });
      return exchange;
    },
  };
}

const SERVICES: Record<string, string> = {
  '8774': '/compute',
  '9696': '/network',
  '9292': '/image',
  '5000': '/identity',
};

/** The path of a recorded request on the fake cloud, which has all services on one port. */
export function pathHere(url: string): string {
  const { port, pathname } = new URL(url);
  return `${SERVICES[port] ?? ''}${pathname}`;
}
