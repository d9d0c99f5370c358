/** An IPv4 address as number. */
function toNumber(address: string): number | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(address);
  if (match === null) return undefined;
  const bytes = match.slice(1).map(Number);
  if (bytes.some((byte) => byte > 255)) return undefined;
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}

/** The number as IPv4 address. */
export const toAddress = (value: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');

/** First and last address of an IPv4 network in CIDR form; undefined when it is none. */
export function cidrRange(cidr: string): { first: number; last: number } | undefined {
  const [text = '', bits = ''] = cidr.split('/');
  const base = toNumber(text);
  if (base === undefined || !/^\d{1,2}$/.test(bits) || Number(bits) > 32) return undefined;
  const size = 2 ** (32 - Number(bits));
  const first = base - (base % size);
  return { first, last: first + size - 1 };
}

/** Hands out the addresses of a subnet: next free one in a ring, so that 1,000 ports cost 1,000 steps. */
export class AddressPool {
  readonly #used = new Set<number>();
  readonly #first: number;
  readonly #last: number;
  #next: number;

  constructor(first: number, last: number) {
    this.#first = first;
    this.#last = last;
    this.#next = first;
  }

  /** The next free address; undefined when the pool is exhausted. */
  take(): string | undefined {
    const size = this.#last - this.#first + 1;
    for (let tries = 0; tries < size; tries += 1) {
      const candidate = this.#next;
      this.#next = candidate >= this.#last ? this.#first : candidate + 1;
      if (this.#used.has(candidate)) continue;
      this.#used.add(candidate);
      return toAddress(candidate);
    }
    return undefined;
  }

  /** Takes this very address; false when it is in use. */
  claim(address: string): boolean {
    const value = toNumber(address);
    if (value === undefined || this.#used.has(value)) return false;
    this.#used.add(value);
    return true;
  }

  release(address: string): void {
    const value = toNumber(address);
    if (value !== undefined) this.#used.delete(value);
  }
}
