import { benchInspector } from './inspector.js';
import { benchNotifier } from './notifier.js';
import type { BenchRow } from './rows.js';

/** What `npm run bench` measures, by name. */
export const benches: Record<string, () => Promise<BenchRow[]>> = {
  inspector: benchInspector,
  notifier: benchNotifier,
};
