import { DoctorError } from '@nfv-doctor/core/plugin-api';
import { lastLine, quote, type SshSession } from '../ssh/index.js';

/** Exit code of the script for "none of them is here". */
const NONE = 3;

/** Restarts the first of the names that is a unit or a container of this node, and waits until it runs. */
export const restartScript = (names: readonly string[]): string => `set -u
running() { # running COMMAND...: the service says so within ten seconds
  i=0
  until "$@" > /dev/null 2>&1; do i=$((i + 1)); [ "$i" -lt 50 ] || return 1; sleep 0.2; done
}
container_runs() { [ "$("$1" inspect -f '{{.State.Running}}' "$2")" = true ]; }
for name in ${names.map(quote).join(' ')}; do
  if command -v systemctl > /dev/null 2>&1 && systemctl cat "$name.service" > /dev/null 2>&1; then
    systemctl restart "$name.service" || exit 1
    running systemctl is-active --quiet "$name.service" || { echo "unit $name does not come up" >&2; exit 1; }
    echo "unit $name"; exit 0
  fi
done
for engine in podman docker; do
  command -v "$engine" > /dev/null 2>&1 || continue
  for name in ${names.map(quote).join(' ')}; do
    "$engine" inspect "$name" > /dev/null 2>&1 || continue
    "$engine" restart "$name" > /dev/null || exit 1
    running container_runs "$engine" "$name" || { echo "container $name does not come up" >&2; exit 1; }
    echo "$engine $name"; exit 0
  done
done
exit ${NONE}`;

/**
 * @returns what was restarted, e.g. `unit nova-scheduler` or `docker nova_scheduler`; undefined when the node has none of them
 * @throws DoctorError BACKEND_ERROR when it does not come up
 */
export async function restartService(
  session: SshSession,
  names: readonly string[],
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const options = { root: true, timeoutMs, signal, what: `restart ${names[0]}` };
  const { code, stdout, stderr } = await session.execute(restartScript(names), options);
  if (code === NONE) return undefined;
  if (code !== 0)
    throw new DoctorError(
      'BACKEND_ERROR',
      `${session.target.name}: cannot restart ${names.join(' or ')}: ${lastLine(stderr) || `exit code ${code}`}`,
    );
  return lastLine(stdout.toString('utf8'));
}
