/** Logic on single bits, and choice between words. */
import { ceilLog2 } from '@sp/quant/numeric';
import { selectLevels, tableLevels, treeLevels } from './levels.ts';
import { BIT, hullOf, wireRange, wireType } from './range.ts';
import { isConstant, type Signal } from './signal.ts';
import { Words } from './words.ts';

/** Cells that decide. */
export class Logic extends Words {
  not(x: Signal, name?: string): Signal {
    if (isConstant(x)) return this.constant(1n - x.lo);
    // An inverter is part of whatever LUT reads it.
    return this.cell({ op: 'not' }, this.place([x], 0), BIT, name);
  }

  /** All bits of an unsigned word of `width` bits inverted. */
  invert(x: Signal, width: number): Signal {
    const range = wireRange({ width, signed: false });
    if (isConstant(x)) return this.constant(range.hi - x.lo);
    return this.cell({ op: 'not' }, this.place([x], 0), range);
  }

  and(bits: readonly Signal[], name?: string): Signal {
    if (bits.some((bit) => bit.hi === 0n)) return this.constant(0);
    return this.#logic(
      'and',
      unique(bits).filter((bit) => bit.lo === 0n),
      1,
      name,
    );
  }

  or(bits: readonly Signal[], name?: string): Signal {
    if (bits.some((bit) => bit.lo === 1n)) return this.constant(1);
    return this.#logic(
      'or',
      unique(bits).filter((bit) => bit.hi === 1n),
      0,
      name,
    );
  }

  xor(bits: readonly Signal[], name?: string): Signal {
    const live = bits.filter((bit) => !isConstant(bit));
    const odd = bits.filter((bit) => isConstant(bit) && bit.lo === 1n).length % 2 === 1;
    const parity = this.#logic('xor', live, 0, odd ? undefined : name);
    return odd ? this.not(parity, name) : parity;
  }

  /** Whether a number is not 0, and `on` is set too. */
  any(x: Signal, on?: Signal, name?: string): Signal {
    if (x.lo > 0n || x.hi < 0n) return on ?? this.constant(1);
    if (isConstant(x) || on?.hi === 0n) return this.constant(0);
    const { width } = wireType(x);
    const gate = on === undefined || isConstant(on) ? [] : [on];
    if (width === 1) return this.and([this.bit(x, 0), ...gate], name);
    return this.cell({ op: 'any' }, this.place([x, ...gate], treeLevels(width + gate.length)), BIT, name);
  }
  /** Bitwise or of all values whose bit is set; 0 when none is. */
  select(pairs: readonly (readonly [Signal, Signal])[], name?: string): Signal {
    const live = pairs.filter(([bit, value]) => bit.hi !== 0n && !(isConstant(value) && value.lo === 0n));
    if (live.length === 0) return this.constant(0);
    if (live.length === 1 && live[0][0].lo === 1n) return live[0][1];
    const range = hullOf([{ lo: 0n, hi: 0n }, ...live.map(([, value]) => value)]);
    // Several set bits mix their values: anything that the wire can hold.
    const place = this.place(live.flat(), selectLevels(live.length));
    return this.cell({ op: 'select' }, place, live.length === 1 ? range : wireRange(wireType(range)), name);
  }

  /** `bit ? value : 0`. Part of the LUT that makes `value`, if `merged` and the bit is there in time. */
  gate(bit: Signal, value: Signal, merged = false, name?: string): Signal {
    if (bit.hi === 0n || isConstant(bit) || isConstant(value) || !merged) return this.select([[bit, value]], name);
    const range = hullOf([{ lo: 0n, hi: 0n }, value]);
    return this.cell({ op: 'select' }, this.place([bit, value], this.#joins(value, [bit]) ? 0 : 1), range, name);
  }

  /** `bit ? constant : value`. Part of the LUT that makes `value`, if `merged` and the bit is there in time. */
  override(bit: Signal, constant: bigint, value: Signal, merged = false): Signal {
    if (isConstant(bit)) return bit.lo === 1n ? this.constant(constant) : value;
    const other = this.constant(constant);
    const cost = merged && this.#joins(value, [bit]) ? 0 : 1;
    return this.cell({ op: 'mux' }, this.place([bit, other, value], cost), hullOf([other, value]));
  }

  /** `bit ? a : b`. */
  mux(bit: Signal, a: Signal, b: Signal, name?: string): Signal {
    if (isConstant(bit)) return bit.lo === 1n ? a : b;
    if (a.id === b.id) return a;
    if (isConstant(b) && b.lo === 0n) return this.gate(bit, a, false, name);
    return this.cell({ op: 'mux' }, this.place([bit, a, b], 1), hullOf([a, b]), name);
  }

  /**
   * Value number `index` of two to four, or any of them where there is none: with an index of two bits and four values as many inputs as one LUT has.
   */
  choose(index: Signal, values: readonly Signal[], name?: string): Signal {
    if (values.length === 1) return values[0];
    if (isConstant(index)) return values[Math.min(Number(index.lo), values.length - 1)];
    const [at, ...x] = this.place([index, ...values], 1).ins;
    const either = (bit: Signal, a: Signal, b: Signal, cost: number, label?: string): Signal =>
      a.id === b.id ? a : this.cell({ op: 'mux' }, this.place([bit, a, b], cost), hullOf([a, b]), label);
    const odd = this.bit(at, 0);
    if (x.length === 2) return either(odd, x[1], x[0], 1, name);
    const low = either(odd, x[1], x[0], 0);
    const high = x.length === 3 ? x[2] : either(odd, x[3], x[2], 0);
    return either(this.bit(at, 1), high, low, 1, name);
  }

  /** Entry `index` of a table of `2^width` numbers; `index` is an unsigned number of at most `width` bits. */
  table(index: Signal, values: readonly bigint[], name?: string): Signal {
    if (isConstant(index)) return this.constant(values[Number(index.lo)]);
    const range = hullOf(values.map((value) => ({ lo: value, hi: value })));
    if (range.lo === range.hi) return this.constant(range.lo);
    const width = ceilLog2(values.length);
    return this.cell({ op: 'table', values }, this.place([index], tableLevels(width)), range, name);
  }

  #logic(op: 'and' | 'or' | 'xor', bits: readonly Signal[], none: number, name?: string): Signal {
    if (bits.length === 0) return this.constant(none);
    if (bits.length === 1) return bits[0];
    return this.cell({ op }, this.place(bits, treeLevels(bits.length)), BIT, name);
  }

  /** Whether the LUT that makes `value` can take these bits as well. */
  #joins(value: Signal, bits: readonly Signal[]): boolean {
    return (
      value.level > 0 &&
      bits.every((bit) => bit.stage < value.stage || (bit.stage === value.stage && bit.level < value.level))
    );
  }
}

function unique(signals: readonly Signal[]): Signal[] {
  return [...new Map(signals.map((x) => [x.id, x])).values()];
}
