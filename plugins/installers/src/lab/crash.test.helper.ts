import { createTestContext } from '@nfv-doctor/core/testing';
import type { RemoteConfig } from '../remote/config.js';
import { makeInstaller, type Type } from './installer.test.helper.js';

// run as a program of its own, which the test kills
const [type, config] = process.argv.slice(2) as [Type, string];
const installer = makeInstaller(type, JSON.parse(config) as RemoteConfig, await createTestContext());
await installer.start(new AbortController().signal);
process.stdout.write('started\n');
setInterval(() => {}, 60_000);
