import type { ConfigurationInput, Doctor } from '../../host/index.js';
import { createDoctor } from '../../host/index.js';
import { problemsOf } from '../../errors/index.js';
import type { AnyProvider } from '../../host/load-plugin.js';
import { type Finding, ok, wrong } from './finding.js';

/** What a role that has stopped must not hold. Not timers (they may be unreferenced) and pipes (standard output is one). */
const HELD = new Set(['TCPServerWrap', 'TCPSocketWrap', 'UDPWrap', 'ProcessWrap']);

function held(): Map<string, number> {
  const count = new Map<string, number>();
  for (const name of process.getActiveResourcesInfo())
    if (HELD.has(name)) count.set(name, (count.get(name) ?? 0) + 1);
  return count;
}

const more = (before: Map<string, number>, after: Map<string, number>) =>
  [...after].filter(([name, count]) => count > (before.get(name) ?? 0)).map(([name]) => name);

/** Time for sockets to be gone after their close. */
const SETTLE_MS = 2000;

async function released(before: Map<string, number>): Promise<string[]> {
  const deadline = performance.now() + SETTLE_MS;
  while (more(before, held()).length > 0 && performance.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 20));
  return more(before, held());
}

const told = (error: unknown): Finding[] => problemsOf(error).map(({ message }) => wrong(message));

/** Creates, starts, asks and stops one role with everything it needs, as a run would. */
export async function checkLife(
  provider: AnyProvider,
  input: ConfigurationInput,
  signal: AbortSignal,
): Promise<Finding[]> {
  const name = `${provider.role} ${provider.type}`;
  const before = held();
  let doctor: Doctor;
  try {
    doctor = await createDoctor(input);
  } catch (error) {
    return told(error);
  }
  const findings: Finding[] = [];
  const early = more(before, held());
  findings.push(
    early.length === 0
      ? ok(`${name}: create opens nothing`)
      : wrong(`${name}: create opens ${early.join(', ')}; open it in start`),
  );
  try {
    await doctor.start(signal);
  } catch (error) {
    return [...findings, ...told(error)];
  }
  findings.push(ok(`${name}: starts within host.start_timeout`), await checkHealth(name, provider, doctor));
  return [...findings, ...(await checkStop(name, provider, doctor, before))];
}

async function checkHealth(name: string, provider: AnyProvider, doctor: Doctor): Promise<Finding> {
  const health = (await doctor.health())[provider.role as string];
  if (!health || !['up', 'degraded', 'down'].includes(health.status) || typeof health.detail !== 'string')
    return wrong(`${name}: health must be {status: up, degraded or down, detail: a text}`);
  return health.status === 'down'
    ? wrong(`${name}: is down after its start: ${health.detail}`)
    : ok(`${name}: says how it is: ${health.status}`);
}

async function checkStop(
  name: string,
  provider: AnyProvider,
  doctor: Doctor,
  before: Map<string, number>,
): Promise<Finding[]> {
  const role = doctor.role(provider.role as 'monitor');
  try {
    await doctor.stop();
    await role.stop(AbortSignal.timeout(SETTLE_MS));
  } catch (error) {
    return told(error);
  }
  const left = await released(before);
  return [
    ok(`${name}: stops, also a second time`),
    left.length === 0
      ? ok(`${name}: leaves nothing open`)
      : wrong(`${name}: leaves ${left.join(', ')} open after stop`),
  ];
}
