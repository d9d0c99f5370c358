import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { DoctorError } from '@nfv-doctor/core/plugin-api';
import { parse } from 'yaml';

/** Name of the template that Doctor brings along. */
export const TEMPLATE_NAME = 'host_down_scenarios';

/**
 * The reaction to Doctor's `compute.host.down`: the host is marked down, and every instance on it, each with an alarm
 * of its own (Vitrage's template format, version 3).
 */
export const HOST_DOWN_TEMPLATE = {
  metadata: {
    // a text: Vitrage does not know the number
    version: '3',
    name: TEMPLATE_NAME,
    description: 'reaction to the Doctor event compute.host.down',
    type: 'standard',
  },
  entities: {
    host_down_alarm: { category: 'ALARM', type: 'doctor', name: 'compute.host.down' },
    host: { category: 'RESOURCE', type: 'nova.host' },
    instance: { category: 'RESOURCE', type: 'nova.instance' },
  },
  scenarios: [
    {
      condition: 'host_down_alarm [on] host',
      actions: [{ set_state: { state: 'ERROR', target: 'host' } }, { mark_down: { target: 'host' } }],
    },
    {
      condition: 'host_down_alarm [on] host AND host [contains] instance',
      actions: [
        {
          raise_alarm: {
            target: 'instance',
            alarm_name: 'Instance Down',
            severity: 'critical',
            causing_alarm: 'host_down_alarm',
          },
        },
        { set_state: { state: 'ERROR', target: 'instance' } },
        { mark_down: { target: 'instance' } },
      ],
    },
  ],
};

/**
 * The template to upload: the file's, or Doctor's own when no file is named.
 * @throws DoctorError CONFIG_INVALID
 */
export async function loadTemplate(file: string, folder: string): Promise<unknown> {
  if (file === '') return HOST_DOWN_TEMPLATE;
  const path = resolve(folder, file);
  try {
    // every value is a text, as Vitrage's own client reads the file
    return parse(await readFile(path, 'utf8'), { schema: 'failsafe' });
  } catch (error) {
    throw new DoctorError(
      'CONFIG_INVALID',
      `inspector.template_file: ${path}: ${(error as Error).message.split('\n')[0]}`,
    );
  }
}
