import type { ConfigValues } from '@nfv-doctor/core/plugin-api';
import { TEMPLATE_NAME } from '../template.js';

/** Section `inspector` of type `vitrage`. */
export const vitrageConfig = {
  template: { doc: 'template that must be active in Vitrage', format: String, default: TEMPLATE_NAME },
  upload_template: {
    doc: 'adds the template when it is missing, and deletes it on stop',
    format: Boolean,
    default: false,
  },
  template_file: {
    doc: "file of the template to add (YAML); empty: Doctor's own",
    format: String,
    default: '',
  },
  settle_timeout: {
    doc: 'how long to wait for Vitrage to show what it made of an event',
    format: 'duration',
    default: 30_000,
  },
  look_timeout: {
    doc: 'how long a look at the host, for the report, may hold up an event',
    format: 'duration',
    default: 1_000,
  },
};
export type VitrageConfig = ConfigValues<typeof vitrageConfig>;
