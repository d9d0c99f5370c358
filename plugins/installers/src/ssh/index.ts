export { lastLine } from './errors.js';
export { type HostKeyChecking, proxyThrough, type SshSettings, type SshTarget } from './options.js';
export { quote } from './quote.js';
export { type ExecOptions, SshSession, type SshSessionOptions } from './session.js';
export { type Tunnel, Tunnels } from './tunnels.js';
