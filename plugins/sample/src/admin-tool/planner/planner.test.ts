import test from 'ava';
import fc from 'fast-check';
import {
  fullPlan,
  nextStep,
  type PlanGroup,
  type PlanHost,
  type PlanInput,
  type PlanInstance,
} from './index.js';

const host = (hostname: string, vcpus = 2, more: Partial<PlanHost> = {}): PlanHost => ({
  hostname,
  vcpus,
  memoryMb: vcpus * 1024,
  usable: true,
  pending: true,
  ...more,
});
const instance = (id: string, hostname: string, more: Partial<PlanInstance> = {}): PlanInstance => ({
  id,
  projectId: 'p',
  hostname,
  vcpus: 1,
  memoryMb: 1024,
  scalable: true,
  ...more,
});
const input = (hosts: PlanHost[], instances: PlanInstance[], more: Partial<PlanInput> = {}): PlanInput => ({
  hosts,
  instances,
  groups: [],
  claims: [],
  maxParallelHosts: 1,
  ...more,
});
const pair = (...members: string[]): PlanGroup => ({
  id: 'pair',
  placement: 'apart',
  members,
  maxImpacted: 1,
});

test('three full hosts: the host that empties without a move is scaled in, then every instance moves once', (t) => {
  const plan = fullPlan(
    input(
      [host('c1'), host('c2'), host('c3')],
      [
        instance('r1', 'c1', { scalable: false }),
        instance('s1', 'c1'),
        instance('r2', 'c2', { scalable: false }),
        instance('s2', 'c2'),
        instance('s3', 'c3'),
        instance('s4', 'c3'),
      ],
      { groups: [pair('r1', 'r2')] },
    ),
  );
  t.deepEqual(plan.scaleIn?.instances.map(({ id }) => id).toSorted(), ['s3', 's4']);
  t.deepEqual(plan.shortages, []);
  t.deepEqual(
    plan.waves.map(({ hosts }) => hosts),
    [['c3'], ['c1'], ['c2']],
  );
  t.is(plan.waves.flatMap(({ moves }) => moves).length, 4);
  t.true(plan.waves.every(({ prepare }) => !prepare));
});

test('no capacity even after scaling in is told', (t) => {
  const plan = fullPlan(
    input(
      [host('c1', 1), host('c2', 1)],
      [instance('a', 'c1', { scalable: false }), instance('b', 'c2', { scalable: false })],
    ),
  );
  t.is(plan.shortages.length, 1);
  t.regex(plan.shortages[0] ?? '', /1 vCPUs and 1024 MiB are missing/);
});

test('an anti-affinity group with a member on every host cannot be maintained', (t) => {
  const plan = fullPlan(
    input(
      [host('c1', 4), host('c2', 4)],
      [instance('a', 'c1', { scalable: false }), instance('b', 'c2', { scalable: false })],
      { groups: [pair('a', 'b')] },
    ),
  );
  t.is(plan.shortages.length, 1);
});

test('without an empty host the lightest is emptied first, onto hosts outside the session where possible', (t) => {
  const step = nextStep(
    input(
      [host('c1'), host('c2', 2), host('spare', 1, { pending: false })],
      [instance('a', 'c1'), instance('b', 'c1'), instance('c', 'c2')],
    ),
  );
  t.deepEqual(step, {
    kind: 'wave',
    prepare: false,
    hosts: ['c2'],
    moves: [{ instanceId: 'c', projectId: 'p', from: 'c2', to: 'spare' }],
  });
  const prepared = nextStep(
    input([host('c1', 3), host('c2', 3)], [instance('a', 'c1'), instance('b', 'c2')]),
  );
  t.like(prepared, { kind: 'wave', prepare: true, hosts: ['c1'] });
});

test('two members of a pair are not touched in one wave', (t) => {
  const hosts = [
    host('c1'),
    host('c2'),
    host('m1', 2, { pending: false }),
    host('m2', 2, { pending: false }),
  ];
  const instances = [instance('a', 'c1'), instance('b', 'c2')];
  const apart = nextStep(input(hosts, instances, { groups: [pair('a', 'b')], maxParallelHosts: 2 }));
  t.like(apart, { hosts: ['c1'] });
  const free = nextStep(input(hosts, instances, { maxParallelHosts: 2 }));
  t.like(free, { hosts: ['c1', 'c2'] });
});

test('room promised to another session is not used', (t) => {
  const hosts = [host('c1'), host('m', 2, { pending: false })];
  const step = nextStep(
    input(hosts, [instance('a', 'c1')], { claims: [{ hostname: 'm', vcpus: 2, memoryMb: 2048 }] }),
  );
  t.is(step.kind, 'shortage');
});

