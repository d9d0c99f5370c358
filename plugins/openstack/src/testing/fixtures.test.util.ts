import { readFileSync } from 'node:fs';

const FIXTURES = new URL('../../../../test/fixtures/openstack/', import.meta.url);

/** An exchange recorded on a real cloud. */
export interface Exchange {
  request: { method: string; url: string; body: unknown; headers: Record<string, string> };
  response: { status: number; body: unknown; headers: Record<string, string> };
}

export const fixture = (name: string): Exchange =>
  JSON.parse(readFileSync(new URL(`${name}.json`, FIXTURES), 'utf8')) as Exchange;
