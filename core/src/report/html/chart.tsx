import { CHECKPOINTS, type CheckpointName } from '../../bus/index.js';
import { CHECKPOINT_NAMES, type FaultProfile, formatMs } from '../../profiler/index.js';

const WIDTH = 960;
const LABEL = 322;
const VALUE = 92;
const ROW = 30;
const TOP = 34;

/** Whose time it is: the monitor's, the inspector's and the cloud's, the notifier's. */
const STAGES: Readonly<Record<CheckpointName, 'detect' | 'act' | 'notify'>> = {
  T00: 'detect',
  T01: 'detect',
  T02: 'act',
  T03: 'act',
  T04: 'act',
  T05: 'act',
  T06: 'notify',
  T07: 'notify',
  T08: 'notify',
  T09: 'notify',
};

/** A logarithmic scale with a zero: tenths of a millisecond and minutes stand on one line. */
export function logScale(max: number, width: number): { at(ms: number): number; ticks: number[] } {
  const smallest = 0.1;
  const top = Math.max(max, smallest * 100);
  const log = (ms: number) => Math.log10(1 + Math.max(0, ms) / smallest);
  const ticks = [0];
  for (let tick = smallest; tick <= top; tick *= 10) ticks.push(tick);
  return { at: (ms) => (log(ms) / log(top)) * width, ticks };
}

const tickText = (ms: number) =>
  ms === 0 ? '0' : ms < 1000 ? `${Number(ms.toPrecision(1))} ms` : `${ms / 1000} s`;

/** The way of a fault: a row per checkpoint, counted from the detection, where the promise begins. */
export function FaultChart({ profile, limitMs }: { profile: FaultProfile; limitMs: number | undefined }) {
  const { last, percentiles, instances } = profile;
  const origin = last.checkpoints.T01 ?? 0;
  const rows = CHECKPOINT_NAMES.filter((name) => name !== 'T00' && name !== 'T01');
  const latest = Math.max(...rows.flatMap((name) => percentiles[name]?.max ?? []), origin) - origin;
  const plot = WIDTH - LABEL - VALUE;
  const scale = logScale(Math.max(latest * 1.3, (limitMs ?? 0) * 1.15), plot);
  const bottom = TOP + rows.length * ROW;
  const height = bottom + (limitMs === undefined ? 4 : 20);
  const x = (ms: number) => LABEL + scale.at(ms);
  return (
    <svg
      class="chart"
      viewBox={`0 0 ${WIDTH} ${height}`}
      role="img"
      aria-label={`Time line of the fault of ${profile.hostname}, in milliseconds after its detection`}
    >
      {scale.ticks.map((tick) => (
        <g key={tick}>
          <line class="grid" x1={x(tick)} x2={x(tick)} y1={TOP - 6} y2={bottom} />
          <text class="lbl" x={x(tick)} y={TOP - 14} text-anchor="middle" font-size="11.5">
            {tickText(tick)}
          </text>
        </g>
      ))}
      {limitMs === undefined ? null : (
        <g>
          <line class="limit" x1={x(limitMs)} x2={x(limitMs)} y1={TOP - 6} y2={bottom} />
          <text class="limit-text" x={x(limitMs)} y={bottom + 14} text-anchor="middle">
            limit {formatMs(limitMs)}
          </text>
        </g>
      )}
      {rows.map((name, index) => {
        const at = last.checkpoints[name];
        const spread = percentiles[name];
        const y = TOP + index * ROW;
        const colour = `var(--${STAGES[name]})`;
        const from = spread ? x(spread.min - origin) : 0;
        const to = spread ? x(spread.max - origin) : 0;
        return (
          <g key={name}>
            <text class="id" x="0" y={y + 16}>
              {name}
            </text>
            <text class="lbl" x="38" y={y + 16}>
              {CHECKPOINTS[name]}
            </text>
            <rect class="track" x={LABEL} y={y + 5} width={plot} height="14" rx="4" />
            {at === undefined ? (
              <text class="lbl num" x={WIDTH} y={y + 16}>
                not observed
              </text>
            ) : (
              <g>
                <title>{`${name} ${CHECKPOINTS[name]}: ${formatMs(at - origin)} after the detection`}</title>
                {spread && instances.length > 1 ? (
                  <rect
                    class="spread"
                    x={from}
                    y={y + 5}
                    width={Math.max(2, to - from)}
                    height="14"
                    rx="4"
                    fill={colour}
                  />
                ) : (
                  <rect
                    class="spread"
                    x={LABEL}
                    y={y + 5}
                    width={Math.max(2, x(at - origin) - LABEL)}
                    height="14"
                    rx="4"
                    fill={colour}
                  />
                )}
                <circle cx={x(at - origin)} cy={y + 12} r="6" fill={colour} />
                <text class="num" x={WIDTH} y={y + 16}>
                  {formatMs(at - origin)}
                </text>
              </g>
            )}
          </g>
        );
      })}
    </svg>
  );
}

/** What the colours mean. */
export function ChartKey({ instances }: { instances: number }) {
  return (
    <div class="key">
      <span>
        <i style="background:var(--act)" />
        inspector and cloud
      </span>
      <span>
        <i style="background:var(--notify)" />
        notifier and consumer
      </span>
      <span>
        {instances > 1
          ? `Dot: the instance notified last; band: first to last of ${instances} instances.`
          : 'Logarithmic scale; 0 is the detection by the monitor (T01).'}
      </span>
    </div>
  );
}
