import type { CloudClock } from '../clock.js';
import { newTokenId } from '../ids.js';
import type { Project, Role, User } from './store.js';

/** A token that Keystone issued; the services read the caller from it. */
export interface Token {
  readonly id: string;
  readonly auditId: string;
  readonly methods: readonly string[];
  readonly user: User;
  /** Present when the scope is a project. */
  readonly project: Project | undefined;
  /** Whether the scope is the system. */
  readonly system: boolean;
  /** Id of the domain when the scope is a domain. */
  readonly domainId: string | undefined;
  readonly roles: readonly Role[];
  /** Whether the roles hold `admin`. */
  readonly admin: boolean;
  /** The application credential it was got with. */
  readonly credentialId: string | undefined;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** Issued tokens, by id. Expired ones are dropped when they are looked up, and swept now and then. */
export class TokenStore {
  readonly #tokens = new Map<string, Token>();
  readonly #clock: CloudClock;
  readonly #lifetimeMs: number;
  #issuedSinceSweep = 0;

  constructor(clock: CloudClock, lifetimeMs: number) {
    this.#clock = clock;
    this.#lifetimeMs = lifetimeMs;
  }

  /** Issues a token; `expiresAt` caps its life (a token got with a token does not outlive it). */
  issue(
    fields: Omit<Token, 'id' | 'auditId' | 'issuedAt' | 'expiresAt' | 'admin'>,
    expiresAt = Number.POSITIVE_INFINITY,
  ): Token {
    this.#sweep();
    const now = this.#clock.now();
    const id = newTokenId();
    const token: Token = {
      ...fields,
      id,
      auditId: id.slice(-22),
      admin: fields.roles.some((role) => role.name === 'admin'),
      issuedAt: now,
      expiresAt: Math.min(now + this.#lifetimeMs, expiresAt),
    };
    this.#tokens.set(id, token);
    return token;
  }

  /** The token, if it is known and has not expired. */
  find(id: string): Token | undefined {
    const token = this.#tokens.get(id);
    if (token === undefined) return undefined;
    if (token.expiresAt > this.#clock.now() && token.user.enabled) return token;
    this.#tokens.delete(id);
    return undefined;
  }

  revoke(id: string): void {
    this.#tokens.delete(id);
  }

  /** Revokes every token for which the condition holds; all of them when it is left out. */
  revokeWhere(condition: (token: Token) => boolean = () => true): void {
    for (const token of this.#tokens.values()) if (condition(token)) this.#tokens.delete(token.id);
  }

  #sweep(): void {
    this.#issuedSinceSweep += 1;
    if (this.#issuedSinceSweep < 1000) return;
    this.#issuedSinceSweep = 0;
    const now = this.#clock.now();
    this.revokeWhere((token) => token.expiresAt <= now);
  }
}
