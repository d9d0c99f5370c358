import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { credentialsOf, rcScript } from './credentials.js';

test('an rc file is read as a shell reads it, without the variables of whoever asks', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'doctor-rc-'));
  t.teardown(() => rm(folder, { recursive: true }));
  await writeFile(
    join(folder, 'overcloudrc'),
    `echo welcome
for key in $( set | awk '{FS="="} /^OS_/ {print $1}' ); do unset $key ; done
export OS_PASSWORD='a "b" $c=d'
export OS_AUTH_URL=http://[2001:db8::5]:5000//v3
if [ -z "$OS_CLOUD" ]; then export OS_INSECURE=True; fi
`,
  );
  const env = { ...process.env, OS_CLOUD: 'mine', OS_REGION_NAME: 'mine' };
  const output = execFileSync('sh', ['-c', rcScript('overcloudrc')], { cwd: folder, env, encoding: 'utf8' });
  t.deepEqual(credentialsOf(output, 'overcloudrc'), {
    authUrl: 'http://[2001:db8::5]:5000//v3',
    password: 'a "b" $c=d',
    insecure: true,
  });
  const { status, stderr } = spawnSync('sh', ['-c', rcScript('nowhere')], { cwd: folder, encoding: 'utf8' });
  t.is(status, 1);
  t.is(stderr, 'nowhere: no such file\n');
});

test('names of Keystone v2 and of application credentials are known; a file without a URL is refused', (t) => {
  const lines = [
    'OS_AUTH_URL=http://192.0.2.5:5000/v2.0/',
    'OS_TENANT_NAME=admin',
    'OS_APPLICATION_CREDENTIAL_ID=1',
    'OS_APPLICATION_CREDENTIAL_SECRET=2',
    'OS_INTERFACE=internalURL',
    'OS_USERNAME=',
  ];
  t.deepEqual(credentialsOf(lines.join('\n'), 'rc'), {
    authUrl: 'http://192.0.2.5:5000/v3',
    projectName: 'admin',
    applicationCredentialId: '1',
    applicationCredentialSecret: '2',
    interface: 'internal',
  });
  const error = t.throws(() => credentialsOf('OS_PASSWORD=secret\n', 'rc'), { code: 'BACKEND_PROTOCOL' });
  t.is(error?.message, 'rc: sets no OS_AUTH_URL');
});
