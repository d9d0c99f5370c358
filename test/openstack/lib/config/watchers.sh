# Writes the configuration of collectd, Prometheus, its blackbox exporter and Alertmanager. They post to the ports that
# the matrix gives to Doctor's monitors.
COLLECTD_POSTS_TO=http://127.0.0.1:12346/collectd ALERTS_POST_TO=http://127.0.0.1:12347/alerts

write_watchers() {
    mkdir -p "$DATA"/{collectd,prometheus,alertmanager}
    local h
    {
        cat << EOF
Hostname "monitor-1"
FQDNLookup false
BaseDir "$DATA/collectd"
PIDFile "$DATA/collectd/pid"
Interval 0.2
LoadPlugin logfile
<Plugin logfile>
  LogLevel info
  File stderr
</Plugin>
LoadPlugin ping
<Plugin ping>
EOF
        for h in $(compute_names); do printf '  Host "%s"\n' "$(address_of "$h")"; done
        cat << EOF
  Interval 0.2
  Timeout 0.18
</Plugin>
LoadPlugin threshold
<Plugin threshold>
  <Plugin "ping">
    <Type "ping_droprate">
      FailureMax 0.5
      Interesting false
    </Type>
  </Plugin>
</Plugin>
LoadPlugin write_http
<Plugin write_http>
  <Node "doctor">
    URL "$COLLECTD_POSTS_TO"
    Format JSON
    Metrics false
    Notifications true
    Timeout 5000
  </Node>
</Plugin>
EOF
    } > "$CONF/collectd.conf"
    cat > "$CONF/blackbox.yml" << EOF
modules:
  icmp:
    prober: icmp
    timeout: 500ms
    icmp: {preferred_ip_protocol: ip4}
EOF
    cat > "$CONF/alertmanager.yml" << EOF
route:
  receiver: doctor
  group_by: ['...']
  group_wait: 0s
  group_interval: 100ms
  repeat_interval: 4h
receivers:
  - name: doctor
    webhook_configs:
      - url: $ALERTS_POST_TO
        send_resolved: true
EOF
    cat > "$CONF/rules.yml" << EOF
groups:
  - name: hosts
    rules:
      - alert: HostDown
        expr: probe_success{job="blackbox"} == 0
        labels: {severity: critical}
        annotations: {summary: '{{ \$labels.hostname }} does not answer probes'}
EOF
    {
        cat << EOF
global:
  scrape_interval: 1s
  scrape_timeout: 900ms
  evaluation_interval: 1s
rule_files: ['$CONF/rules.yml']
alerting:
  alertmanagers:
    - static_configs: [{targets: ['127.0.0.1:9093']}]
scrape_configs:
  - job_name: blackbox
    metrics_path: /probe
    params: {module: [icmp]}
    relabel_configs:
      - {source_labels: [__address__], target_label: __param_target}
      - {source_labels: [__param_target], target_label: instance}
      - {target_label: __address__, replacement: '127.0.0.1:9115'}
    static_configs:
EOF
        for h in $(compute_names); do
            printf "      - {targets: ['%s'], labels: {hostname: '%s'}}\n" "$(address_of "$h")" "$h"
        done
    } > "$CONF/prometheus.yml"
}
