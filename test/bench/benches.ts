import { benchIdle } from './idle.js';
import { benchInspector } from './inspector.js';
import { benchMonitor } from './monitor.js';
import { benchMaintenance } from './maintenance.js';
import { benchNotification } from './notification.js';
import { benchNotifier } from './notifier.js';
import type { BenchRow } from './rows.js';

/** What `npm run bench` measures, by name. */
export const benches: Record<string, () => Promise<BenchRow[]>> = {
  notification: benchNotification,
  inspector: benchInspector,
  notifier: benchNotifier,
  monitor: benchMonitor,
  maintenance: benchMaintenance,
  idle: benchIdle,
};
