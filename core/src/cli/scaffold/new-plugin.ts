import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suggestion } from '../../config/problem.js';
import { DoctorError } from '../../errors/index.js';
import { PLUGIN_API_VERSION } from '../../plugin-api/version.js';
import { doctorVersion } from '../version.js';

/** `common` goes into every package, the others are named after their role. */
const TEMPLATES = fileURLToPath(new URL('../../../templates/', import.meta.url));
const COMMON = 'common';
const SUFFIX = '.tmpl';

/** Roles that there is a template for. */
export const templateRoles = (): string[] =>
  readdirSync(TEMPLATES)
    .filter((name) => name !== COMMON)
    .toSorted();

const pascalCase = (name: string) =>
  name.replaceAll(/(?:^|[-_])(.)/g, (_, letter: string) => letter.toUpperCase());
const camelCase = (name: string) => pascalCase(name).replace(/^./, (letter) => letter.toLowerCase());

function placeholders(name: string, role: string): Record<string, string> {
  return {
    __name__: name,
    __Name__: pascalCase(name),
    __camelName__: camelCase(name),
    __role__: role,
    __Role__: pascalCase(role),
    __version__: doctorVersion(),
    __apiVersion__: PLUGIN_API_VERSION,
  };
}

const fill = (text: string, values: Readonly<Record<string, string>>) =>
  text.replaceAll(/__[a-zA-Z]+?__/g, (placeholder) => values[placeholder] ?? placeholder);

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

function check(name: string, role: string, folder: string): void {
  const roles = templateRoles();
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name))
    throw new DoctorError(
      'INPUT_INVALID',
      `the name "${name}" must be small letters, digits and single "-", as in "link-watch"`,
    );
  if (!roles.includes(role))
    throw new DoctorError(
      'INPUT_INVALID',
      `there is no template for the role "${role}"${suggestion(role, roles)}; templates: ${roles.join(', ')}`,
    );
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new DoctorError('CONFLICT', `${folder} is there already and not empty; give another --folder`);
}

/** Writes a package that builds, lints and passes its tests. @returns the files written, relative to `folder` */
export function newPlugin(name: string, role: string, folder: string): string[] {
  const target = resolve(folder);
  check(name, role, target);
  const values = placeholders(name, role);
  return [COMMON, role].flatMap((template) => {
    const from = join(TEMPLATES, template);
    return filesBelow(from).map((file) => {
      const path = fill(relative(from, file).slice(0, -SUFFIX.length), values);
      write(join(target, path), fill(readFileSync(file, 'utf8'), values));
      return path;
    });
  });
}

function write(file: string, text: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { flag: 'wx' });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new DoctorError('FILE_UNWRITABLE', `${file} cannot be written (${code ?? String(error)})`, {
      cause: error,
    });
  }
}
