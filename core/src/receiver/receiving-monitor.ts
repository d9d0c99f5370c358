import { randomUUID } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { EventBus } from '../bus/index.js';
import type { Clock } from '../domain/clock.js';
import type { FaultEvent } from '../domain/fault.js';
import type { DeployedHost } from '../domain/host.js';
import type { HttpKit, HttpServer } from '../http/types.js';
import type { Logger } from '../log/index.js';
import type { FaultReporter } from '../plugin-api/tokens.js';
import type { Monitor } from '../roles/monitor.js';
import type { Health } from '../roles/role.js';
import { HostBook } from './host-book.js';
import { eventType, type ReceivedFault } from './received-fault.js';

/** Where a foreign monitor posts to, and how its bodies are read. */
export interface Intake {
  path: string;
  /** JSON Schema (TypeBox) of the body; what does not fit is refused with 400. */
  body?: object;
  /** @throws DoctorError INPUT_INVALID that names the field */
  read(body: unknown, request: FastifyRequest): readonly ReceivedFault[] | Promise<readonly ReceivedFault[]>;
}

export interface ReceivingMonitorOptions {
  /** The monitor's type, as it stands in the events. */
  name: string;
  host: string;
  port: number;
  token: string;
  intakes: readonly Intake[];
}

export interface ReceivingMonitorServices {
  http: HttpKit;
  clock: Clock;
  events: EventBus;
  reporter: FaultReporter;
  log: Logger;
}

/** What the foreign monitor is told. */
export interface IntakeAnswer {
  /** Reported to the inspector. */
  accepted: number;
  /** Changed nothing. */
  unchanged: number;
  /** Hosts that are not watched. */
  unknown: string[];
}

/** A Monitor whose verdicts come from a foreign system over HTTP: it knows hosts and edges, the plugin knows the format. */
export class ReceivingMonitor implements Monitor {
  readonly #hosts = new HostBook();
  readonly #down = new Map<string, FaultEvent>();
  readonly #server: HttpServer;
  readonly #stopping = new AbortController();
  readonly #reports = new Set<Promise<void>>();
  #received = 0;

  constructor(
    readonly options: ReceivingMonitorOptions,
    readonly services: ReceivingMonitorServices,
  ) {
    const { name, host, port, token, intakes } = options;
    this.#server = services.http.server({
      name: `monitor ${name}`,
      host,
      port,
      token,
      health: () => this.health(),
    });
    for (const intake of intakes) this.#route(intake);
  }

  /** Base URL of the intakes, once started. */
  get endpoint(): URL {
    return this.#server.url;
  }

  async start(): Promise<void> {
    await this.#server.listen();
    const paths = this.options.intakes.map(({ path }) => new URL(path, this.#server.url).href);
    this.services.log.info({ event: 'monitor.listening', paths }, 'waiting for what is received');
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#server.close();
    await Promise.allSettled(this.#reports);
  }

  health(): Health {
    return { status: 'up', detail: `${this.#hosts.size} hosts, ${this.#received} messages received` };
  }

  /** Resolves at once: whether a host answers is the foreign monitor's to know. */
  async watch(hosts: readonly DeployedHost[]): Promise<void> {
    for (const host of hosts) this.#hosts.add(host);
  }

  async unwatch(hostnames: readonly string[]): Promise<void> {
    for (const hostname of hostnames) {
      this.#hosts.remove(hostname);
      for (const kind of ['host', 'nic']) this.#down.delete(`${hostname}\n${kind}`);
    }
  }

  #route({ path, body, read }: Intake): void {
    const schema = body ? { body } : {};
    this.#server.app.post(path, { schema }, async (request, reply) => {
      const faults = await read(request.body, request);
      this.#received++;
      return reply.code(202).send(this.#take(faults));
    });
  }

  #take(faults: readonly ReceivedFault[]): IntakeAnswer {
    const answer: IntakeAnswer = { accepted: 0, unchanged: 0, unknown: [] };
    for (const fault of faults) {
      const hostname = this.#hosts.find(fault.host);
      if (hostname === undefined) answer.unknown.push(fault.host);
      else if (this.#isEdge(hostname, fault)) {
        this.#report(hostname, fault);
        answer.accepted++;
      } else answer.unchanged++;
    }
    if (answer.unknown.length > 0)
      this.services.log.warn(
        { event: 'monitor.unknown_host', hosts: answer.unknown },
        'received something about hosts that are not watched',
      );
    return answer;
  }

  #isEdge(hostname: string, fault: ReceivedFault): boolean {
    return this.#down.has(`${hostname}\n${fault.kind}`) !== (fault.status === 'down');
  }

  #report(hostname: string, fault: ReceivedFault): void {
    const { clock, events, reporter, log } = this.services;
    const { name } = this.options;
    const event: FaultEvent = {
      time: new Date(clock.now()).toISOString(),
      type: eventType(fault),
      details: {
        hostname,
        status: fault.status,
        monitor: name,
        monitor_event_id: randomUUID(),
        severity: fault.severity ?? 'critical',
        ...(fault.cause === undefined ? {} : { cause: fault.cause }),
      },
    };
    const key = `${hostname}\n${fault.kind}`;
    if (fault.status === 'down') this.#down.set(key, event);
    else this.#down.delete(key);
    const evidence = { received: { ...fault } };
    if (fault.kind === 'host') {
      if (fault.status === 'down') events.checkpoint({ name: 'T01', hostname });
      events.emit(`host.${fault.status}`, { hostname, monitor: name, evidence });
    }
    const report = reporter.report(event, this.#stopping.signal).catch((error: unknown) => {
      if (!this.#stopping.signal.aborted)
        log.error(
          { event: 'monitor.report_failed', hostname, err: error },
          'the inspector did not take an event',
        );
    });
    this.#reports.add(report);
    void report.finally(() => this.#reports.delete(report));
  }
}
