import type { MaintenanceState } from '@nfv-doctor/core/plugin-api';

/** A step from one state to another, and when it is taken. */
export interface Edge {
  from: MaintenanceState;
  to: MaintenanceState;
  when: string;
}

const working: MaintenanceState[] = [
  'MAINTENANCE',
  'DOWN_SCALE',
  'PREPARE_MAINTENANCE',
  'START_MAINTENANCE',
  'PLANNED_MAINTENANCE',
];

const between = working.flatMap((from): Edge[] => [
  { from, to: 'DOWN_SCALE', when: 'no room to empty a host' },
  {
    from,
    to: 'PREPARE_MAINTENANCE',
    when: 'no host is empty, and one can only be emptied onto hosts that wait',
  },
  { from, to: 'START_MAINTENANCE', when: 'the next hosts are empty' },
  { from, to: 'PLANNED_MAINTENANCE', when: 'the next hosts have instances' },
]);

/** Every step that a session may take: the state machine. `transition` refuses any other, the picture in the docs is made of it. */
export const EDGES: readonly Edge[] = [
  ...between,
  { from: 'START_MAINTENANCE', to: 'MAINTENANCE_COMPLETE', when: 'every host is maintained' },
  { from: 'PLANNED_MAINTENANCE', to: 'MAINTENANCE_COMPLETE', when: 'every host is maintained' },
  { from: 'MAINTENANCE_COMPLETE', to: 'MAINTENANCE_DONE', when: 'every project answered ACK' },
  ...[...working, 'MAINTENANCE_COMPLETE' as const].map(
    (from): Edge => ({
      from,
      to: 'MAINTENANCE_FAILED',
      when: 'NACK, silence, error or abort; hosts are put back',
    }),
  ),
];

const allowed = new Set(EDGES.map(({ from, to }) => `${from} ${to}`));

export const mayEnter = (from: MaintenanceState, to: MaintenanceState): boolean =>
  allowed.has(`${from} ${to}`);

/** The state machine as a Mermaid picture. */
export function stateDiagram(): string {
  const lines = EDGES.map(({ from, to, when }) => `  ${from} --> ${to}: ${when.replaceAll(';', ',')}`);
  return [
    'stateDiagram-v2',
    '  [*] --> MAINTENANCE: POST /maintenance',
    ...lines,
    '  MAINTENANCE_DONE --> [*]',
    '  MAINTENANCE_FAILED --> [*]',
  ].join('\n');
}
