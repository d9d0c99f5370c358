import { renderToStaticMarkup } from 'preact-render-to-string';
import type { ReportSection } from '../../engine/types.js';
import type { StateChange } from '../checker/index.js';
import { Gantt, Placements } from './gantt.js';
import { timelineOf } from './timeline.js';

/** The session as a picture for report.html: hosts and projects on one scale of time, and where the instances were. */
export function ganttSection(
  title: string,
  log: readonly StateChange[],
  nameOf?: (instanceId: string) => string,
): ReportSection {
  const timeline = timelineOf(log, nameOf);
  const html = renderToStaticMarkup(
    <div>
      <p style="color:var(--soft)">
        Grey: closed to new instances. Blue: in maintenance. Red: down. Numbers: instances on the host. Dots:
        messages to the project.
      </p>
      <div class="scroll">
        <Gantt timeline={timeline} />
      </div>
      <Placements timeline={timeline} />
    </div>,
  );
  return { title: `${title}: hosts and messages`, html };
}
