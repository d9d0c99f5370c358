import type { RecordedEvent } from '../../bus/index.js';
import { CHECKPOINTS } from '../../bus/index.js';
import type { ShownSetting } from '../../config/index.js';
import { CHECKPOINT_NAMES, type FaultProfile, formatMs } from '../../profiler/index.js';
import type { Check, Leftover, StepOutcome } from '../../scenarios/engine/types.js';

const MARKS = { passed: '✓', failed: '✕', skipped: '–' } as const;

export function Badge({ verdict, big = false }: { verdict: keyof typeof MARKS; big?: boolean }) {
  return <span class={`badge ${verdict}${big ? ' big' : ''}`}>{verdict}</span>;
}

function Mark({ verdict }: { verdict: keyof typeof MARKS }) {
  return (
    <td class="mark">
      <span class={`tick ${verdict}`} role="img" aria-label={verdict}>
        {MARKS[verdict]}
      </span>
    </td>
  );
}

export function Checks({ checks, leftovers }: { checks: readonly Check[]; leftovers: readonly Leftover[] }) {
  return (
    <div class="scroll">
      <table>
        <tbody>
          {checks.map((check) => (
            <tr key={check.name}>
              <Mark verdict={check.verdict} />
              <td class="name">{sentence(check.name)}</td>
              <td class="soft">{check.detail}</td>
            </tr>
          ))}
          {leftovers.map(({ resource, reason }) => (
            <tr key={resource}>
              <Mark verdict="failed" />
              <td class="name">Could not be removed: {resource}</td>
              <td class="soft">{reason}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const STATES: Readonly<Record<StepOutcome['state'], keyof typeof MARKS>> = {
  done: 'passed',
  failed: 'failed',
  skipped: 'skipped',
  not_reached: 'skipped',
};

export function Steps({ steps }: { steps: readonly StepOutcome[] }) {
  return (
    <div class="scroll">
      <table>
        <tbody>
          {steps.map((step) => (
            <tr key={step.name}>
              <Mark verdict={STATES[step.state]} />
              <td class="name">{step.title}</td>
              <td class="soft">{step.state === 'not_reached' ? 'not reached' : step.detail}</td>
              <td class="num">
                {step.state === 'done' || step.state === 'failed' ? formatMs(step.durationMs) : ''}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const cell = (ms: number | undefined) => <td class="num">{ms === undefined ? '–' : formatMs(ms)}</td>;

/** All checkpoints in figures: the instance that counts, and the spread over all. */
export function Checkpoints({ profile }: { profile: FaultProfile }) {
  const many = profile.instances.length > 1;
  return (
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th>Checkpoint</th>
            <th />
            <th class="num">after T00</th>
            <th class="num">after T01</th>
            {many
              ? ['first', 'median', 'p90', 'p99', 'last'].map((name) => (
                  <th class="num" key={name}>
                    {name}
                  </th>
                ))
              : null}
          </tr>
        </thead>
        <tbody>
          {CHECKPOINT_NAMES.map((name) => {
            const at = profile.last.checkpoints[name];
            const spread = profile.percentiles[name];
            const detected = profile.last.checkpoints.T01;
            return (
              <tr key={name}>
                <td>
                  <b>{name}</b>
                </td>
                <td class="soft">{CHECKPOINTS[name]}</td>
                {cell(at)}
                {cell(
                  at === undefined || detected === undefined || name === 'T00' ? undefined : at - detected,
                )}
                {many
                  ? (['min', 'median', 'p90', 'p99', 'max'] as const).map((key) => cell(spread?.[key]))
                  : null}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** What was set, and in a fold all there is. */
export function Configuration({ settings }: { settings: readonly ShownSetting[] }) {
  const set = settings.filter(({ from }) => from !== 'default');
  return (
    <div>
      {set.length > 0 ? <Settings settings={set} /> : <p class="soft">Every option has its default.</p>}
      <details class="inner">
        <summary>
          All options <span class="soft">{settings.length}</span>
        </summary>
        <Settings settings={settings} />
      </details>
    </div>
  );
}

function Settings({ settings }: { settings: readonly ShownSetting[] }) {
  return (
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th>Option</th>
            <th>Value</th>
            <th>From</th>
          </tr>
        </thead>
        <tbody>
          {settings.map(({ key, value, from }) => (
            <tr key={key}>
              <td class="mono">{key}</td>
              <td class="mono">{typeof value === 'string' ? value || '–' : JSON.stringify(value)}</td>
              <td class="soft">{from}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function Events({ events }: { events: readonly (RecordedEvent & { scenario: string })[] }) {
  const start = events[0]?.at ?? 0;
  return (
    <div>
      <input type="search" id="filter" placeholder="Filter events" aria-label="Filter events" hidden />
      <div class="events" tabIndex={0} role="region" aria-label="Events">
        <table id="events">
          <tbody>
            {events.map(({ scenario, sequence, at, name, data }) => (
              <tr key={`${scenario} ${sequence}`}>
                <td class="num soft at">{((at - start) / 1000).toFixed(4)} s</td>
                <td class="event">{name}</td>
                <td class="mono">{shorten(JSON.stringify(data))}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

const shorten = (text: string) => (text.length > 400 ? `${text.slice(0, 400)}…` : text);
const sentence = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
