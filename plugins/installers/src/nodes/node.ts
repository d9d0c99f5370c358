import type { NodeRole } from '../settings/index.js';
import { quote, type SshSession } from '../ssh/index.js';

/** A node as the installer lists it. */
export interface ListedNode {
  name: string;
  address: string;
  role: NodeRole;
}

/** A node that commands can be run on. */
export interface Node extends ListedNode {
  session: SshSession;
}

const HOST_OF = `/^\\[/ { section = $0 }
section ~ /^\\[DEFAULT\\]/ && /^host[ \\t]*[=:]/ { sub(/^host[ \\t]*[=:][ \\t]*/, ""); host = $0 }
END { if (host != "") print host }`;

/** Prints the host name that nova-compute registers itself with: `host` of the first nova.conf, else the machine's name. */
export const novaHostScript = (
  files: readonly string[],
): string => `for f in ${files.map(quote).join(' ')}; do
[ -r "$f" ] || continue
h=$(awk ${quote(HOST_OF)} "$f")
[ -z "$h" ] || { echo "$h"; exit 0; }
break
done
hostname`;
