import type { Json } from '../http/body.js';
import type { Answer, Call } from '../http/service.js';
import { finish } from './boot.js';
import { conflict, wrongState } from './errors.js';
import type { Server, TaskState, VmState } from './model.js';
import { type Nova, recordAction } from './nova.js';
import { type Change, changeState, work } from './transitions.js';

interface PowerAction {
  from: readonly VmState[];
  task: Exclude<TaskState, null>;
  to: Change;
  /** Names of the notifications: `power_off` gives `power_off.start` and `power_off.end`. */
  event: string;
}

const POWER: Record<string, PowerAction> = {
  start: {
    from: ['stopped'],
    task: 'powering-on',
    to: { vmState: 'active', powerState: 1 },
    event: 'power_on',
  },
  stop: {
    from: ['active', 'error'],
    task: 'powering-off',
    to: { vmState: 'stopped', powerState: 4 },
    event: 'power_off',
  },
  reboot: {
    from: ['active', 'stopped', 'paused', 'error'],
    task: 'rebooting',
    to: { vmState: 'active', powerState: 1 },
    event: 'reboot',
  },
  pause: { from: ['active'], task: 'pausing', to: { vmState: 'paused', powerState: 3 }, event: 'pause' },
  unpause: {
    from: ['paused'],
    task: 'unpausing',
    to: { vmState: 'active', powerState: 1 },
    event: 'unpause',
  },
};

/** An action on the guest's power. */
export function power(name: string): (nova: Nova, call: Call, server: Server, given: Json) => Answer {
  const action = POWER[name] as PowerAction;
  return (nova, call, server) => {
    if (server.locked && !call.token.admin) throw conflict(`Instance ${server.id} is locked`);
    if (!action.from.includes(server.vmState)) throw wrongState(name, server, 'vm_state');
    if (server.taskState !== null) throw wrongState(name, server, 'task_state');
    const host = nova.hosts.get(server.host ?? '');
    if (host === undefined) throw conflict(`Instance ${server.id} is not ready`);
    const record = recordAction(nova, server, name, call);
    changeState(nova, server, { taskState: action.task }, call);
    nova.notifier.step(call, server, `${action.event}.start`);
    work(nova, {
      host,
      ms: 0,
      server,
      expect: action.task,
      done: () => {
        changeState(nova, server, { ...action.to, taskState: null }, call, host.hostname);
        finish(nova, record, `compute_${name}_instance`, host);
        nova.notifier.step(call, server, `${action.event}.end`);
      },
    });
    return { status: 202 };
  };
}
