# Pieces that the configuration files of several services have in common.
db_url() { echo "mysql+pymysql://openstack:$DB_PASS@127.0.0.1:$DB_PORT/$1?charset=utf8"; }
auth_section() { # auth_section SECTION USER
    cat << EOT
[$1]
auth_type = password
auth_url = http://127.0.0.1:5000/v3
www_authenticate_uri = http://127.0.0.1:5000/v3
username = $2
password = $SERVICE_PASSWORD
project_name = service
user_domain_name = Default
project_domain_name = Default
region_name = RegionOne
memcached_servers = 127.0.0.1:$MC_PORT
EOT
}
common_section() { # common_section NAME
    cat << EOT
[DEFAULT]
transport_url = $MQ
log_file = $LOG/$1.log
state_path = $DATA/${1%%-*}
use_stderr = false
default_log_levels = amqp=WARN,amqplib=WARN,oslo.messaging=WARN,oslo_messaging=WARN,sqlalchemy=WARN,urllib3=WARN,requests=WARN,stevedore=WARN,keystonemiddleware=WARN,oslo_service=WARN
EOT
}
database_section() { # database_section SECTION DATABASE
    printf '[%s]\nconnection = %s\nmax_pool_size = 10\nmax_overflow = 20\n' "$1" "$(db_url "$2")"
}
