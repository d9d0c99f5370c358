import { combineErrors, DoctorError, type Logger } from '@nfv-doctor/core/plugin-api';
import { checkApiVersion } from '../api-version.js';
import type { CongressClient } from '../client.js';
import { type DoctorRule, doctorRules, sameRule } from '../rules.js';
import type { CongressConfig } from './config.js';

/** What has to be in Congress for the events to have an effect, and what of it was added here. */
export class SetUp {
  #source: string | undefined;
  #nova: string | undefined;
  #createdSource: string | undefined;
  readonly #addedRules: { id: string; name: string }[] = [];
  /** Sent, but the answer was lost: they may be there. */
  readonly #unsure: DoctorRule[] = [];
  #unsureSource = false;

  constructor(
    readonly config: CongressConfig,
    readonly client: CongressClient,
    readonly log: Logger,
  ) {}

  /** Id of the data source that gets the events. */
  get source(): string {
    if (this.#source !== undefined) return this.#source;
    throw new DoctorError('CONFLICT', 'the congress inspector is not started');
  }
  /** Id of the data source that knows Nova. */
  get nova(): string | undefined {
    return this.#nova;
  }
  /** Whether the data source was made here: then nobody else's rows are in it. */
  get ownsSource(): boolean {
    return this.#createdSource !== undefined;
  }

  /** @throws DoctorError; what was added until then is still to be removed */
  async make(signal: AbortSignal): Promise<void> {
    const { nova_data_source, policy } = this.config;
    const sources = await this.client.dataSources(signal);
    const nova = sources.find(({ name }) => name === nova_data_source);
    if (!nova)
      throw new DoctorError(
        'BACKEND_ERROR',
        `Congress has no data source ${nova_data_source} (it has ${sources.map(({ name }) => name).join(', ') || 'none'}): create it (openstack congress datasource create nova ...), or set inspector.nova_data_source`,
      );
    checkApiVersion(nova.name, nova.config?.['api_version']);
    this.#nova = nova.id;
    // the rules name the data source's columns: it has to be there before them
    await this.findSource(signal);
    const present = await this.client.rules(policy, signal);
    for (const rule of doctorRules(this.config.data_source, nova_data_source)) {
      if (present.some((other) => sameRule(other.rule, rule.rule))) continue;
      await this.#addRule(rule, signal);
    }
  }

  /** Finds the data source for the events, or makes it (again). */
  async findSource(signal?: AbortSignal): Promise<void> {
    const { data_source } = this.config;
    const find = async () => (await this.client.dataSources(signal)).find(({ name }) => name === data_source);
    const found = await find();
    if (found) {
      if (found.driver !== 'doctor')
        throw new DoctorError(
          'BACKEND_ERROR',
          `Congress' data source ${data_source} is of driver ${found.driver}, it must be of driver doctor: set inspector.data_source`,
        );
      this.#source = found.id;
      return;
    }
    if (!(await this.client.drivers(signal)).includes('doctor'))
      throw new DoctorError(
        'BACKEND_ERROR',
        'this Congress has no driver doctor: add it to the drivers in congress.conf and restart Congress',
      );
    try {
      this.#unsureSource = true;
      const created = await this.client.createDataSource(data_source, 'doctor', signal);
      this.#unsureSource = false;
      this.#createdSource = created.id;
      this.#source = created.id;
      this.log.info({ event: 'congress.data_source_created', name: data_source, id: created.id });
    } catch (error) {
      this.#unsureSource = isLost(error);
      // somebody else made it at the same time
      const other = isConflict(error) ? await find() : undefined;
      if (!other) throw error;
      this.#source = other.id;
    }
  }

  /** Removes what was added, the last first. @throws DoctorError with all that is left in Congress */
  async remove(signal: AbortSignal): Promise<void> {
    const { policy, data_source } = this.config;
    const problems: DoctorError[] = [];
    await this.#findUnsure(signal).catch((error: unknown) =>
      problems.push(left('rules or data source that were asked for, perhaps', error)),
    );
    for (const rule of this.#addedRules.toReversed())
      try {
        await this.client.deleteRule(policy, rule.id, signal).catch(async (error: unknown) => {
          const rules = await this.client.rules(policy, signal).catch(() => undefined);
          if (!rules || rules.some(({ id }) => id === rule.id)) throw error;
        });
        this.#addedRules.splice(this.#addedRules.indexOf(rule), 1);
      } catch (error) {
        problems.push(left(`rule ${rule.name} (${rule.id}) of policy ${policy}`, error));
      }
    const created = this.#createdSource;
    if (created !== undefined)
      try {
        await this.client.deleteDataSource(created, signal).catch(async (error: unknown) => {
          const sources = await this.client.dataSources(signal).catch(() => undefined);
          if (!sources || sources.some(({ id }) => id === created)) throw error;
        });
        this.#createdSource = undefined;
      } catch (error) {
        problems.push(left(`data source ${data_source} (${created})`, error));
      }
    this.#source = undefined;
    if (problems.length > 0) throw combineErrors(problems);
  }

  async #addRule(rule: DoctorRule, signal: AbortSignal): Promise<void> {
    const { policy } = this.config;
    try {
      const { id } = await this.client.addRule(policy, rule, signal);
      this.#addedRules.push({ id, name: rule.name });
      this.log.info({ event: 'congress.rule_added', policy, name: rule.name, id });
    } catch (error) {
      if (isLost(error)) this.#unsure.push(rule);
      // the same text is there already: nothing of ours
      if (!isConflict(error)) throw error;
    }
  }

  /** What was made although the answer was lost is ours too. */
  async #findUnsure(signal: AbortSignal): Promise<void> {
    const { policy, data_source } = this.config;
    if (this.#unsureSource) {
      const made = (await this.client.dataSources(signal)).find(({ name }) => name === data_source);
      this.#createdSource ??= made?.id;
      this.#unsureSource = false;
    }
    if (this.#unsure.length === 0) return;
    const rules = await this.client.rules(policy, signal);
    for (const rule of this.#unsure.splice(0)) {
      const made = rules.find((other) => sameRule(other.rule, rule.rule));
      if (made) this.#addedRules.push({ id: made.id, name: rule.name });
    }
  }
}

/** Not refused: it may have been done. */
const isLost = (error: unknown) =>
  DoctorError.is(error) && /^(CLOUD_(TIMEOUT|UNREACHABLE|ERROR)|BACKEND_PROTOCOL)$/.test(error.code);

const isConflict = (error: unknown) => DoctorError.is(error) && error.code === 'CLOUD_CONFLICT';

const left = (what: string, error: unknown) =>
  new DoctorError('BACKEND_ERROR', `Congress still has the ${what}: ${(error as Error).message}`, {
    cause: error,
  });
