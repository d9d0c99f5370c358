# Writes what a client of the cloud needs: openrc and clouds.yaml, with the
# administrator and Doctor's service user.
write_client() {
    cat > "$STATE_DIR/openrc" << EOT
export OS_IDENTITY_API_VERSION=3
export OS_AUTH_TYPE=password
export OS_AUTH_URL=http://127.0.0.1:5000/v3
export OS_USERNAME=admin
export OS_PASSWORD=$ADMIN_PASSWORD
export OS_PROJECT_NAME=admin
export OS_USER_DOMAIN_NAME=Default
export OS_PROJECT_DOMAIN_NAME=Default
export OS_REGION_NAME=RegionOne
export OS_INTERFACE=public
EOT
    {
        echo 'clouds:'
        cloud doctor-admin admin "$ADMIN_PASSWORD" admin
        cloud doctor doctor "$SERVICE_PASSWORD" service
    } > "$STATE_DIR/clouds.yaml"
    chmod 600 "$STATE_DIR/openrc" "$STATE_DIR/clouds.yaml"
}
cloud() { # cloud NAME USER PASSWORD PROJECT
    cat << EOT
  $1:
    region_name: RegionOne
    identity_api_version: 3
    interface: public
    auth:
      auth_url: http://127.0.0.1:5000/v3
      username: $2
      password: $3
      project_name: $4
      user_domain_name: Default
      project_domain_name: Default
EOT
}
