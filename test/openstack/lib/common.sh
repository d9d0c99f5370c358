# Shared by the scripts of the test bed: where its state lives, which computes
# it has, and how its processes are started, told from others, and stopped.
BED=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
STATE_DIR=${STATE_DIR:-/tmp/doctor-openstack}
PIDS=$STATE_DIR/pids CONF=$STATE_DIR/conf DATA=$STATE_DIR/data LOG=$STATE_DIR/log

# The computes under maintenance, their size, and the size of one more that is
# disabled until a test wants many instances on one host (0: there is none).
COMPUTES=${COMPUTES:-3} VCPUS=${VCPUS:-2} BIG_VCPUS=${BIG_VCPUS:-64}
WITH_VITRAGE=${WITH_VITRAGE:-1}
export WITH_VITRAGE

# Credentials of a cloud that listens on 127.0.0.1 only and lives for a test.
ADMIN_PASSWORD=admin-secret SERVICE_PASSWORD=service-secret
DB_PORT=13306 DB_PASS=db-secret MQ_PORT=5672 MQ_PASS=mq-secret MC_PORT=11211
MQ=rabbit://openstack:$MQ_PASS@127.0.0.1:$MQ_PORT/
PY=/usr/bin/python3
PORTS="5000 8774 8778 9292 9696 8042 $DB_PORT $MQ_PORT $MC_PORT 14369 15674 9090 9093 9115"
[ "$WITH_VITRAGE" != 1 ] || PORTS="$PORTS 8999"

die() { echo "openstack: $*" >&2; exit 1; }
# What the caller has to put right before anything can run.
refuse() { echo "openstack: $*" >&2; exit 2; }
for option in COMPUTES VCPUS BIG_VCPUS; do
    [[ ${!option} =~ ^[0-9]+$ ]] || refuse "$option has to be a whole number, not '${!option}'"
done
[[ $WITH_VITRAGE =~ ^[01]$ ]] || refuse "WITH_VITRAGE has to be 0 or 1, not '$WITH_VITRAGE'"
need_root() {
    [ "$(id -u)" = 0 ] || refuse "$1 needs root (apt packages, network namespaces); run it as root, e.g. with sudo"
}

compute_names() {
    local last=$COMPUTES
    [ "$BIG_VCPUS" = 0 ] || last=$((COMPUTES + 1))
    seq -f 'compute-%g' 1 "$last"
}
big_compute() { [ "$BIG_VCPUS" = 0 ] || echo "compute-$((COMPUTES + 1))"; }
vcpus_of() { [ "$1" = "$(big_compute)" ] && echo "$BIG_VCPUS" || echo "$VCPUS"; }

make_state_dir() {
    mkdir -p "$STATE_DIR"/{conf,log,pids,run,data,home,lock,agents.off}
    STATE_DIR=$(cd "$STATE_DIR" && pwd)
    chmod 755 "$STATE_DIR"
}

# One `up` at a time. The steps of one that was killed hold the lock until they
# have ended; services do not.
lock() {
    exec 9> "$STATE_DIR/up.lock"
    flock -n 9 && return 0
    echo "another up of $STATE_DIR is at work: waiting for its end"
    flock -w 300 9 || die "another up of $STATE_DIR does not end"
}

# One user of the cloud at a time: what another makes meanwhile would be found in its way.
alone() {
    [ -d "$STATE_DIR" ] || refuse "no test bed in $STATE_DIR; run 'npm run openstack:up' first"
    exec 8> "$STATE_DIR/use.lock"
    flock -n 8 || refuse "tests or the bench are at work on the test bed in $STATE_DIR; wait for their end"
}

# A pid counts as ours only while the process is the very one that was started:
# same pid, same start time. (Services retitle themselves, so neither their
# command line nor their environment can be relied on.)
birth() { sed 's/.*) //' "/proc/$1/stat" 2> /dev/null | cut -d' ' -f20; }
ours() {
    local pid born
    [ -r "$PIDS/$1.pid" ] && read -r pid born < "$PIDS/$1.pid" || return 1
    [ -n "$born" ] && [ "$(birth "$pid")" = "$born" ]
}
pid_of() { cut -d' ' -f1 "$PIDS/$1.pid"; }

# start NAME COMMAND...: in a session of its own, logging to log/NAME.out; the
# command is kept, so that one service can be started again by `service`.
start() {
    local name=$1
    shift
    printf '%q ' "$@" > "$STATE_DIR/run/$name.command"
    ours "$name" && return 0
    (cd "$STATE_DIR/run" && exec env -i \
        PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
        HOME="$STATE_DIR/home" PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
        setsid "$@" >> "$LOG/$name.out" 2>&1 < /dev/null 8>&- 9>&-) &
    echo "$! $(birth $!)" > "$PIDS/$name.pid"
}

# stop SECONDS NAME...: TERM, that long to go, then KILL to what is left of each
# process group.
stop() {
    local end=$((SECONDS + $1)) n live='' left
    shift
    for n in "$@"; do
        if ours "$n"; then
            kill -TERM "$(pid_of "$n")" 2> /dev/null
            live="$live $n"
        else
            rm -f "$PIDS/$n.pid"
        fi
    done
    while [ $SECONDS -le $end ]; do
        left=''
        for n in $live; do ours "$n" && left="$left $n"; done
        [ -n "$left" ] || break
        sleep 0.2
    done
    for n in $live; do
        kill -KILL -- "-$(pid_of "$n")" 2> /dev/null
        rm -f "$PIDS/$n.pid"
    done
    return 0
}

# await SECONDS WHAT COMMAND...: until it succeeds
await() {
    local end=$((SECONDS + $1)) what=$2
    shift 2
    until "$@" > /dev/null 2>&1; do
        [ $SECONDS -lt $end ] || die "$what does not answer (logs: $LOG)"
        sleep 0.3
    done
}
port_open() { (exec 3<> "/dev/tcp/127.0.0.1/$1") 2> /dev/null; }
answers() { curl -sf --max-time 5 -o /dev/null "$1"; }
