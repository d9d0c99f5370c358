import { DoctorError } from '@nfv-doctor/core/plugin-api';

/** `log:` writes the alarm into Doctor's log only, as with Aodh. */
const SCHEMES = new Set(['http:', 'https:', 'log:']);

/** The actions, when all are URLs that can be notified. @throws DoctorError INPUT_INVALID */
export function checkActions(field: string, actions: readonly string[] = []): string[] {
  for (const [index, action] of actions.entries()) {
    const url = URL.canParse(action) ? new URL(action) : undefined;
    if (url && SCHEMES.has(url.protocol)) continue;
    throw new DoctorError(
      'INPUT_INVALID',
      `${field}.${index} must be a URL with scheme http, https or log, found ${JSON.stringify(action.slice(0, 100))}`,
      { details: { field: `${field}.${index}` } },
    );
  }
  return [...actions];
}
