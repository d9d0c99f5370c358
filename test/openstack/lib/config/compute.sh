# Writes the configuration of Nova and Neutron.

# Vitrage gets a topic of its own; Doctor binds queues of its own to the
# exchanges and needs none.
notification_topics() { [ "$WITH_VITRAGE" = 1 ] && echo notifications,vitrage_notifications || echo notifications; }

# The computes get no database, and a small file each on top.
write_nova() {
    local TOPICS h
    TOPICS=$(notification_topics)
    { common_section nova; cat << EOF
enabled_apis = osapi_compute
osapi_compute_listen = 127.0.0.1
osapi_compute_workers = 1
my_ip = 127.0.0.1
compute_driver = fake.DoctorFakeDriver
initial_cpu_allocation_ratio = 1.0
ram_allocation_ratio = 1.0
disk_allocation_ratio = 1.0
reserved_host_memory_mb = 0
periodic_fuzzy_delay = 0
report_interval = 5
service_down_time = 25
# shorter than service_down_time: a report whose answer a restart of RabbitMQ lost must not make its host look down
rpc_response_timeout = 15
sync_power_state_interval = -1
update_resources_interval = 20
vif_plugging_timeout = 0
vif_plugging_is_fatal = false
[wsgi]
api_paste_config = /usr/share/nova-common/api-paste.ini
[compute]
live_migration_wait_for_vif_plug = false
[conductor]
workers = 1
[scheduler]
workers = 1
discover_hosts_in_cells_interval = 5
[vnc]
enabled = false
[oslo_policy]
policy_file = $BED/policy/nova.yaml
[oslo_concurrency]
lock_path = $STATE_DIR/lock
[notifications]
notify_on_state_change = vm_and_task_state
notification_format = both
versioned_notifications_topics = versioned_notifications$([ "$WITH_VITRAGE" != 1 ] || echo ,vitrage_notifications)
[oslo_messaging_notifications]
driver = messagingv2
topics = $TOPICS
[glance]
endpoint_override = http://127.0.0.1:9292
EOF
      auth_section keystone_authtoken nova
      auth_section neutron neutron
      auth_section placement placement
    } > "$CONF/nova-compute.conf"
    { cat "$CONF/nova-compute.conf"
      database_section database nova
      database_section api_database nova_api; } > "$CONF/nova.conf"
    for h in $(compute_names); do
        mkdir -p "$DATA/$h"
        # my_ip becomes the hypervisor's host_ip, the address that is pinged
        printf '[DEFAULT]\nhost = %s\nmy_ip = %s\nlog_file = %s\nstate_path = %s\n[oslo_concurrency]\nlock_path = %s\n' \
            "$h" "$(address_of "$h")" "$LOG/nova-$h.log" "$DATA/$h" "$DATA/$h" > "$CONF/nova-$h.conf"
    done
}

write_neutron() {
    local TOPICS
    TOPICS=$(notification_topics)
    { common_section neutron; cat << EOF
bind_host = 127.0.0.1
bind_port = 9696
api_paste_config = /usr/share/neutron-common/api-paste.ini
core_plugin = ml2
service_plugins = router
api_workers = 1
rpc_workers = 1
rpc_state_report_workers = 0
agent_down_time = 40
dhcp_agent_notification = false
notify_nova_on_port_status_changes = true
notify_nova_on_port_data_changes = true
[oslo_policy]
policy_file = $BED/policy/neutron.yaml
[oslo_concurrency]
lock_path = $STATE_DIR/lock
[oslo_messaging_notifications]
driver = messagingv2
topics = $TOPICS
EOF
      database_section database neutron
      auth_section keystone_authtoken neutron
      auth_section nova nova; } > "$CONF/neutron.conf"
    cat > "$CONF/ml2.ini" << EOF
[ml2]
type_drivers = flat,vlan,vxlan
tenant_network_types = vxlan
mechanism_drivers = openvswitch
extension_drivers = port_security,data_plane_status
[ml2_type_flat]
flat_networks = public
[ml2_type_vxlan]
vni_ranges = 1:10000
[securitygroup]
enable_security_group = true
EOF
}
