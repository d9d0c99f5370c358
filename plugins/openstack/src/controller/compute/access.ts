import type { CloudSession } from '@nfv-doctor/core/plugin-api';

/** What the session's user may see. */
export class Access {
  constructor(
    private readonly cloud: CloudSession,
    private readonly adminRoles: readonly string[],
  ) {}

  /** Whether lists cover all projects. */
  async isAdmin(): Promise<boolean> {
    const { roles } = await this.cloud.identity();
    return roles.some((role) => this.adminRoles.includes(role));
  }
}
