# Writes the configuration of the data stores, Keystone, Placement and Glance.
write_infrastructure() {
    cat > "$CONF/my.cnf" << EOF
[mysqld]
user = root
datadir = $DATA/mariadb
socket = $STATE_DIR/run/mariadb.sock
pid-file = $STATE_DIR/run/mariadb.pid
bind-address = 127.0.0.1
port = $DB_PORT
skip-name-resolve
skip-log-bin
character-set-server = utf8mb3
max_connections = 800
performance_schema = OFF
innodb_buffer_pool_size = 256M
innodb_flush_log_at_trx_commit = 0
innodb_doublewrite = 0
innodb_flush_method = nosync
EOF
    cat > "$CONF/rabbitmq.conf" << EOF
listeners.tcp.1 = 127.0.0.1:$MQ_PORT
default_user = openstack
default_pass = $MQ_PASS
loopback_users = none
log.console = false
log.file.level = warning
EOF
    echo '[].' > "$CONF/rabbitmq-plugins"
    : > "$CONF/rabbitmq-env.conf"
}

write_identity() {
    { common_section keystone; database_section database keystone; cat << EOF
[fernet_tokens]
key_repository = $DATA/keystone/fernet-keys
[credential]
key_repository = $DATA/keystone/credential-keys
[identity]
password_hash_rounds = 4
[token]
expiration = 86400
[cache]
enabled = true
backend = oslo_cache.memcache_pool
memcache_servers = 127.0.0.1:$MC_PORT
EOF
    } > "$CONF/keystone.conf"
    { common_section placement; database_section placement_database placement
      auth_section keystone_authtoken placement; } > "$CONF/placement.conf"
    { common_section glance; cat << EOF
bind_host = 127.0.0.1
bind_port = 9292
workers = 1
enabled_backends = file:file
node_staging_uri = file://$DATA/glance/staging
[paste_deploy]
flavor = keystone
config_file = /usr/share/glance-common/glance-api-paste.ini
[glance_store]
default_backend = file
[file]
filesystem_store_datadir = $DATA/glance/images
[os_glance_staging_store]
filesystem_store_datadir = $DATA/glance/staging
[os_glance_tasks_store]
filesystem_store_datadir = $DATA/glance/tasks
[oslo_messaging_notifications]
driver = noop
EOF
      database_section database glance
      auth_section keystone_authtoken glance; } > "$CONF/glance.conf"
}
