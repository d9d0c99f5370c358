# Each compute has a network namespace as its 'host': the fake virt driver has no
# machine that could be pinged or whose link could be cut. All hang on one
# bridge; cutting a link is setting the bridge's end of its veth pair down.
BRIDGE=doctor-br0 NETWORK=10.213.0

number_of() { echo "${1##*-}"; }
namespace_of() { echo "doctor-$1"; }
link_of() { echo "doctor-c$(number_of "$1")"; }
address_of() { echo "$NETWORK.$((10 + $(number_of "$1")))"; }

hosts_up() {
    local h ns link
    ip link show "$BRIDGE" > /dev/null 2>&1 || ip link add "$BRIDGE" type bridge ||
        refuse "no network bridge can be made here; the hosts need CAP_NET_ADMIN and the kernel's bridge and veth"
    ip address replace "$NETWORK.1/24" dev "$BRIDGE"
    ip link set "$BRIDGE" up
    for h in $(compute_names); do
        ns=$(namespace_of "$h") link=$(link_of "$h")
        [ -e "/run/netns/$ns" ] || ip netns add "$ns" ||
            refuse "no network namespace can be made here; the hosts need CAP_SYS_ADMIN"
        if ! ip link show "$link" > /dev/null 2>&1; then
            ip link add "$link" type veth peer name eth0 netns "$ns"
            ip link set "$link" master "$BRIDGE"
            ip -n "$ns" address add "$(address_of "$h")/24" dev eth0
            ip -n "$ns" link set lo up
            ip -n "$ns" link set eth0 up
            ip link set "$link" up
        fi
    done
    hosts_file > "$STATE_DIR/hosts.json"
}

hosts_file() {
    local h sep=''
    echo '['
    for h in $(compute_names); do
        printf '%s  {"hostname": "%s", "address": "%s", "namespace": "%s", "link": "%s", "vcpus": %d, "enabled": %s}' \
            "$sep" "$h" "$(address_of "$h")" "$(namespace_of "$h")" "$(link_of "$h")" \
            "$(vcpus_of "$h")" "$([ "$h" = "$(big_compute)" ] && echo false || echo true)"
        sep=$',\n'
    done
    printf '\n]\n'
}

# Removes every namespace and link of the test bed, however many were made.
hosts_down() {
    local ns link
    for link in $(ip -o link show master "$BRIDGE" 2> /dev/null | sed -n 's/^[0-9]*: \(doctor-c[0-9]*\)@.*/\1/p'); do
        ip link delete "$link"
    done
    for ns in $(ip netns list 2> /dev/null | sed -n 's/^\(doctor-compute-[0-9]*\).*/\1/p'); do
        ip netns delete "$ns"
    done
    ip link show "$BRIDGE" > /dev/null 2>&1 && ip link delete "$BRIDGE"
    return 0
}
