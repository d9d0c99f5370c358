import { DoctorError } from '@nfv-doctor/core/plugin-api';
import { isMap, isSeq, parseDocument, type YAMLMap, YAMLSeq } from 'yaml';

/** Publishes events to the topic that Aodh's listener reads. */
export const ALARM_PUBLISHER = 'notifier://?topic=alarm.all';

/** Whether a publisher goes to Aodh's topic, with whatever other options. */
const isAlarmPublisher = (value: unknown): boolean =>
  typeof value === 'string' && /^notifier:\/\/.*[?&]topic=alarm\.all(&|$)/.test(value);

/**
 * Ceilometer's event_pipeline.yaml with the publisher in its first sink; the same text when some sink has one already.
 * @throws DoctorError BACKEND_PROTOCOL when it is no event pipeline
 */
export function withAlarmPublisher(text: string): string {
  const document = parseDocument(text);
  const sinks = document.get('sinks');
  if (document.errors.length > 0 || !isSeq(sinks) || sinks.items.length === 0 || !sinks.items.every(isMap))
    throw new DoctorError('BACKEND_PROTOCOL', 'event_pipeline.yaml has no list of sinks');
  const lacking = (sinks.items as YAMLMap[]).filter((sink) => !publishersOf(sink).some(isAlarmPublisher));
  // an event that two sinks publish would be evaluated twice
  const [first] = lacking;
  if (first === undefined || lacking.length < sinks.items.length) return text;
  const publishers = first.get('publishers');
  if (isSeq(publishers)) publishers.add(document.createNode(ALARM_PUBLISHER));
  else {
    const made = new YAMLSeq(document.schema);
    made.add(document.createNode(ALARM_PUBLISHER));
    first.set('publishers', made);
  }
  return document.toString({ lineWidth: 0 });
}

function publishersOf(sink: YAMLMap): unknown[] {
  const publishers = sink.get('publishers');
  return isSeq(publishers) ? (publishers.toJSON() as unknown[]) : [];
}
