import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { DoctorError } from '@nfv-doctor/core/plugin-api';
import { parse } from 'yaml';
import { type CloudOptions, isObject } from './options.js';

/** The clouds of clouds.yaml, with the secrets of secure.yaml merged in. */
export interface CloudsFile {
  /** Where it was found. */
  path: string;
  clouds: Record<string, CloudOptions>;
}

export interface SearchOptions {
  env: NodeJS.ProcessEnv;
  /** Current folder; default the process'. */
  cwd?: string;
  home?: string;
}

const EXTENSIONS = ['yaml', 'yml', 'json'];

/** Reads the first clouds.yaml in openstacksdk's order: OS_CLIENT_CONFIG_FILE, ./, ~/.config/openstack, /etc/openstack. */
export async function readCloudsFile(options: SearchOptions): Promise<CloudsFile | undefined> {
  const { env } = options;
  const found = await firstOf(candidates('clouds', env['OS_CLIENT_CONFIG_FILE'], options));
  if (!found) return undefined;
  const secure = await firstOf(candidates('secure', env['OS_CLIENT_SECURE_FILE'], options));
  const content = secure ? mergeDeep(found.content, secure.content) : found.content;
  const clouds = content['clouds'];
  if (!isObject(clouds))
    throw new DoctorError('CONFIG_FILE', `${found.path} has no "clouds" section with clouds by name`);
  const checked: Record<string, CloudOptions> = {};
  for (const [name, cloud] of Object.entries(clouds)) if (isObject(cloud)) checked[name] = cloud;
  return { path: found.path, clouds: checked };
}

function candidates(name: string, override: string | undefined, options: SearchOptions): string[] {
  const { cwd = process.cwd(), home = homedir() } = options;
  const folders = [cwd, join(home, '.config', 'openstack'), '/etc/openstack'];
  const paths = folders.flatMap((folder) =>
    EXTENSIONS.map((extension) => join(folder, `${name}.${extension}`)),
  );
  return override ? [override, ...paths] : paths;
}

async function firstOf(
  paths: string[],
): Promise<{ path: string; content: Record<string, unknown> } | undefined> {
  for (const path of paths) {
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
      throw new DoctorError('CONFIG_FILE', `cannot read ${path}: ${error.code ?? 'unknown error'}`);
    });
    if (text !== undefined) return { path, content: parseFile(path, text) };
  }
  return undefined;
}

function parseFile(path: string, text: string): Record<string, unknown> {
  let content: unknown;
  try {
    content = parse(text);
  } catch {
    // the parser's message quotes the line, which may hold a password
    throw new DoctorError('CONFIG_FILE', `${path} is not valid YAML`);
  }
  if (content === null || content === undefined) return {};
  if (!isObject(content)) throw new DoctorError('CONFIG_FILE', `${path} must be a mapping`);
  return content;
}

/** `over` wins; mappings are merged. */
export function mergeDeep(base: Record<string, unknown>, over: Record<string, unknown>) {
  const result: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const before = result[key];
    result[key] = isObject(before) && isObject(value) ? mergeDeep(before, value) : value;
  }
  return result;
}

/** Options of one cloud; a `regions` list gives the default region. */
export function cloudOf(file: CloudsFile, name: string): CloudOptions {
  const cloud = file.clouds[name];
  if (!cloud) {
    const names = Object.keys(file.clouds).join(', ') || 'none';
    throw new DoctorError('CONFIG_INVALID', `cloud ${name} is not in ${file.path}; it has: ${names}`);
  }
  const regions = cloud['regions'];
  const first: unknown = Array.isArray(regions) ? regions[0] : undefined;
  if (first === undefined || cloud['region_name'] !== undefined) return cloud;
  return { ...cloud, region_name: isObject(first) ? first['name'] : first };
}
