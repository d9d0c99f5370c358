/** One queue of a `FairLimiter`: the calls of one fault. */
export interface Lane {
  /** Runs `task` when it is this lane's turn. */
  run<T>(task: () => Promise<T>): Promise<T>;
}

interface Queue {
  readonly tasks: (() => void)[];
  next: number;
  running: number;
}

/**
 * Bounds calls that are under way, per lane and over all lanes; lanes with waiting calls take turns,
 * so that the thousand instances of one host do not hold up the ten of another.
 */
export class FairLimiter {
  readonly #perLane: number;
  readonly #total: number;
  readonly #waiting: Queue[] = [];
  #running = 0;

  constructor(options: { perLane: number; total: number }) {
    this.#perLane = Math.max(1, options.perLane);
    this.#total = Math.max(1, options.total);
  }

  get running(): number {
    return this.#running;
  }

  lane(): Lane {
    const queue: Queue = { tasks: [], next: 0, running: 0 };
    return {
      run: <T>(task: () => Promise<T>) =>
        new Promise<T>((resolve, reject) => {
          queue.tasks.push(() => {
            task()
              .then(resolve, reject)
              .finally(() => this.#done(queue));
          });
          if (queue.tasks.length - queue.next === 1) this.#waiting.push(queue);
          this.#turn();
        }),
    };
  }

  #done(queue: Queue): void {
    queue.running--;
    this.#running--;
    this.#turn();
  }

  #turn(): void {
    let passed = 0;
    while (this.#running < this.#total && passed < this.#waiting.length) {
      const queue = this.#waiting.shift()!;
      if (queue.running >= this.#perLane) {
        this.#waiting.push(queue);
        passed++;
        continue;
      }
      passed = 0;
      const start = queue.tasks[queue.next++]!;
      if (queue.next < queue.tasks.length) this.#waiting.push(queue);
      else {
        queue.tasks.length = 0;
        queue.next = 0;
      }
      queue.running++;
      this.#running++;
      start();
    }
  }
}
