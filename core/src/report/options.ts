import type { ConfigSchema } from '../plugin-api/define-plugin.js';

/** Section `report` of the configuration. */
export const reportOptions = {
  folder: {
    doc: 'folder that gets a folder per run: result.json, junit.xml, report.html, events.jsonl',
    format: 'path',
    default: 'reports',
  },
} satisfies ConfigSchema;
