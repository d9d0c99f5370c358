import { checkMetadata } from '../../host/catalogue.js';
import { needsOf } from '../../host/dependencies.js';
import { type AnyProvider, checkConfigSchema } from '../../host/load-plugin.js';
import type { PluginPackage } from '../../host/plugin-package.js';
import { flattenSchema, type Option } from '../../config/index.js';
import { problemsOf } from '../../errors/index.js';
import { type Finding, ok, wrong } from './finding.js';

/** Runs a check that throws; every problem of it is a finding. */
export function finding(text: string, check: () => void): Finding[] {
  try {
    check();
    return [ok(text)];
  } catch (error) {
    return problemsOf(error).map(({ message }) => wrong(message));
  }
}

const SECRET_NAME = /(^|_)(password|passwd|secret|token|api_key|private_key)$/;

/** Everything about the providers that can be said without creating them. */
export function checkProviders(pack: PluginPackage, providers: readonly AnyProvider[]): Finding[] {
  return [
    ...finding('package.json and the module say the same', () => checkMetadata(pack, providers)),
    ...providers.flatMap((provider) => {
      const name = `${provider.role} ${provider.type}`;
      return [
        ...finding(
          `${name}: all dependencies are tokens that core provides`,
          () => void needsOf(provider, pack.name),
        ),
        ...finding(`${name}: the configuration schema is valid, its defaults too`, () =>
          checkConfigSchema(pack.name, provider),
        ),
        ...checkOptions(name, provider),
      ];
    }),
  ];
}

function checkOptions(name: string, provider: AnyProvider): Finding[] {
  let options: Option[];
  try {
    options = flattenSchema(provider.config ?? {}, [provider.role]).filter(
      ({ holds }) => holds === undefined,
    );
  } catch {
    return []; // told already
  }
  const undocumented = options.filter(({ doc }) => doc.trim() === '').map(({ key }) => key);
  const open = options
    .filter(({ path, sensitive }) => SECRET_NAME.test(path.at(-1) ?? '') && !sensitive)
    .map(({ key }) => key);
  return [
    undocumented.length === 0
      ? ok(`${name}: every option says what it does`)
      : wrong(`${name}: say what these options do: ${undocumented.join(', ')}`),
    ...(open.length === 0
      ? []
      : [wrong(`${name}: mark as sensitive, else they are shown: ${open.join(', ')}`)]),
  ];
}
