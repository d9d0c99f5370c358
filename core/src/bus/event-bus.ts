import { EventEmitter } from 'eventemitter3';
import type { Clock } from '../domain/clock.js';
import type { Logger } from '../log/logger.js';
import type { Checkpoint, DoctorEventName, DoctorEvents } from './catalogue.js';

/** One event with its stamps, as written to events.jsonl. */
export interface RecordedEvent<Name extends DoctorEventName = DoctorEventName> {
  /** Rises by one with each event of the process. */
  sequence: number;
  /** Monotonic ms. */
  at: number;
  name: Name;
  data: DoctorEvents[Name];
}

/** The typed in-process event bus. A listener that throws is logged and stops nobody else. */
export interface EventBus {
  emit<Name extends DoctorEventName>(name: Name, data: DoctorEvents[Name]): void;
  /** Emits a `checkpoint` event, stamped now unless `at` is given. */
  checkpoint(checkpoint: Checkpoint): void;
  /** @returns a function that ends the subscription */
  on<Name extends DoctorEventName>(
    name: Name,
    listener: (data: DoctorEvents[Name], event: RecordedEvent<Name>) => void,
  ): () => void;
  /** Every event, in order. */
  onAny(listener: (event: RecordedEvent) => void): () => void;
}

const ANY = Symbol('any');

export function createEventBus(clock: Clock, log: Logger): EventBus {
  const emitter = new EventEmitter<Record<string | symbol, [RecordedEvent]>>();
  let sequence = 0;

  const guarded = (listener: (event: RecordedEvent) => void) => (event: RecordedEvent) => {
    try {
      listener(event);
    } catch (error) {
      log.error(
        { event: 'bus.listener_failed', name: event.name, err: error },
        'a listener of the event bus threw',
      );
    }
  };
  const subscribe = (name: string | symbol, listener: (event: RecordedEvent) => void) => {
    const safe = guarded(listener);
    emitter.on(name, safe);
    return () => void emitter.off(name, safe);
  };

  const bus: EventBus = {
    emit(name, data) {
      const event: RecordedEvent = { sequence: sequence++, at: clock.monotonic(), name, data };
      emitter.emit(name, event);
      emitter.emit(ANY, event);
    },
    checkpoint: (checkpoint) =>
      bus.emit('checkpoint', { ...checkpoint, at: checkpoint.at ?? clock.monotonic() }),
    on: (name, listener) => subscribe(name, (event) => listener(event.data as never, event as never)),
    onAny: (listener) => subscribe(ANY, listener),
  };
  return bus;
}
