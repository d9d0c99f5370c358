/** The process inside a host's network namespace: echoes TCP and UDP, tells its port, ends with its parent. */
import { EchoResponder } from './echo-responder.js';

const responder = new EchoResponder(process.argv[2] ?? '');
await responder.open();
process.stdout.write(`${responder.port}\n`);
// The pipe closes when the parent ends, in whatever way.
process.stdin.on('end', () => process.exit(0)).resume();
