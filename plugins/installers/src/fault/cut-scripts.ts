import { quote } from '../ssh/index.js';

/** What a cut leaves on the node while it lasts. */
export const stateFolder = (id: string): string => `/run/doctor-cut-${id}`;

export interface CutOptions {
  id: string;
  /** Interfaces to take down; none: the one that has `address`. */
  interfaces: readonly string[];
  address: string;
  durationMs: number;
  /** ms until the cut, so that the answer is back before the connection is gone. */
  delayMs: number;
}

const seconds = (ms: number) => (ms / 1000).toFixed(3);

/** What the kernel forgets with a link: static IPv6 addresses and the routes through it. Written as commands that bring them back. */
const REMEMBER = `{
  echo "done=0"
  for dev in $devs; do
    echo "ip link set dev $dev up || done=1"
    ip -6 -o addr show dev "$dev" scope global permanent |
      awk -v dev="$dev" '{ print "ip -6 addr replace " $4 " dev " dev " nodad || done=1" }'
    for family in 4 6; do
      ip -$family route show dev "$dev" | grep -v 'proto kernel' | sed -E 's/ (linkdown|dead)//g' |
        awk -v f=$family -v dev="$dev" '{ print "ip -" f " route replace " $0 " dev " dev " || done=1" }'
    done
  done
  echo "exit \\$done"
} > "$d/up"`;

/** Runs detached: waits, cuts, says when, waits, restores; SIGTERM restores at once. */
const WATCH = `trap '' HUP PIPE INT
d=$1 devs=$2 delay=$3 duration=$4
finish() {
  trap '' TERM
  if sh "$d/up" > "$d/said" 2>&1; then rm -rf "$d"; else touch "$d/failed"; fi
  exit 0
}
trap finish TERM
echo $$ > "$d/pid"
sleep "$delay" & wait $!
before=$(date +%s%N)
for dev in $devs; do ip link set dev "$dev" down; done
echo "down $before $(date +%s%N)"
exec > /dev/null 2>&1
sleep "$duration" & wait $!
finish`;

/**
 * Takes interfaces down, in a session of its own that no lost connection ends, and up again after the duration or when told.
 * Prints "plan NS" (when it will happen) at once and "down NS NS" (between which moments it happened) if anybody still listens.
 */
export const cutScript = (options: CutOptions): string => {
  const { id, interfaces, address, durationMs, delayMs } = options;
  return `set -eu
d=${stateFolder(id)}
devs=${quote(interfaces.join(' '))}
[ -n "$devs" ] || devs=$(ip -o addr show to ${quote(address)} | awk '{ print $2; exit }')
[ -n "$devs" ] || { echo "no interface has the address ${address}" >&2; exit 1; }
for dev in $devs; do ip link show dev "$dev" > /dev/null; done
command -v setsid > /dev/null || { echo "setsid is not installed" >&2; exit 1; }
mkdir -m 700 "$d"
${REMEMBER}
now=$(date +%s%N)
setsid sh -c ${quote(WATCH)} doctor-cut "$d" "$devs" ${seconds(delayMs)} ${seconds(durationMs)} < /dev/null 2> /dev/null &
echo "plan $((now + ${Math.round(delayMs * 1e6)}))"`;
};

/** Ends the cut, whoever still watches over it; does nothing when it is over. */
export const restoreScript = (id: string): string => `d=${stateFolder(id)}
[ -d "$d" ] || exit 0
pid=$(cat "$d/pid" 2> /dev/null || true)
if [ -n "$pid" ] && kill -TERM "$pid" 2> /dev/null; then
  i=0
  while [ -d "$d" ] && [ ! -e "$d/failed" ] && [ "$i" -lt 50 ]; do i=$((i + 1)); sleep 0.1; done
fi
[ -d "$d" ] || exit 0
sh "$d/up" > "$d/said" 2>&1 || { cat "$d/said" >&2; exit 1; }
rm -rf "$d"`;
