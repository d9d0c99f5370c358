import type { Clock, TokenInfo } from '@nfv-doctor/core/plugin-api';

const MOST = 10_000;

/** Remembers for seconds what Keystone said about other people's tokens. */
export class TokenValidator {
  readonly #answers = new Map<string, { until: number; answer: Promise<TokenInfo | undefined> }>();

  constructor(
    private readonly ask: (token: string) => Promise<TokenInfo | undefined>,
    private readonly clock: Clock,
    private readonly cacheMs: number,
  ) {}

  validate(token: string): Promise<TokenInfo | undefined> {
    const now = this.clock.monotonic();
    const known = this.#answers.get(token);
    if (known && known.until > now) return known.answer;
    if (this.#answers.size >= MOST) this.#forget(now);
    const answer = this.ask(token).then((info) =>
      info && Date.parse(info.expiresAt) <= this.clock.now() ? undefined : info,
    );
    this.#answers.set(token, { until: now + this.cacheMs, answer });
    // that Keystone could not be asked says nothing about the token
    answer.catch(() => this.#answers.delete(token));
    return answer;
  }

  #forget(now: number): void {
    for (const [token, { until }] of this.#answers) if (until <= now) this.#answers.delete(token);
    if (this.#answers.size >= MOST) this.#answers.clear();
  }
}
