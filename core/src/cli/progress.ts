import type { DoctorEvents, EventBus } from '../bus/index.js';
import { formatMs, timeline } from '../profiler/index.js';
import type { ScenarioOutcome } from '../scenarios/index.js';
import { type Paint, paintWith } from './paint.js';

export interface ProgressOptions {
  /** Raw text to the terminal or file. */
  write(text: string): void;
  /** Redraw the step under way; else one plain line per thing that is done. */
  terminal: boolean;
  color: boolean;
  /** Columns of the terminal. */
  columns: number;
  /** Print the time line of the fault. */
  timeline: boolean;
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const MARGIN = '  ';

interface Running {
  title: string;
  detail: string;
  startedAt: number;
  /** A check of the step failed. */
  failed: boolean;
}

/** Shows a scenario's steps and checks as they happen, from the events alone. */
export class Progress {
  readonly #paint: Paint;
  #running: Running | undefined;
  #spinner: NodeJS.Timeout | undefined;
  #frame = 0;
  #undoing = false;
  #drawn = false;

  constructor(readonly options: ProgressOptions) {
    this.#paint = paintWith(options.color);
  }

  /** Follows one scenario. @param titles of its steps, by name */
  follow(events: EventBus, heading: string, titles: ReadonlyMap<string, string>): void {
    this.#undoing = false;
    this.#line(this.#paint.bold(heading));
    this.#begin('Start the components', '');
    events.on('scenario.started', () => this.#end(true, ''));
    events.on('scenario.step', (step) => this.#step(step, titles));
    events.on('scenario.check', ({ check, verdict, detail }) => this.#check(check, verdict, detail));
    events.on('scenario.finished', () => {
      if (this.#undoing) this.#end(true, '');
    });
  }

  /** The outcome of the scenario that was followed. */
  finished({ verdict, reason, profile, durationMs }: ScenarioOutcome): void {
    this.#stop();
    if (profile?.detectionTimeMs !== undefined && this.options.timeline) {
      const { color: colour } = this.options;
      this.#line(
        `\n${indent(timeline(profile, { colour, width: Math.min(36, this.options.columns - 78) }))}\n`,
      );
    }
    const word = this.#paint.verdict(verdict, verdict);
    this.#line(
      `${MARGIN}${word}${reason === null ? '' : `: ${reason}`} ${this.#paint.dim(`in ${formatMs(durationMs)}`)}\n`,
    );
  }

  /** Clears what is under way, after an error. */
  close(): void {
    this.#stop();
  }

  #step(event: DoctorEvents['scenario.step'], titles: ReadonlyMap<string, string>): void {
    const { state, detail = '', step } = event;
    const title = titles.get(step) ?? step;
    if (this.#undoing) {
      if (state === 'failed') this.#print(false, title, detail);
      return;
    }
    if (state === 'started') {
      if (this.#running) this.#running.detail = detail;
      else this.#begin(title, detail);
    } else if (state === 'undone') this.#cleanUp();
    else if (state === 'skipped') {
      // a step that this variant of the scenario does without is nothing to tell
      if (this.#running) this.#end(undefined, detail);
    } else if (this.#running) this.#end(state === 'done', detail);
    else {
      this.#cleanUp();
      this.#print(false, title, detail);
    }
  }

  #cleanUp(): void {
    this.#undoing = true;
    this.#begin('Clean up', '');
  }

  #check(name: string, verdict: 'passed' | 'failed', detail: string): void {
    if (verdict === 'failed' && this.#running) this.#running.failed = true;
    const mark = this.#paint.verdict(verdict, verdict === 'passed' ? '✓' : '✕');
    this.#line(`${MARGIN}${MARGIN}${mark} ${name}${this.#paint.dim(`: ${detail}`)}`);
  }

  #begin(title: string, detail: string): void {
    this.#running = { title, detail, startedAt: performance.now(), failed: false };
    if (!this.options.terminal) return;
    this.#spinner ??= setInterval(() => this.#draw(), 80).unref();
    this.#draw();
  }

  #end(done: boolean | undefined, detail: string): void {
    const running = this.#running;
    if (!running) return;
    this.#stop();
    this.#print(
      done && running.failed ? false : done,
      running.title,
      detail,
      performance.now() - running.startedAt,
    );
  }

  #print(done: boolean | undefined, title: string, detail: string, ms?: number): void {
    const { verdict, dim } = this.#paint;
    const mark =
      done === undefined ? verdict('skipped', '–') : done ? verdict('passed', '✔') : verdict('failed', '✖');
    const took = ms === undefined || ms < 1 ? '' : ` ${dim(formatMs(ms))}`;
    this.#line(`${MARGIN}${mark} ${title}${detail ? dim(` · ${detail}`) : ''}${took}`);
  }

  /** Prints a line above the one under way. */
  #line(text: string): void {
    this.#clear();
    this.options.write(`${text}\n`);
    if (this.#running && this.options.terminal) this.#draw();
  }

  #draw(): void {
    if (!this.#running) return;
    this.#frame = (this.#frame + 1) % FRAMES.length;
    const { title, detail } = this.#running;
    const text = `${title}${detail ? ` · ${detail}` : ''}`;
    const room = this.options.columns - MARGIN.length - 3;
    const shown = text.length > room ? `${text.slice(0, Math.max(0, room - 1))}…` : text;
    this.#clear();
    this.options.write(`${MARGIN}${this.#paint.accent(FRAMES[this.#frame] ?? '')} ${shown}`);
    this.#drawn = true;
  }

  #clear(): void {
    if (!this.#drawn) return;
    this.options.write('\r\u001b[2K');
    this.#drawn = false;
  }

  #stop(): void {
    clearInterval(this.#spinner);
    this.#spinner = undefined;
    this.#running = undefined;
    this.#clear();
  }
}

const indent = (text: string) =>
  text
    .split('\n')
    .map((line) => `${MARGIN}${line}`)
    .join('\n');
