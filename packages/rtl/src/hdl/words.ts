/** Numbers on wires, their arithmetic and comparison. Constants are folded, so that dead channels and zero weights vanish by themselves. */
import { carryLevels, equalLevels, treeLevels } from './levels.ts';
import { PlacedCells } from './placed-cells.ts';
import { BIT, max, min, type Range, wireRange, wireType } from './range.ts';
import { isConstant, type Signal } from './signal.ts';

/** Cells that compute with words. */
export class Words extends PlacedCells {
  /** The same number on a narrower wire. The caller knows that it is in the range. */
  narrow(x: Signal, range: Range, name?: string): Signal {
    const lo = max(x.lo, range.lo);
    const hi = min(x.hi, range.hi);
    if (lo === x.lo && hi === x.hi) return x;
    if (lo >= hi) return this.constant(lo > hi ? 0n : lo);
    const type = wireType({ lo, hi });
    const own = wireType(x);
    if (type.width === own.width && type.signed === own.signed) return { ...x, lo, hi };
    return this.cell({ op: 'bits', from: 0 }, this.place([x], 0), { lo, hi }, name);
  }

  /** `⌊x / 2^by⌋`, or `x · 2^-by`. */
  shift(x: Signal, by: number, name?: string): Signal {
    if (by === 0) return x;
    if (by < 0) {
      const count = BigInt(-by);
      if (isConstant(x)) return this.constant(x.lo << count);
      return this.cell({ op: 'shl', by: -by }, this.place([x], 0), { lo: x.lo << count, hi: x.hi << count }, name);
    }
    const range = { lo: x.lo >> BigInt(by), hi: x.hi >> BigInt(by) };
    if (range.lo === range.hi) return this.constant(range.lo);
    return this.cell({ op: 'bits', from: by }, this.place([x], 0), range, name);
  }

  /** `count` bits from bit `from` on as a two's complement or unsigned number. */
  bits(x: Signal, from: number, count: number, signed = false, name?: string): Signal {
    const range = wireRange({ width: count, signed });
    const own = wireType(x);
    if (from === 0 && own.width === count && own.signed === signed && !isConstant(x)) return x;
    if (isConstant(x)) {
      const word = x.lo >> BigInt(from);
      return this.constant(signed ? BigInt.asIntN(count, word) : BigInt.asUintN(count, word));
    }
    return this.cell({ op: 'bits', from }, this.place([x], 0), range, name);
  }

  /** The lowest bit of a number. */
  bit(x: Signal, at: number): Signal {
    return this.bits(x, at, 1);
  }

  /** Whether a number is negative. */
  sign(x: Signal): Signal {
    if (x.lo >= 0n) return this.constant(0);
    if (x.hi < 0n) return this.constant(1);
    return this.bit(x, wireType(x).width - 1);
  }

  /** All bits after each other, the first signal on top. */
  cat(parts: readonly Signal[], name?: string): Signal {
    if (parts.length === 1 && parts[0].lo >= 0n) return parts[0];
    const width = parts.reduce((sum, part) => sum + wireType(part).width, 0);
    if (parts.every(isConstant)) {
      return this.constant(
        parts.reduce((word, x) => (word << BigInt(wireType(x).width)) | BigInt.asUintN(wireType(x).width, x.lo), 0n),
      );
    }
    return this.cell({ op: 'cat' }, this.place(parts, 0), wireRange({ width, signed: false }), name);
  }

  /** `a · 2^aShift + b · 2^bShift`. */
  add(a: Signal, b: Signal, aShift = 0, bShift = 0, name?: string): Signal {
    return this.#sum('add', a, b, aShift, bShift, name);
  }

  /** `a · 2^aShift - b · 2^bShift`. */
  sub(a: Signal, b: Signal, aShift = 0, bShift = 0, name?: string): Signal {
    return this.#sum('sub', a, b, aShift, bShift, name);
  }

