import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { until } from '../../domain/until.js';
import { DoctorError } from '../../errors/index.js';
import type { ComputeQuota, Controller } from '../../roles/index.js';
import type { Step, StepContext } from '../engine/types.js';
import type { PreparedState } from './state.js';

/** The cloud as the owner of the instances sees it. Throws when there is no owner yet. */
export function ownersCloud<State extends PreparedState>(ctx: StepContext<State>): Controller {
  return ctx.role('controller').as(made(ctx.state.owner, 'project').credentials);
}

/** What an earlier step made. */
export function made<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new DoctorError('INTERNAL', `the step that makes the ${what} has not run`);
  return value;
}

/** Runs a removal and tells what could not be removed instead of throwing: the other removals go on. */
export async function remove<State>(
  ctx: StepContext<State>,
  resource: string,
  removal: () => Promise<unknown>,
): Promise<void> {
  await removal().catch((error: unknown) => ctx.leftover(resource, error));
}

const imageData = async (file: string) => (file ? readFile(file) : new Uint8Array(1024));

// What creates something gets no signal: on Ctrl-C its answer is waited for, so that it can be removed.

/** Uses the image there is, or uploads one. */
export const prepareImage = <State extends PreparedState>(): Step<State> => ({
  name: 'image',
  title: 'Prepare the image',
  async run(ctx) {
    const { image } = ctx.role('controller');
    const { image_name: name, image_file: file, image_format: diskFormat } = ctx.options;
    const existing = await image.images({ name }, ctx.signal);
    const usable = existing.find(({ status }) => status === 'active');
    if (usable) {
      ctx.state.image = usable;
      ctx.progress(`${name}, already there`);
      return;
    }
    const data = await imageData(file).catch((error: unknown) => {
      throw new DoctorError('INPUT_INVALID', `test.image_file: ${file} cannot be read`, { cause: error });
    });
    ctx.state.imageCreated = true;
    ctx.state.image = await image.createImage({ name, diskFormat, data, public: true });
    ctx.progress(`${name}, uploaded`);
  },
  async undo(ctx) {
    const { image, imageCreated } = ctx.state;
    if (!image || !imageCreated) return;
    await remove(ctx, `image ${image.name} (${image.id})`, () =>
      ctx.role('controller').image.deleteImage(image.id, ctx.signal),
    );
  },
});

/** A flavor for the run, of the configured size. */
export const prepareFlavor = <State extends PreparedState>(): Step<State> => ({
  name: 'flavor',
  title: 'Create the flavor',
  async run(ctx) {
    const { flavor_vcpus: vcpus, flavor_memory_mb: memoryMb, flavor_disk_gb: diskGb } = ctx.options;
    const name = `${ctx.prefix}-flavor`;
    ctx.state.flavor = await ctx.role('controller').compute.createFlavor({ name, vcpus, memoryMb, diskGb });
    ctx.progress(`${name}: ${vcpus} vCPU, ${memoryMb} MiB`);
  },
  async undo(ctx) {
    const { flavor } = ctx.state;
    if (!flavor) return;
    await remove(ctx, `flavor ${flavor.name} (${flavor.id})`, () =>
      ctx.role('controller').compute.deleteFlavor(flavor.id, ctx.signal),
    );
  },
});

/** A project of its own per run, with a user that is a mere member of it, and the quota the run needs. */
export const prepareOwner = <State extends PreparedState>(
  quota: (ctx: StepContext<State>) => Partial<ComputeQuota>,
): Step<State> => ({
  name: 'project',
  title: 'Create the project and its user',
  async run(ctx) {
    const { identity, compute } = ctx.role('controller');
    const password = randomBytes(18).toString('base64url');
    const owner = await identity.createOwner({ project: ctx.prefix, user: ctx.prefix, password });
    ctx.state.owner = owner;
    await compute.setQuota(owner.projectId, quota(ctx), ctx.signal);
    ctx.progress(ctx.prefix);
  },
  async undo(ctx) {
    const { owner } = ctx.state;
    if (!owner) return;
    await remove(ctx, `project and user ${ctx.prefix} (${owner.projectId})`, () =>
      ctx.role('controller').identity.deleteOwner(owner, ctx.signal),
    );
  },
});

/** A network with a subnet, as the owner. */
export const prepareNetwork = <State extends PreparedState>(): Step<State> => ({
  name: 'network',
  title: 'Create the network',
  async run(ctx) {
    const { network } = ownersCloud(ctx);
    const { network_cidr: cidr } = ctx.options;
    ctx.state.network = await network.createNetwork(`${ctx.prefix}-net`);
    ctx.state.subnet = await network.createSubnet(ctx.state.network.id, `${ctx.prefix}-subnet`, cidr);
    ctx.progress(`${ctx.state.network.name}, ${cidr}`);
  },
  async undo(ctx) {
    const { network, subnet } = ctx.state;
    if (!network) return;
    const cloud = ownersCloud(ctx);
    if (subnet)
      await remove(ctx, `subnet ${subnet.name} (${subnet.id})`, () =>
        whenUnused(ctx, () => cloud.network.deleteSubnet(subnet.id, ctx.signal)),
      );
    await remove(ctx, `network ${network.name} (${network.id})`, () =>
      whenUnused(ctx, () => cloud.network.deleteNetwork(network.id, ctx.signal)),
    );
  },
});

/** Ports of deleted instances go a moment after the instances: until then the network is in use (409). */
async function whenUnused<State>(ctx: StepContext<State>, removal: () => Promise<void>): Promise<void> {
  let conflict: DoctorError | undefined;
  await until(
    () =>
      removal().then(
        () => true,
        (error: unknown) => {
          if (!DoctorError.is(error) || error.code !== 'CLOUD_CONFLICT') throw error;
          conflict = error;
          return false;
        },
      ),
    {
      clock: ctx.clock,
      what: 'the network to be free of ports',
      timeoutMs: ctx.options.cleanup_timeout / 4,
      intervalMs: ctx.options.poll_interval,
      signal: ctx.signal,
    },
  ).catch((error: unknown) => {
    throw DoctorError.is(error) && error.code === 'TIMEOUT' ? (conflict ?? error) : error;
  });
}
