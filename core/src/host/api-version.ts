const VERSION = /^([~^]|>=)?\s*v?(\d+)(?:\.(\d+|x|\*))?(?:\.(\d+|x|\*))?(?:-[\w.-]+)?$/;

/**
 * The rule of the plugin API: same major, and the plugin's minor is not above the host's.
 * @param range what the plugin was built for, e.g. `^1.0.0`
 * @returns undefined when `range` is no version
 */
export function fitsApiVersion(range: string, host: string): boolean | undefined {
  const wanted = VERSION.exec(range.trim());
  const [major, minor] = host.split('.').map(Number);
  if (!wanted || major === undefined || minor === undefined) return undefined;
  const wantedMinor = Number(wanted[3] ?? 0);
  return Number(wanted[2]) === major && (Number.isNaN(wantedMinor) || wantedMinor <= minor);
}
