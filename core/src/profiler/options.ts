import type { ConfigSchema } from '../plugin-api/define-plugin.js';

/** Section `profiler` of the configuration. */
export const profilerOptions = {
  type: {
    doc: 'poc: show the time line of a fault (T00 to T09) on the terminal; none: do not. Reports have it always',
    format: ['none', 'poc'],
    default: 'poc',
    env: 'PROFILER_TYPE',
  },
} satisfies ConfigSchema;
