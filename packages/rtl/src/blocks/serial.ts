/**
 * Arithmetic on numbers that come digit by digit, lowest first: a chunk signal of `width` bits per phase, two's complement modulo
 * `2^(width · interval)`. An adder is `width + 1` bits long instead of as long as its numbers, and keeps a carry from one phase to the next.
 */
import type { ModuleBuilder } from '../hdl/module-builder.ts';
import { wireRange } from '../hdl/range.ts';
import { isConstant, type Signal } from '../hdl/signal.ts';

/** The digits of an image signal, from stage `from` on. */
export function digitsOf(m: ModuleBuilder, x: Signal, width: number, from: number): Signal {
  const digits = Array.from({ length: m.interval }, (_, p) => m.bits(x, p * width, width));
  return m.serialise(digits, from);
}

/** The number whose digits these are; the caller knows that it fits `bits`. */
export function numberOf(m: ModuleBuilder, digits: Signal, width: number, bits: number, signed: boolean): Signal {
  const parts = Array.from({ length: m.interval }, (_, p) => wide(m, m.phase(digits, p), width));
  return m.bits(m.cat(parts.reverse()), 0, bits, signed);
}

/** `a + b` or `a - b`. */
export function addDigits(m: ModuleBuilder, a: Signal, b: Signal, subtract: boolean, width: number): Signal {
  const live = [a, b].filter((x) => !isConstant(x));
  if (isConstant(b) && b.lo === 0n) return a;
  if (isConstant(a) && a.lo === 0n && !subtract) return b;
  const latest = Math.max(0, ...live.map((x) => x.stage));
  const stage = live.some((x) => x.stage === latest && x.level + 1 > m.levels) ? latest + 1 : latest;
  const [p, q] = [a, b].map((x) => wide(m, m.at(x, stage, m.levels - 1), width));
  // The carry stands below both numbers: a bit plus itself is a carry and nothing else, which takes no LUT.
  const carry = m.carry(stage, wireRange({ width: 1, signed: false }), subtract ? 1n : 0n);
  const left = m.cat([p, carry.old]);
  const right = m.cat([subtract ? m.invert(q, width) : q, carry.old]);
  const sum = m.bits(m.add(left, right), 1, width + 1);
  carry.next(m.bits(sum, width, 1));
  return m.bits(sum, 0, width);
}

/** `x · 2^by`. */
export function shiftDigits(m: ModuleBuilder, x: Signal, by: number, width: number): Signal {
  if (by === 0 || isConstant(x)) return x;
  const whole = Math.floor(by / width);
  const rest = by % width;
  let digit = wide(m, x, width);
  for (let j = 0; j < whole; j++) digit = m.before(digit);
  if (rest === 0) return digit;
  return m.cat([m.bits(digit, 0, width - rest), m.bits(m.before(digit), width - rest, rest)]);
}

/** A digit as exactly `width` bits. */
function wide(m: ModuleBuilder, x: Signal, width: number): Signal {
  return m.bits(x, 0, width);
}