  /** Product of two numbers: a stage of its own, as a DSP block takes. */
  mul(a: Signal, b: Signal, name?: string): Signal {
    for (const [x, y] of [
      [a, b],
      [b, a],
    ]) {
      if (isConstant(x)) return this.scale(y, x.lo);
    }
    const ends = [a.lo * b.lo, a.lo * b.hi, a.hi * b.lo, a.hi * b.hi];
    const range = { lo: ends.reduce(min), hi: ends.reduce(max) };
    return this.cell({ op: 'mul' }, this.place([a, b], this.levels), range, name);
  }

  /** `x` times a constant, by shifts and additions. */
  scale(x: Signal, factor: bigint): Signal {
    if (isConstant(x) || factor === 0n) return this.constant(x.lo * factor);
    const terms: Signal[] = [];
    const negative: Signal[] = [];
    let rest = factor;
    for (let shift = 0; rest !== 0n; shift++, rest >>= 1n) {
      if ((rest & 1n) === 0n) continue;
      // Canonical signed digits: 3 mod 4 is better written as −1 with a carry.
      const minus = (rest & 3n) === 3n;
      (minus ? negative : terms).push(this.shift(x, -shift));
      rest += minus ? 1n : -1n;
    }
    const plus = this.sum(terms);
    return negative.length === 0 ? plus : this.sub(plus, this.sum(negative));
  }

  /** Sum of any number of signals, by a tree that adds those first that are there first. */
  sum(terms: readonly Signal[], name?: string): Signal {
    if (terms.length === 0) return this.constant(0);
    const open = [...terms].sort(earlier);
    while (open.length > 1) {
      const [a, b] = open.splice(0, 2);
      const sum = this.add(a, b, 0, 0, open.length === 0 ? name : undefined);
      const at = open.findIndex((other) => earlier(sum, other) < 0);
      open.splice(at < 0 ? open.length : at, 0, sum);
    }
    return open[0];
  }

  /** `a < b`. */
  less(a: Signal, b: Signal, name?: string): Signal {
    if (a.hi < b.lo) return this.constant(1);
    if (a.lo >= b.hi) return this.constant(0);
    if (isConstant(b) && b.lo === 0n) return this.sign(a);
    const width = Math.max(wireType(a).width, wireType(b).width);
    return this.cell({ op: 'lt' }, this.place([a, b], carryLevels(width)), BIT, name);
  }

  /** `a = b`. */
  equal(a: Signal, b: Signal, name?: string): Signal {
    if (a.hi < b.lo || b.hi < a.lo) return this.constant(0);
    if (isConstant(a) && isConstant(b)) return this.constant(1);
    const width = Math.max(wireType(a).width, wireType(b).width);
    const cost = isConstant(a) || isConstant(b) ? Math.max(1, treeLevels(width)) : equalLevels(width);
    return this.cell({ op: 'eq' }, this.place([a, b], cost), BIT, name);
  }

  #sum(op: 'add' | 'sub', a: Signal, b: Signal, aShift: number, bShift: number, name?: string): Signal {
    const [alo, ahi] = [a.lo << BigInt(aShift), a.hi << BigInt(aShift)];
    const [blo, bhi] = [b.lo << BigInt(bShift), b.hi << BigInt(bShift)];
    const range = op === 'add' ? { lo: alo + blo, hi: ahi + bhi } : { lo: alo - bhi, hi: ahi - blo };
    if (range.lo === range.hi) return this.constant(range.lo);
    if (blo === 0n && bhi === 0n) return this.shift(a, -aShift);
    if (op === 'add' && alo === 0n && ahi === 0n) return this.shift(b, -bShift);
    const place = this.place([a, b], carryLevels(wireType(range).width));
    return this.cell({ op, shifts: [aShift, bShift] }, place, range, name);
  }
}

function earlier(a: Signal, b: Signal): number {
  return a.stage - b.stage || a.level - b.level;
}
