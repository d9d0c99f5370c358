import { isIP } from 'node:net';
import { type DeployedHost, DoctorError, type HostAddress } from '@nfv-doctor/core/plugin-api';
import type { MonitorConfig } from './config.js';
import type { HostPolicy, PlaneRule } from './host-policy.js';
import type { ProbeTiming } from './probes/probe.js';

/** How one host is watched. */
export interface HostSettings {
  timing: ProbeTiming;
  policy: HostPolicy;
}

const bad = (path: string, found: string) =>
  new DoctorError('CONFIG_INVALID', `monitor.${path}: ${found}`, { details: { field: `monitor.${path}` } });
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const UNITS: Record<string, number> = { ms: 1, s: 1000, min: 60_000, h: 3_600_000 };

/** ms, of a number or a text such as `200ms` or `2 s`. */
function duration(path: string, value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value) && value > 0) return value;
  const match = typeof value === 'string' ? /^\s*(\d+(?:\.\d+)?)\s*(ms|s|min|h)\s*$/.exec(value) : null;
  if (match && Number(match[1]) > 0) return Number(match[1]) * UNITS[match[2]!]!;
  throw bad(path, `must be a duration such as 200ms, found ${JSON.stringify(value)}`);
}
function count(path: string, value: unknown): number {
  if (Number.isInteger(value) && (value as number) >= 1) return value as number;
  throw bad(path, `must be a whole number from 1, found ${JSON.stringify(value)}`);
}

/** `all`, `any`, a number, or names separated by commas. */
export function planeRule(path: string, value: unknown): PlaneRule {
  if (value === 'all' || value === 'any') return value;
  if (typeof value === 'number' || (typeof value === 'string' && /^\d+$/.test(value)))
    return count(path, Number(value));
  const names = typeof value === 'string' ? value.split(',').map((name) => name.trim()) : [];
  if (names.length === 0 || names.includes(''))
    throw bad(
      path,
      `must be all, any, a number, or names of planes separated by commas, found ${JSON.stringify(value)}`,
    );
  return names;
}

const OVERRIDABLE = ['interval', 'timeout', 'packets', 'misses', 'planes', 'up_after'] as const;

/** Reads the section once; throws DoctorError CONFIG_INVALID that names the key. */
export function readSettings(config: MonitorConfig): (hostname: string) => HostSettings {
  const base = settingsOf('', config as unknown as Record<string, unknown>, config);
  const overrides = Object.entries(config.overrides).map(([pattern, values]) => {
    const path = `overrides.${pattern}`;
    if (!isObject(values)) throw bad(path, `must be a section, found ${JSON.stringify(values)}`);
    for (const key of Object.keys(values))
      if (!OVERRIDABLE.includes(key as (typeof OVERRIDABLE)[number]))
        throw bad(`${path}.${key}`, `is not known; known are ${OVERRIDABLE.join(', ')}`);
    const expression = new RegExp(
      `^${pattern.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`,
    );
    return { expression, settings: settingsOf(`${path}.`, { ...config, ...values }, config) };
  });
  return (hostname) => overrides.find(({ expression }) => expression.test(hostname))?.settings ?? base;
}

function settingsOf(path: string, values: Record<string, unknown>, config: MonitorConfig): HostSettings {
  return {
    timing: {
      interval: duration(`${path}interval`, values.interval),
      timeout: duration(`${path}timeout`, values.timeout),
      packets: count(`${path}packets`, values.packets),
    },
    policy: {
      misses: count(`${path}misses`, values.misses),
      upAfter: count(`${path}up_after`, values.up_after),
      planes: planeRule(`${path}planes`, values.planes),
      flapChanges: config.flap_changes,
      flapWindow: config.flap_window,
      flapHold: config.flap_hold,
      evidence: Math.max(1, config.evidence),
    },
  };
}

/** `hosts` of the section. */
export function configuredHosts(config: MonitorConfig): DeployedHost[] {
  return Object.entries(config.hosts).map(([hostname, value]) => {
    const path = `hosts.${hostname}`;
    if (typeof value === 'string') return { hostname, addresses: [parseAddress(path, value)] };
    if (!Array.isArray(value) || value.length === 0)
      throw bad(
        path,
        `must be an address or a list of {plane, address, port}, found ${JSON.stringify(value)}`,
      );
    return { hostname, addresses: value.map((entry, index) => hostAddress(`${path}[${index}]`, entry)) };
  });
}

export const canaries = (config: MonitorConfig): HostAddress[] =>
  config.canary.map((text, index) => parseAddress(`canary[${index}]`, text));

function hostAddress(path: string, entry: unknown): HostAddress {
  if (typeof entry === 'string') return parseAddress(path, entry);
  if (!isObject(entry) || typeof entry.address !== 'string') throw bad(`${path}.address`, 'is missing');
  const address = parseAddress(`${path}.address`, entry.address);
  if (typeof entry.plane === 'string') address.plane = entry.plane;
  if (entry.port !== undefined) address.port = count(`${path}.port`, entry.port);
  return address;
}

/** `10.0.0.1`, `10.0.0.1:7`, `fd00::1`, `[fd00::1]:7`. */
function parseAddress(path: string, text: string): HostAddress {
  const match = /^\[(.+)\](?::(\d+))?$/.exec(text) ?? /^([^:]+):(\d+)$/.exec(text);
  const address = match?.[1] ?? text;
  const port = match?.[2] === undefined ? undefined : Number(match[2]);
  if (isIP(address) === 0 || (port !== undefined && (port < 1 || port > 65_535)))
    throw bad(path, `must be an IP address, with a port where needed, found ${JSON.stringify(text)}`);
  return { plane: 'management', address, ...(port === undefined ? {} : { port }) };
}
