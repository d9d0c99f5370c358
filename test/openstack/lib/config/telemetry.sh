# Writes the configuration of Aodh, Ceilometer (events only) and Vitrage.
write_telemetry() {
    # the auth middleware of these two looks for the file of its project
    local p
    for p in aodh vitrage; do
        mkdir -p "$STATE_DIR/home/.$p"
        ln -sfn "$CONF/$p.conf" "$STATE_DIR/home/.$p/$p.conf"
    done
    { common_section aodh; cat << EOF
event_alarm_cache_ttl = 0
[api]
auth_mode = keystone
paste_config = /usr/share/aodh-common/api-paste.ini
[oslo_messaging_notifications]
driver = noop
EOF
      database_section database aodh
      auth_section keystone_authtoken aodh
      auth_section service_credentials aodh; } > "$CONF/aodh.conf"
    # ceilometer: events only, all of them to the topic aodh-listener reads
    { common_section ceilometer; cat << EOF
event_pipeline_cfg_file = $CONF/event_pipeline.yaml
[notification]
pipelines = event
[event]
definitions_cfg_file = $CONF/event_definitions.yaml
[publisher]
telemetry_secret = telemetry-secret
EOF
      auth_section service_credentials ceilometer; } > "$CONF/ceilometer.conf"
    cat > "$CONF/event_pipeline.yaml" << EOF
sources:
  - name: events
    events: ["*"]
    sinks: [alarms]
sinks:
  - name: alarms
    publishers: ["notifier://?topic=alarm.all"]
EOF
    cp /usr/lib/python3/dist-packages/ceilometer/pipeline/data/event_definitions.yaml "$CONF/"
    $PY - >> "$CONF/event_definitions.yaml" << 'EOF'
def definition(event, text, times=()):
    print("- event_type: '%s'\n  traits:" % event)
    for t in text + list(times):
        print("    %s:\n      fields: payload.%s" % (t, t))
        if t in times:
            print("      type: datetime")
definition('maintenance.scheduled',
           ['allowed_actions', 'instance_ids', 'instances', 'reply_url',
            'state', 'session_id', 'project_id', 'metadata', 'host_id'],
           ['actions_at', 'reply_at'])
definition('maintenance.host', ['host', 'project_id', 'state', 'session_id'])
EOF
    [ "$WITH_VITRAGE" = 1 ] || return 0
    { common_section vitrage; cat << EOF
notifiers = nova
[api]
auth_mode = keystone
paste_config = /usr/share/vitrage-common/api-paste.ini
[datasources]
types = nova.host,nova.instance,nova.zone,neutron.network,neutron.port,doctor
snapshots_interval = 60
notification_topics = vitrage_notifications
[entity_graph]
datasources_values_dir = /etc/vitrage/datasources_values
[coordination]
backend_url = file://$DATA/vitrage/tooz
EOF
      database_section database vitrage
      auth_section keystone_authtoken vitrage
      auth_section service_credentials vitrage
      echo 'user_domain_id = default'
      echo 'project_domain_id = default'; } > "$CONF/vitrage.conf"
    cp "$BED/lib/host_down_scenarios.yaml" "$CONF/"
}
