import { core, provide } from '@nfv-doctor/core/plugin-api';
import { VitrageClient } from '../client.js';
import { TEMPLATE_NAME } from '../template.js';
import { VitrageInspector } from './vitrage-inspector.js';

export const vitrageInspector = provide({
  role: 'inspector',
  type: 'vitrage',
  doc: 'posts events to Vitrage, whose template marks the host and its instances down',
  config: {
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
  },
  deps: { cloud: core.cloudSession, clock: core.clock, events: core.events, run: core.run },
  create: (ctx, deps) => new VitrageInspector(ctx, deps, new VitrageClient(deps.cloud)),
});
