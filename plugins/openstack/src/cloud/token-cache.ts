import type { Clock } from '@nfv-doctor/core/plugin-api';
import type { IssuedToken } from './keystone.js';
import { singleFlight } from './single-flight.js';

/** One token for everybody, renewed by the first who needs it. */
export class TokenCache {
  #token: IssuedToken | undefined;
  #renewAt = 0;
  readonly #renew: () => Promise<IssuedToken>;

  constructor(
    issue: () => Promise<IssuedToken>,
    private readonly clock: Clock,
    renewBeforeMs: number,
  ) {
    this.#renew = singleFlight(async () => {
      const token = await issue();
      const life = token.expiresAt - token.issuedAt;
      this.#renewAt = token.expiresAt - Math.min(renewBeforeMs, life / 10);
      this.#token = token;
      return token;
    });
  }

  /** The cached token, or a new one when it is about to end. */
  get(): IssuedToken | Promise<IssuedToken> {
    const token = this.#token;
    return token && this.clock.now() < this.#renewAt ? token : this.#renew();
  }

  /** A service refused this token: the next one who asks gets another. Does nothing when it was replaced already. */
  refuse(value: string): void {
    if (this.#token?.value === value) this.#token = undefined;
  }

  /** The token, if there is one, without asking for another. */
  peek(): IssuedToken | undefined {
    return this.#token;
  }
}
