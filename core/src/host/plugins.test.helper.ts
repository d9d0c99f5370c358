import {
  type ConfigSchema,
  definePlugin,
  type Dependencies,
  type Plugin,
} from '../plugin-api/define-plugin.js';
import type { Role, RoleName } from '../roles/index.js';

/** What happened to the roles of a test, in order: `start inspector`, `stop inspector`, ... */
export type Journal = string[];

export interface FakeRole {
  role: RoleName;
  type?: string;
  config?: ConfigSchema;
  deps?: Dependencies;
  create?: (ctx: { config: unknown; defer(fn: () => void): void }, deps: Record<string, unknown>) => unknown;
  start?: (signal: AbortSignal) => Promise<void>;
  stop?: (signal: AbortSignal) => Promise<void>;
  health?: Role['health'];
}

/** A plugin whose roles do nothing but tell that they were called. */
export function fakePlugin(name: string, roles: readonly FakeRole[], journal: Journal = []): Plugin {
  return definePlugin({
    manifest: { name, version: '1.0.0', apiVersion: '^1.0.0' },
    provides: roles.map((fake) => ({
      role: fake.role,
      type: fake.type ?? 'sample',
      doc: `fake ${fake.role}`,
      ...(fake.config ? { config: fake.config } : {}),
      ...(fake.deps ? { deps: fake.deps } : {}),
      create(ctx: never, deps: never) {
        journal.push(`create ${fake.role}`);
        return fake.create ? fake.create(ctx, deps) : fakeRole(fake, journal);
      },
    })),
  });
}

export function fakeRole(fake: FakeRole, journal: Journal): Role {
  return {
    async start(signal) {
      journal.push(`start ${fake.role}`);
      await fake.start?.(signal);
    },
    async stop(signal) {
      journal.push(`stop ${fake.role}`);
      await fake.stop?.(signal);
    },
    health: fake.health ?? (() => ({ status: 'up', detail: '' })),
  };
}
