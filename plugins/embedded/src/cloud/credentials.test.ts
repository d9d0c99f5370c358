import { parse } from 'yaml';
import test from 'ava';
import { osVariables, renderCloudsYaml, renderOpenrc } from './credentials.js';

const credentials = {
  authUrl: 'http://127.0.0.1:5000/v3',
  username: 'admin',
  password: "it's $secret",
  userDomainName: 'Default',
  projectName: 'admin',
  projectDomainName: 'Default',
  regionName: 'RegionOne',
};

test('a password with quotes survives the shell and YAML', (t) => {
  t.true(renderOpenrc(credentials).includes(`export OS_PASSWORD='it'\\''s $secret'\n`));
  t.is(parse(renderCloudsYaml(credentials)).clouds.doctor.auth.password, credentials.password);
  t.is(osVariables(credentials)['OS_AUTH_URL'], credentials.authUrl);
});
