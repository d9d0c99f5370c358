import {
  type Clock,
  DoctorError,
  formatUtc,
  type Host,
  type MaintenanceRequest,
  parseUtc,
} from '@nfv-doctor/core/plugin-api';

/**
 * What Fenix would answer with a bare 500, or take and fail later without a word.
 * @param hosts all hosts; undefined: they are not known
 * @throws DoctorError MAINTENANCE_REFUSED with all reasons
 */
export function refuseHopeless(
  request: MaintenanceRequest,
  hosts: readonly Host[] | undefined,
  { clock, minimumLeadMs }: { clock: Clock; minimumLeadMs: number },
): { maintenanceAt: number; hostnames: string[] } {
  const reasons: string[] = [];
  const maintenanceAt = parseUtc(request.maintenance_at);
  const earliest = clock.now() + minimumLeadMs;
  if (maintenanceAt === undefined)
    reasons.push(
      `maintenance_at: must be a date and time (UTC), found ${JSON.stringify(request.maintenance_at)}`,
    );
  else if (maintenanceAt < earliest)
    reasons.push(
      `maintenance_at: ${formatUtc(maintenanceAt)} is too early, it must not be before ${formatUtc(earliest)}`,
    );
  const wanted = request.hosts ?? [];
  const known = new Map(hosts?.map((host) => [host.hostname, host]));
  if (hosts)
    for (const hostname of wanted)
      if (!known.has(hostname))
        reasons.push(`hosts: the cloud has no host ${hostname}; it has ${[...known.keys()].join(', ')}`);
  const hostnames = wanted.length > 0 ? [...wanted] : [...known.keys()];
  for (const hostname of hostnames) {
    const host = known.get(hostname);
    if (host?.status === 'disabled')
      reasons.push(
        `hosts: ${hostname} is disabled${host.disabledReason ? ` (${host.disabledReason})` : ''}, perhaps left over by a failed session: enable it, or leave it out`,
      );
  }
  if (reasons.length > 0 || maintenanceAt === undefined)
    throw new DoctorError('MAINTENANCE_REFUSED', `Fenix is not asked: ${reasons.join('; ')}`, {
      details: { reasons },
    });
  return { maintenanceAt, hostnames };
}
