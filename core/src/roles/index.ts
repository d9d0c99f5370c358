import type { AdminTool } from './admin-tool.js';
import type { AppManager } from './app-manager.js';
import type { CloudSession } from './cloud-session.js';
import type { Consumer } from './consumer.js';
import type { Controller } from './controller/index.js';
import type { Inspector } from './inspector.js';
import type { Installer } from './installer.js';
import type { MessageBus } from './message-bus.js';
import type { Monitor } from './monitor.js';
import type { Notifier } from './notifier.js';

export type * from './admin-tool.js';
export type * from './app-manager.js';
export type * from './cloud-session.js';
export type * from './consumer.js';
export type * from './controller/index.js';
export type * from './inspector.js';
export type * from './installer.js';
export type * from './message-bus.js';
export type * from './monitor.js';
export type * from './notifier.js';
export type * from './role.js';

/** Role name (= configuration section) to interface. */
export interface Roles {
  installer: Installer;
  message_bus: MessageBus;
  cloud: CloudSession;
  controller: Controller;
  notifier: Notifier;
  inspector: Inspector;
  monitor: Monitor;
  consumer: Consumer;
  app_manager: AppManager;
  admin_tool: AdminTool;
}
export type RoleName = keyof Roles;

/** Every role, infrastructure first. */
export const ROLE_NAMES = [
  'message_bus',
  'installer',
  'cloud',
  'controller',
  'notifier',
  'inspector',
  'monitor',
  'consumer',
  'app_manager',
  'admin_tool',
] as const satisfies readonly RoleName[];
