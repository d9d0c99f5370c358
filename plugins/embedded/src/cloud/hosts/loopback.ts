import { randomInt } from 'node:crypto';
import { EchoResponder } from './echo-responder.js';

/** Tries before it is given up to find a free part of 127/8. */
const TRIES = 20;

/**
 * Opens one responder per host, on consecutive addresses of a part of 127/8 that nobody else uses
 * (127.x.y.z with x and y drawn per cloud, z from 1 on).
 */
export async function openLoopbackHosts(count: number): Promise<EchoResponder[]> {
  for (let tries = 1; ; tries += 1) {
    const base = randomInt(16, 250) * 65_536 + randomInt(0, 250) * 256;
    const responders: EchoResponder[] = [];
    try {
      for (let index = 0; index < count; index += 1) {
        const responder = new EchoResponder(toAddress(base + 1 + index + Math.floor(index / 254) * 2));
        responders.push(responder);
        await responder.open();
      }
      return responders;
    } catch (error) {
      await Promise.all(responders.map((responder) => responder.close()));
      if (tries === TRIES) throw error;
    }
  }
}

const toAddress = (offset: number): string =>
  `127.${(offset >> 16) & 255}.${(offset >> 8) & 255}.${offset & 255}`;
