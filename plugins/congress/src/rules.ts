/** A rule as it is added to a policy. */
export interface DoctorRule {
  name: string;
  rule: string;
}

/**
 * Doctor's rules: which host is down follows from the events, which instances are on it from Nova, and from both what
 * to do.
 */
export function doctorRules(events: string, nova: string): DoctorRule[] {
  return [
    {
      name: 'host_down',
      rule: `host_down(host) :- ${events}:events(hostname=host, type="compute.host.down", status="down")`,
    },
    {
      name: 'active_instance_in_host',
      rule: `active_instance_in_host(vmid, host) :- ${nova}:servers(id=vmid, host_name=host, status="ACTIVE")`,
    },
    {
      name: 'host_force_down',
      rule: `execute[${nova}:services.force_down(host, "nova-compute", "True")] :- host_down(host)`,
    },
    {
      name: 'error_vm_states',
      rule: `execute[${nova}:servers.reset_state(vmid, "error")] :- host_down(host), active_instance_in_host(vmid, host)`,
    },
  ];
}

/** Congress shows a rule with other white space than it was sent with. */
export const sameRule = (one: string, other: string): boolean => bare(one) === bare(other);
const bare = (rule: string) => rule.replace(/\s+(?=(?:[^"]*"[^"]*")*[^"]*$)/g, '');
