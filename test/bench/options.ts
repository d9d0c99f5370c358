/** How a bench ends that cannot begin: with its usage. */
export class Usage {
  constructor(private readonly text: string) {}

  /** Reads the options; ends the process with exit code 2 where they are wrong. */
  read<T extends { values: { help?: boolean } }>(parse: () => T): T {
    const parsed = this.tried(parse);
    if (!parsed.values.help) return parsed;
    process.stdout.write(`usage: ${this.text}\n`);
    process.exit(0);
  }

  refuse(problem: string): never {
    process.stderr.write(`bench: ${problem}\nusage: ${this.text}\n`);
    process.exit(2);
  }

  private tried<T>(parse: () => T): T {
    try {
      return parse();
    } catch (error) {
      return this.refuse((error as Error).message);
    }
  }
}

/** A whole number above 0. */
export function isCount(text: string): boolean {
  return /^[1-9]\d*$/.test(text);
}