test('100 hosts with 10 instances each are planned within 2 s', (t) => {
  const hosts = Array.from({ length: 110 }, (_, index) => host(`c${index}`, 10, { pending: index < 100 }));
  const instances = Array.from({ length: 1000 }, (_, index) =>
    instance(`i${index}`, `c${Math.floor(index / 10)}`),
  );
  const started = performance.now();
  const plan = fullPlan(input(hosts, instances, { maxParallelHosts: 10 }));
  t.true(performance.now() - started < 2000);
  t.is(plan.waves.length, 10);
  t.is(plan.waves.flatMap(({ moves }) => moves).length, 1000);
});

/** Clouds that obey their own rules: nothing beyond a host's size, groups apart. */
const clouds = fc
  .record({
    sizes: fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 2, maxLength: 8 }),
    wanted: fc.array(
      fc.record({ vcpus: fc.integer({ min: 1, max: 3 }), group: fc.option(fc.integer({ min: 0, max: 2 })) }),
      { maxLength: 24 },
    ),
    parallel: fc.integer({ min: 1, max: 4 }),
    seed: fc.array(fc.nat(), { minLength: 24, maxLength: 24 }),
  })
  .map(({ sizes, wanted, parallel, seed }) => {
    const hosts = sizes.map((vcpus, index) => host(`h${index}`, vcpus));
    const free = new Map(hosts.map(({ hostname, vcpus }) => [hostname, vcpus]));
    const groups = new Map<number, Map<string, string>>();
    const instances: PlanInstance[] = [];
    for (const [index, { vcpus, group }] of wanted.entries()) {
      const members = group === null ? undefined : (groups.get(group) ?? new Map<string, string>());
      const fitting = hosts.filter(
        ({ hostname }) =>
          (free.get(hostname) ?? 0) >= vcpus && ![...(members?.values() ?? [])].includes(hostname),
      );
      const target = fitting[(seed[index] ?? 0) % Math.max(1, fitting.length)];
      if (!target) continue;
      free.set(target.hostname, (free.get(target.hostname) ?? 0) - vcpus);
      instances.push(
        instance(`i${index}`, target.hostname, { vcpus, memoryMb: vcpus * 1024, scalable: group === null }),
      );
      if (members && group !== null) groups.set(group, members.set(`i${index}`, target.hostname));
    }
    return input(hosts, instances, {
      maxParallelHosts: parallel,
      groups: [...groups].map(([id, members]) => ({
        id: `g${id}`,
        placement: 'apart' as const,
        members: [...members.keys()],
        maxImpacted: 1,
      })),
    });
  });

test('whatever the cloud: a plan never overfills, never breaks a group, and moves nobody from a maintained host', (t) => {
  fc.assert(
    fc.property(clouds, (cloud) => {
      const plan = fullPlan(cloud);
      const gone = new Set(plan.scaleIn?.instances.map(({ id }) => id));
      const where = new Map(cloud.instances.filter(({ id }) => !gone.has(id)).map((i) => [i.id, i.hostname]));
      const sizes = new Map(cloud.instances.map((i) => [i.id, i.vcpus]));
      const maintained = new Set<string>();
      for (const wave of plan.waves) {
        for (const move of wave.moves) {
          if (where.get(move.instanceId) !== move.from) throw new Error('moved from where it is not');
          if (maintained.has(move.from)) throw new Error('moved from a maintained host');
          if (wave.hosts.includes(move.to)) throw new Error('moved into the wave');
        }
        for (const group of cloud.groups)
          if (wave.moves.filter((move) => group.members.includes(move.instanceId)).length > 1)
            throw new Error('two members of a group in one wave');
        for (const move of wave.moves) where.set(move.instanceId, move.to);
        for (const { hostname, vcpus } of cloud.hosts) {
          const ids = [...where].filter(([, at]) => at === hostname).map(([id]) => id);
          if (ids.reduce((sum, id) => sum + (sizes.get(id) ?? 0), 0) > vcpus) throw new Error('overfilled');
          for (const group of cloud.groups)
            if (ids.filter((id) => group.members.includes(id)).length > 1) throw new Error('group broken');
        }
        if (wave.prepare) continue;
        for (const hostname of wave.hosts) {
          if ([...where.values()].includes(hostname)) throw new Error('maintained while not empty');
          maintained.add(hostname);
        }
      }
      return plan.shortages.length > 0 || maintained.size === cloud.hosts.length;
    }),
    { numRuns: 500 },
  );
  t.pass();
});
