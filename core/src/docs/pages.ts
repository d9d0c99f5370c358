import { fileURLToPath } from 'node:url';
import { configJsonSchema, configReference } from '../config/index.js';
import { configSections, type Installed } from '../host/index.js';
import { ResultSchema } from '../report/result-schema.js';
import { errorReference } from './errors-page.js';
import { rolesReference } from './roles-page.js';

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

/** Everything under docs/reference that is generated: its text by the name of the file. */
export function referencePages(installed: Installed): Record<string, string> {
  const sections = configSections(installed);
  return {
    'configuration.md': `${configReference(sections).trimEnd()}\n`,
    'configuration.schema.json': json(configJsonSchema(sections)),
    'errors.md': errorReference(),
    'roles.md': rolesReference(fileURLToPath(new URL('../../src/roles', import.meta.url))),
    'result.schema.json': json({ $schema: 'http://json-schema.org/draft-07/schema#', ...ResultSchema }),
  };
}
