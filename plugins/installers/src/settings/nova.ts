import { withOption } from './ini.js';

/** nova.conf with as many virtual CPUs as there are real ones: what a maintenance session counts on. */
export const withCpuAllocationRatio = (text: string, ratio: number): string =>
  withOption(text, 'DEFAULT', 'cpu_allocation_ratio', ratio.toFixed(1));
