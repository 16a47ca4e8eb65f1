/**
 * Single bits and gates between them: and, or, exclusive or, multiplexer, inverter. Constants are folded and equal gates made once, so that what is written down is
 * what a LUT mapper has to look at.
 */

/** Number of a bit. */
export type Bit = number;

/** The constants. */
export const LOW: Bit = 0;
export const HIGH: Bit = 1;

/** What drives a bit; `free` is driven from elsewhere: a port, register, carry chain, product or module. */
export type GateKind = 'constant' | 'free' | 'not' | 'and' | 'or' | 'xor' | 'mux';

/** One bit and what drives it. */
export interface Gate {
  readonly kind: GateKind;
  /** Bits that it reads; of a multiplexer selector, then what it is if set, then if not. */
  readonly ins: readonly Bit[];
}

/** Inputs of a LUT, and and-or pairs in one. */
const LUT = 6;
const PAIRS = 3;

/** Gates that are being written. */
export class Gates {
  readonly list: Gate[] = [
    { kind: 'constant', ins: [] },
    { kind: 'constant', ins: [] },
  ];
  readonly #known = new Map<string, Bit>();

  free(): Bit {
    return this.list.push({ kind: 'free', ins: [] }) - 1;
  }

  not(a: Bit): Bit {
    if (a <= HIGH) return HIGH - a;
    const { kind, ins } = this.list[a];
    return kind === 'not' ? ins[0] : this.#gate('not', [a]);
  }

  and(a: Bit, b: Bit): Bit {
    if (a === LOW || b === LOW || a === this.#opposite(b)) return LOW;
    if (a === HIGH || a === b) return b;
    if (b === HIGH) return a;
    return this.#gate('and', a < b ? [a, b] : [b, a]);
  }

  or(a: Bit, b: Bit): Bit {
    if (a === HIGH || b === HIGH || a === this.#opposite(b)) return HIGH;
    if (a === LOW || a === b) return b;
    if (b === LOW) return a;
    return this.#gate('or', a < b ? [a, b] : [b, a]);
  }

  xor(a: Bit, b: Bit): Bit {
    if (a <= HIGH) return a === LOW ? b : this.not(b);
    if (b <= HIGH) return b === LOW ? a : this.not(a);
    if (a === b) return LOW;
    const [p, q] = [this.#plain(a), this.#plain(b)];
    if (p === q) return HIGH;
    const x = this.#gate('xor', p < q ? [p, q] : [q, p]);
    return (p === a) === (q === b) ? x : this.not(x);
  }

  /** `s ? a : b`. */
  mux(s: Bit, a: Bit, b: Bit): Bit {
    if (s <= HIGH) return s === HIGH ? a : b;
    if (a === b) return a;
    if (this.list[s].kind === 'not') return this.mux(this.list[s].ins[0], b, a);
    if (a === LOW) return this.and(this.not(s), b);
    if (a === HIGH || a === s) return this.or(s, b);
    if (b === LOW || b === s) return this.and(s, a);
    if (b === HIGH) return this.or(this.not(s), a);
    if (a === this.#opposite(b)) return this.xor(s, b);
    return this.#gate('mux', [s, a, b]);
  }

  /** And of any number of bits, in trees that LUTs can follow. */
  all(bits: readonly Bit[]): Bit {
    return this.#tree(bits, (a, b) => this.and(a, b), HIGH);
  }

  /** Or of any number of bits. */
  any(bits: readonly Bit[]): Bit {
    return this.#tree(bits, (a, b) => this.or(a, b), LOW);
  }

  /** Exclusive or of any number of bits. */
  parity(bits: readonly Bit[]): Bit {
    return this.#tree(bits, (a, b) => this.xor(a, b), LOW);
  }

  /** Or of all second bits whose first is set. */
  select(pairs: readonly (readonly [Bit, Bit])[]): Bit {
    const terms = pairs.map(([bit, value]) => this.and(bit, value)).filter((term) => term !== LOW);
    return this.any(groups(terms, PAIRS).map((some) => this.any(some)));
  }

  /** Bit number `index` (lowest bit first) of a table. */
  table(index: readonly Bit[], values: readonly boolean[]): Bit {
    const known = new Map<string, Bit>();
    const at = (from: number, size: number, top: number): Bit => {
      const part = values.slice(from, from + size);
      if (part.every((value) => value === part[0])) return part[0] ? HIGH : LOW;
      const key = part.map((value) => (value ? '1' : '0')).join('');
      const made =
        known.get(key) ?? this.mux(index[top], at(from + size / 2, size / 2, top - 1), at(from, size / 2, top - 1));
      known.set(key, made);
      return made;
    };
    return at(0, values.length, index.length - 1);
  }

  #tree(bits: readonly Bit[], join: (a: Bit, b: Bit) => Bit, none: Bit): Bit {
    let open = [...new Set(bits)].filter((bit) => bit !== none);
    if (join(HIGH, HIGH) === LOW) open = bits.filter((bit) => bit !== none);
    while (open.length > LUT) open = groups(open, LUT).map((some) => balanced(some, join));
    return open.length === 0 ? none : balanced(open, join);
  }

  #plain(a: Bit): Bit {
    const { kind, ins } = this.list[a];
    return kind === 'not' ? ins[0] : a;
  }

  /** The inverse of a bit, if there is one already. */
  #opposite(a: Bit): Bit | undefined {
    if (a <= HIGH) return HIGH - a;
    const { kind, ins } = this.list[a];
    return kind === 'not' ? ins[0] : this.#known.get(`not ${a}`);
  }

  #gate(kind: GateKind, ins: readonly Bit[]): Bit {
    const key = `${kind} ${ins.join(' ')}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const bit = this.list.push({ kind, ins }) - 1;
    this.#known.set(key, bit);
    return bit;
  }
}

function balanced(bits: readonly Bit[], join: (a: Bit, b: Bit) => Bit): Bit {
  let open = [...bits];
  while (open.length > 1) open = groups(open, 2).map(([a, b]) => (b === undefined ? a : join(a, b)));
  return open[0];
}

function groups<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, j) => list.slice(j * size, (j + 1) * size));
}
