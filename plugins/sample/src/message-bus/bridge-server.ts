import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import {
  type Clock,
  type HttpKit,
  type HttpServer,
  type Notification,
  Type,
} from '@nfv-doctor/core/plugin-api';
import type { MessageBusConfig } from './config.js';
import { Journal, type JournalLine } from './journal.js';

const NotificationSchema = Type.Object({
  messageId: Type.String({ minLength: 1, maxLength: 255 }),
  publisherId: Type.String({ maxLength: 255 }),
  eventType: Type.String({ minLength: 1, maxLength: 255 }),
  priority: Type.String({ maxLength: 32 }),
  payload: Type.Record(Type.String(), Type.Unknown()),
  timestamp: Type.String({ maxLength: 64 }),
});
const QuerySchema = Type.Object({
  after: Type.Optional(Type.Integer({ minimum: 0 })),
  epoch: Type.Optional(Type.String({ maxLength: 64 })),
});

/** A reader that is this many bytes behind is cut off; it joins again where it was. */
const MOST_BEHIND = 32 * 1024 * 1024;

/** Lets other processes join this bus: `POST /notifications` publishes, `GET /notifications` is a stream of JSON lines. */
export class BridgeServer {
  readonly #server: HttpServer;
  readonly #journal: Journal;
  readonly #readers = new Set<ServerResponse>();
  /** Sequence numbers of another life of this process mean nothing. */
  readonly #epoch = randomUUID();

  constructor(
    readonly config: MessageBusConfig,
    readonly clock: Clock,
    http: HttpKit,
    publish: (notification: Notification) => void,
  ) {
    this.#journal = new Journal(config.history);
    this.#server = http.server({
      name: 'message_bus',
      host: config.host,
      port: config.listen,
      token: config.token,
      protect: 'all',
    });
    this.#routes(publish);
  }

  get url(): URL {
    return this.#server.url;
  }

  listen(): Promise<URL> {
    return this.#server.listen();
  }

  send(notification: Notification): void {
    const line = this.#journal.add(notification);
    if (this.#readers.size === 0) return;
    const text = toText(line);
    for (const reader of this.#readers) {
      reader.write(text);
      if (reader.writableLength > MOST_BEHIND) reader.destroy();
    }
  }

  async close(): Promise<void> {
    for (const reader of this.#readers) reader.end();
    await this.#server.close();
  }

  #routes(publish: (notification: Notification) => void): void {
    const { app } = this.#server;
    const body = Type.Union([NotificationSchema, Type.Array(NotificationSchema, { maxItems: 1000 })]);
    app.post('/notifications', { schema: { body } }, async (request, reply) => {
      for (const notification of [request.body].flat() as Notification[]) publish(notification);
      return reply.code(202).send({ accepted: [request.body].flat().length });
    });
    app.get('/notifications', { schema: { querystring: QuerySchema } }, (request, reply) => {
      const { after, epoch } = request.query as { after?: number; epoch?: string };
      reply.hijack();
      this.#stream(reply.raw, epoch === this.#epoch ? after : undefined);
    });
  }

  #stream(reader: ServerResponse, after: number | undefined): void {
    reader.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' });
    reader.write(`${JSON.stringify({ epoch: this.#epoch, sequence: after ?? this.#journal.last })}\n`);
    if (after !== undefined) for (const line of this.#journal.after(after)) reader.write(toText(line));
    const beat = this.clock.setInterval(() => reader.write('\n'), this.config.heartbeat).unref();
    this.#readers.add(reader);
    const gone = () => {
      beat.cancel();
      this.#readers.delete(reader);
    };
    reader.on('close', gone).on('error', gone);
  }
}

const toText = (line: JournalLine) => `${JSON.stringify(line)}\n`;
