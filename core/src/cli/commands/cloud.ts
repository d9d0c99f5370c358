import { once } from 'node:events';
import type { Command } from 'commander';
import { stringify } from 'yaml';
import type { CloudCredentials } from '../../domain/credentials.js';
import { DoctorError } from '../../errors/index.js';
import type { Doctor } from '../../host/index.js';
import type { RoleName } from '../../roles/index.js';
import type { CliContext } from '../context.js';
import { EXIT } from '../exit.js';

/** `doctor cloud` */
export function register(program: Command, context: CliContext): void {
  program
    .command('cloud')
    .description('run the embedded cloud alone; print OS_* variables and a clouds.yaml to use it with')
    .option(
      '--message-bus',
      "run the message bus, too: it carries the cloud's notifications to other processes",
    )
    .action(async ({ messageBus }: { messageBus?: boolean }, command: Command) => {
      const roles: RoleName[] = messageBus ? ['installer', 'message_bus'] : ['installer'];
      const doctor = await context.createDoctor(command, { roles });
      await doctor.start(context.signal);
      try {
        const installer = doctor.role('installer');
        const credentials = await installer.credentials();
        if (!credentials) throw noCredentials(doctor.plugins.installer);
        const access = { ...(await installer.describeAccess?.()), ...(messageBus && busAccess(doctor)) };
        const { json } = context.globals(command);
        context.out(json ? asJson(credentials, access) : asText(credentials, access));
        context.note('running; SIGTERM or Ctrl-C stops');
        if (!context.signal.aborted) await once(context.signal, 'abort');
      } finally {
        await doctor.stop();
      }
      context.exitCode(context.interruptedBy() === 'SIGINT' ? EXIT.interrupted : EXIT.passed);
    });
}

/** Where other processes reach the bus, when it listens. */
function busAccess(doctor: Doctor): Record<string, string> {
  const { endpoint } = doctor.role('message_bus') as { endpoint?: URL };
  return endpoint ? { message_bus: endpoint.href } : {};
}

const noCredentials = (type = '') =>
  new DoctorError(
    'INPUT_INVALID',
    `the installer "${type}" has no cloud of its own; use installer.type=embedded`,
  );

const asJson = (credentials: CloudCredentials, access: Record<string, string>) =>
  JSON.stringify({ environment: environment(credentials), clouds: cloudsYaml(credentials), access });

function asText(credentials: CloudCredentials, access: Record<string, string>): string {
  const variables = Object.entries(environment(credentials)).map(
    ([name, value]) => `export ${name}=${shellWord(value)}`,
  );
  const clouds = stringify(cloudsYaml(credentials)).trimEnd().split('\n');
  return [
    ...variables,
    '',
    '# clouds.yaml (openstack --os-cloud doctor ...)',
    ...clouds.map((line) => `# ${line}`),
    ...(Object.keys(access).length > 0
      ? ['', ...Object.entries(access).map(([name, value]) => `# ${name}: ${value}`)]
      : []),
  ].join('\n');
}

/** What is printed can be given to `eval` as it is. */
const shellWord = (text: string) =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

/** The variables of openstacksdk. */
export function environment(credentials: CloudCredentials): Record<string, string> {
  const entries: [string, string | undefined][] = [
    ['OS_AUTH_URL', credentials.authUrl],
    ['OS_IDENTITY_API_VERSION', '3'],
    ['OS_USERNAME', credentials.username],
    ['OS_PASSWORD', credentials.password],
    ['OS_USER_DOMAIN_NAME', credentials.userDomainName],
    ['OS_USER_DOMAIN_ID', credentials.userDomainId],
    ['OS_PROJECT_NAME', credentials.projectName],
    ['OS_PROJECT_ID', credentials.projectName === undefined ? credentials.projectId : undefined],
    ['OS_PROJECT_DOMAIN_NAME', credentials.projectDomainName],
    ['OS_PROJECT_DOMAIN_ID', credentials.projectDomainId],
    ['OS_REGION_NAME', credentials.regionName],
    ['OS_INTERFACE', credentials.interface],
    ['OS_CACERT', credentials.cacert],
  ];
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** The same as a clouds.yaml with a cloud named `doctor`. */
export function cloudsYaml(credentials: CloudCredentials): unknown {
  const {
    OS_IDENTITY_API_VERSION: version,
    OS_REGION_NAME: region,
    OS_INTERFACE: view,
    OS_CACERT: cacert,
    ...auth
  } = environment(credentials);
  const keys = Object.entries(auth).map(([name, value]) => [name.slice('OS_'.length).toLowerCase(), value]);
  return {
    clouds: {
      doctor: {
        auth: Object.fromEntries(keys),
        identity_api_version: Number(version),
        ...(region ? { region_name: region } : {}),
        ...(view ? { interface: view } : {}),
        ...(cacert ? { cacert } : {}),
      },
    },
  };
}
