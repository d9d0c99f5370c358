import { DoctorError } from '../errors/index.js';
import { type ActiveFault, type FaultQuery, SEVERITIES, type Severity } from './fault.js';
import { parseUtc } from './utc.js';

/**
 * A test for faults: all given conditions must hold. Cleared and suppressed faults only with `includeCleared`.
 * @throws DoctorError INPUT_INVALID that names the field
 */
export function faultFilter(query: FaultQuery): (fault: ActiveFault) => boolean {
  const from = timeOf('from', query.from);
  const to = timeOf('to', query.to);
  const least = query.minimumSeverity === undefined ? 0 : rank(query.minimumSeverity);
  return (fault) => {
    if (!query.includeCleared && fault.state !== 'active') return false;
    if (query.resource !== undefined && !concerns(fault, query.resource)) return false;
    if (query.type !== undefined && fault.type !== query.type) return false;
    if (SEVERITIES.indexOf(fault.severity) < least) return false;
    const raised = Date.parse(fault.raisedAt);
    return (from === undefined || raised >= from) && (to === undefined || raised <= to);
  };
}

const concerns = (fault: ActiveFault, resource: string) =>
  fault.resource === resource || fault.affectedInstances.includes(resource);

function rank(severity: Severity): number {
  const index = SEVERITIES.indexOf(severity);
  if (index >= 0) return index;
  throw invalid(
    'minimumSeverity',
    `must be one of ${SEVERITIES.join(', ')}, found ${JSON.stringify(severity)}`,
  );
}

function timeOf(field: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const time = parseUtc(text);
  if (time !== undefined) return time;
  throw invalid(field, `must be an ISO 8601 date and time, found ${JSON.stringify(text).slice(0, 80)}`);
}

const invalid = (field: string, found: string) =>
  new DoctorError('INPUT_INVALID', `${field}: ${found}`, { details: { field } });
