import { readFileSync } from 'node:fs';

const FIXTURES = new URL('../../../fixtures/openstack/', import.meta.url);

/** A message as it was recorded on a real cloud's bus. */
export interface RecordedMessage {
  body: string;
  exchange: string;
  routing_key: string;
  content_type: string;
  content_encoding: string;
  properties: { delivery_mode: number; priority: number };
}

export const recorded = (name: string): RecordedMessage =>
  JSON.parse(readFileSync(new URL(name, FIXTURES), 'utf8')) as RecordedMessage;
