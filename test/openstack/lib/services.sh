# Migrates the databases, seeds the cloud and starts every service, in the order
# in which they need each other.

# run NAME COMMAND...: a step that ends, with its output in log/NAME.out
run() {
    local name=$1 from=$SECONDS
    shift
    env -u PYTHONPATH PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin \
        HOME="$STATE_DIR/home" "$@" >> "$LOG/$name.out" 2>&1 ||
        { tail -25 "$LOG/$name.out" >&2; die "$name failed (see $LOG/$name.out)"; }
    printf '       - %s: %ds\n' "$name" $((SECONDS - from))
}
once() { # once MARK COMMAND...: skipped when it succeeded before; begins anew when it was cut short
    [ -e "$STATE_DIR/.done-$1" ] || { "${@:2}" && touch "$STATE_DIR/.done-$1"; }
}
LANES=()
lanes() { # run the functions at the same time, fail when one fails
    local p f
    for f in "$@"; do $f & LANES+=($!); done
    for p in "${LANES[@]}"; do wait "$p" || { end_lanes; die "a step failed"; }; done
    LANES=()
}
# A lane left behind would start services that nobody stops.
end_lanes() { [ ${#LANES[@]} = 0 ] || kill "${LANES[@]}" 2> /dev/null || true; }
RABBIT_ENV=(HOME="$DATA/rabbitmq" ERL_EPMD_PORT=14369
    ERL_EPMD_ADDRESS=127.0.0.1 RABBITMQ_NODENAME=doctor@localhost
    RABBITMQ_CONF_ENV_FILE="$CONF/rabbitmq-env.conf")

install_mariadb() {
    rm -rf -- "$DATA/mariadb"
    run mariadb-install mariadb-install-db --no-defaults --user=root \
        --datadir="$DATA/mariadb" --auth-root-authentication-method=normal \
        --skip-test-db --skip-name-resolve
}
sql() { run "$1" mariadb --no-defaults -u root -S "$STATE_DIR/run/mariadb.sock" -e "$2"; }
# A migration that was cut short cannot be continued: the databases are made anew.
new_databases() {
    local db statements=''
    for db in "$@"; do
        statements+="DROP DATABASE IF EXISTS $db; CREATE DATABASE $db; GRANT ALL ON $db.* TO openstack@'127.0.0.1';"
    done
    sql "databases-$1" "$statements"
}

start_stores() {
    once mariadb install_mariadb
    start mariadb /usr/sbin/mariadbd --defaults-file="$CONF/my.cnf"
    start memcached /usr/bin/memcached -u root -l 127.0.0.1 -p "$MC_PORT" -m 64
    start epmd /usr/bin/epmd -address 127.0.0.1 -port 14369
    mkdir -p "$DATA/rabbitmq"
    start rabbitmq env "${RABBIT_ENV[@]}" \
        RABBITMQ_CONFIG_FILE="$CONF/rabbitmq.conf" \
        RABBITMQ_ENABLED_PLUGINS_FILE="$CONF/rabbitmq-plugins" \
        RABBITMQ_MNESIA_BASE="$DATA/rabbitmq/mnesia" \
        RABBITMQ_LOG_BASE="$LOG" RABBITMQ_DIST_PORT=15674 \
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none' \
        /usr/lib/rabbitmq/bin/rabbitmq-server
    await 60 MariaDB port_open "$DB_PORT"
    sql database-user "CREATE USER IF NOT EXISTS openstack@'127.0.0.1' IDENTIFIED BY '$DB_PASS'"
    await 90 RabbitMQ port_open "$MQ_PORT"
}

# Nobody has to consume the versioned notifications: what piles up goes away.
limit_queues() {
    run queue-limits env "${RABBIT_ENV[@]}" /usr/lib/rabbitmq/bin/rabbitmqctl -q set_policy unread \
        '^(versioned|vitrage)_notifications\.' '{"message-ttl":60000,"max-length":2000}' --apply-to queues
}

start_wsgi() { # start_wsgi NAME PORT PROCESSES
    start "$1-api" env WSGI_APP="$1" WSGI_CONF="$CONF/$1.conf" \
        /usr/bin/uwsgi --plugin python3 --http-socket "127.0.0.1:$2" \
        --wsgi-file "$BED/lib/wsgi.py" --master --processes "$3" --threads 8 \
        --enable-threads --lazy-apps --need-app --die-on-term --no-orphans \
        --thunder-lock --single-interpreter --buffer-size 65535 --add-header 'Connection: close' \
        --disable-logging
}

db_keystone() {
    local m="keystone-manage --config-file $CONF/keystone.conf"
    new_databases keystone
    run keystone-db $m db_sync
    run keystone-fernet $m fernet_setup --keystone-user root --keystone-group root
    run keystone-credential $m credential_setup --keystone-user root --keystone-group root
    run keystone-bootstrap $m bootstrap \
        --bootstrap-username admin --bootstrap-password "$ADMIN_PASSWORD" \
        --bootstrap-project-name admin --bootstrap-role-name admin \
        --bootstrap-service-name keystone --bootstrap-region-id RegionOne \
        --bootstrap-{admin,public,internal}-url=http://127.0.0.1:5000/v3
}
db_nova() {
    local m="nova-manage --config-file $CONF/nova.conf"
    new_databases nova nova_api nova_cell0
    run nova-api-db $m api_db sync
    run nova-cell0 $m cell_v2 map_cell0 --database_connection "$(db_url nova_cell0)"
    run nova-db $m db sync
    run nova-cell1 $m cell_v2 create_cell --name cell1
}
db_small() {
    new_databases placement glance aodh
    run placement-db placement-manage --config-file "$CONF/placement.conf" db sync
    run glance-db glance-manage --config-file "$CONF/glance.conf" db_sync
    run aodh-db aodh-dbsync --config-file "$CONF/aodh.conf"
}
db_vitrage() {
    new_databases vitrage
    run vitrage-db vitrage-dbsync --config-file "$CONF/vitrage.conf"
}
db_neutron() {
    new_databases neutron
    run neutron-db neutron-db-manage --config-file "$CONF/neutron.conf" \
        --config-file "$CONF/ml2.ini" upgrade heads
}
seed_identity() {
    start_wsgi keystone 5000 2
    await 60 keystone answers http://127.0.0.1:5000/v3
    run seed-identity "$PY" "$BED/lib/seed.py" identity
}
lane_keystone() { once db-keystone db_keystone; once "identity-$WITH_VITRAGE" seed_identity; start_wsgi keystone 5000 2; }
lane_nova() { once db-nova db_nova; }
lane_neutron() { once db-neutron db_neutron; }
lane_small() {
    once db-small db_small
    [ "$WITH_VITRAGE" != 1 ] || once db-vitrage db_vitrage
    once queue-limits limit_queues
}
prepare_databases() { lanes lane_neutron lane_nova lane_keystone lane_small; }

start_services() {
    local n="--config-file $CONF/nova.conf" h
    start neutron-server /usr/bin/neutron-server --config-file "$CONF/neutron.conf" --config-file "$CONF/ml2.ini"
    start_wsgi placement 8778 1
    start nova-conductor /usr/bin/nova-conductor $n --log-file "$LOG/nova-conductor.log"
    start glance-api /usr/bin/glance-api --config-file "$CONF/glance.conf"
    start nova-api /usr/bin/nova-api $n --log-file "$LOG/nova-api.log"
    await 90 placement answers http://127.0.0.1:8778/
    for h in $(compute_names); do
        start "nova-$h" env DOCTOR_VCPUS="$(vcpus_of "$h")" "$PY" "$BED/lib/nova_compute.py" \
            --config-file "$CONF/nova-compute.conf" --config-file "$CONF/nova-$h.conf"
    done
    start nova-scheduler /usr/bin/nova-scheduler $n --log-file "$LOG/nova-scheduler.log"
    start_wsgi aodh 8042 1
    start aodh-listener /usr/bin/aodh-listener --config-file "$CONF/aodh.conf" --log-file "$LOG/aodh-listener.log"
    start aodh-notifier /usr/bin/aodh-notifier --config-file "$CONF/aodh.conf" --log-file "$LOG/aodh-notifier.log"
    start ceilometer /usr/bin/ceilometer-agent-notification --config-file "$CONF/ceilometer.conf"
    await 120 neutron answers http://127.0.0.1:9696/
    start fake-agents "$PY" "$BED/lib/fake_agents.py" --transport-url "$MQ" \
        --db "openstack:$DB_PASS@127.0.0.1:$DB_PORT/neutron" \
        --off-dir "$STATE_DIR/agents.off" $(compute_names)
    await 120 glance answers http://127.0.0.1:9292/
    await 120 nova answers http://127.0.0.1:8774/
    await 120 aodh answers http://127.0.0.1:8042/
}
seed_resources() {
    run seed-resources "$PY" "$BED/lib/seed.py" resources
    run wait-hosts "$PY" "$BED/lib/seed.py" hosts $(compute_names)
    once big-disabled run disable "$PY" "$BED/lib/seed.py" disable $(big_compute)
}
# What watches the hosts beside Doctor's own monitor; each posts to Doctor when it listens.
start_watchers() {
    local listen=--web.listen-address=127.0.0.1
    start collectd /usr/sbin/collectd -f -C "$CONF/collectd.conf"
    start blackbox-exporter /usr/bin/prometheus-blackbox-exporter --config.file="$CONF/blackbox.yml" $listen:9115
    start alertmanager /usr/bin/prometheus-alertmanager --config.file="$CONF/alertmanager.yml" \
        --storage.path="$DATA/alertmanager" --cluster.listen-address= $listen:9093
    start prometheus /usr/bin/prometheus --config.file="$CONF/prometheus.yml" \
        --storage.tsdb.path="$DATA/prometheus" $listen:9090
    await 30 Alertmanager answers http://127.0.0.1:9093/-/ready
    await 30 Prometheus answers http://127.0.0.1:9090/-/ready
}
start_vitrage() {
    local v="--config-file $CONF/vitrage.conf" part
    for part in graph notifier persistor; do
        start "vitrage-$part" "/usr/bin/vitrage-$part" $v --log-file "$LOG/vitrage-$part.log"
    done
    start_wsgi vitrage 8999 1
    await 120 vitrage answers http://127.0.0.1:8999/
    run seed-vitrage "$PY" "$BED/lib/seed.py" vitrage "$CONF/host_down_scenarios.yaml" $(compute_names)
}
