import { broadcastIndices } from '../format/format-table.ts';
import { GraphError } from '../graph/errors.ts';
import type { NodeFields } from '../graph/node.ts';
import {
  aligned,
  commonF,
  commonShape,
  expandRanges,
  type Interval,
  isZero,
  magnitude,
  max,
  min,
  rangesOf,
} from '../graph/ranges.ts';
import { allocateCodes } from '../interpret/values.ts';
import { checkShape, commonDivisor } from './checks.ts';
import { type Form, type Inferred, listOf, type OpDefinition } from './definition.ts';
import { periodShape } from './elementwise.ts';
import { asNumbers, constants, type NumberArray, zeroCode } from './linear.ts';

/** Elementwise arithmetic of two tensors of equal rank, broadcast; or of two lists with the same active pixels. */
export interface BinaryNode<Op extends 'add' | 'sub' | 'mul' | 'max' | 'min'> extends NodeFields {
  readonly op: Op;
}

export type AddNode = BinaryNode<'add'>;

export type SubNode = BinaryNode<'sub'>;

export type MulNode = BinaryNode<'mul'>;

export type MaxNode = BinaryNode<'max'>;

export type MinNode = BinaryNode<'min'>;

type BinaryOp = 'add' | 'sub' | 'mul' | 'max' | 'min';

/** Definition of one elementwise operation of two operands. */
export function binaryOp<Op extends BinaryOp>(op: Op): OpDefinition<BinaryNode<Op>> {
  return {
    form: {} as Form<BinaryNode<Op>>,
    arity: 2,
    allowsDivisor: true,
    takes: 'both',
    infer({ name }, [a, b]) {
      checkOperands(name, a, b);
      const shape = commonShape(a.shape, b.shape);
      checkShape(name, shape);
      const common = commonShape(a.ranges.shape, b.ranges.shape);
      const left = expandRanges(a.ranges, common);
      const right = expandRanges(b.ranges, common);
      let bound = 0n;
      const intervals = left.map((x, j) => {
        const y = right[j];
        const result = combine(op, x, y);
        const f = op === 'mul' ? 0 : commonF([x, y]);
        const parts = op === 'mul' ? [x, y, result] : [aligned(x, f), aligned(y, f), result];
        for (const part of parts) bound = max(bound, magnitude(part));
        return result;
      });
      const divisor = op === 'mul' ? a.divisor * b.divisor : commonDivisor(name, [a, b]);
      return { shape, ...listOf(a), divisor, ranges: rangesOf(common, intervals), bound };
    },
    prepare(_, [a, b], { shape, slots }, wide) {
      const period = periodShape(slots === undefined ? { shape } : { shape, slots });
      const left = operand(a.inferred, b.inferred, op, period, wide);
      const right = operand(b.inferred, a.inferred, op, period, wide);
      const size = left.index.length;
      const zero = zeroCode(wide);
      return ([x, y], { batch }) => {
        const repeats = x.kind === 'list' ? batch * x.slots : batch;
        const codes = allocateCodes(repeats * size, wide);
        const to = asNumbers(codes);
        const p = asNumbers(x.codes);
        const q = asNumbers(y.codes);
        for (let repeat = 0; repeat < repeats; repeat++) {
          const base = repeat * size;
          const u = repeat * left.size;
          const v = repeat * right.size;
          for (let j = 0; j < size; j++) {
            const s = p[u + left.index[j]] * left.factor[j];
            const t = q[v + right.index[j]] * right.factor[j];
            // Adding 0 turns -0 into 0, so equal codes are equal bit for bit.
            to[base + j] = apply(op, s, t) + zero;
          }
        }
        const value = x.kind === 'list' ? { ...x, shape, codes } : { kind: 'dense' as const, batch, shape, codes };
        return { value, overflow: 0 };
      };
    },
  };
}

function apply(op: BinaryOp, s: number, t: number): number {
  switch (op) {
    case 'add':
      return s + t;
    case 'sub':
      return s - t;
    case 'mul':
      return s * t;
    case 'max':
      if (s > t) return s;
      return t;
    case 'min':
      if (s < t) return s;
      return t;
    default:
      throw new TypeError(`unknown operation ${op satisfies never}`);
  }
}

/** Exact interval of the result. */
function combine(op: BinaryOp, x: Interval, y: Interval): Interval {
  if (op === 'mul') {
    const products = [x.lo * y.lo, x.lo * y.hi, x.hi * y.lo, x.hi * y.hi];
    return { lo: products.reduce(min), hi: products.reduce(max), f: x.f + y.f };
  }
  const f = commonF([x, y], x.f);
  const a = aligned(x, f);
  const b = aligned(y, f);
  switch (op) {
    case 'add':
      return { lo: a.lo + b.lo, hi: a.hi + b.hi, f };
    case 'sub':
      return { lo: a.lo - b.hi, hi: a.hi - b.lo, f };
    case 'max':
      return { lo: max(a.lo, b.lo), hi: max(a.hi, b.hi), f };
    case 'min':
      return { lo: min(a.lo, b.lo), hi: min(a.hi, b.hi), f };
    default:
      throw new TypeError(`unknown operation ${op satisfies never}`);
  }
}

/** How the elements of one operand reach the result: their index and the factor that brings them to the result's scale. */
function operand(
  own: Inferred,
  other: Inferred,
  op: BinaryOp,
  period: readonly number[],
  wide: boolean,
): { index: Int32Array; factor: NumberArray; size: number } {
  const shape = periodShape(own);
  const mine = expandRanges(own.ranges, shape);
  const theirs = expandRanges(other.ranges, periodShape(other));
  const index = broadcastIndices(shape, period);
  const opposite = broadcastIndices(periodShape(other), period);
  const factors = Array.from(index, (at, j) => {
    const interval = mine[at];
    if (op === 'mul' || isZero(interval)) return 1n;
    return 1n << BigInt(commonF([interval, theirs[opposite[j]]]) - interval.f);
  });
  return { index, factor: constants(factors, wide), size: mine.length };
}

function checkOperands(where: string, a: Inferred, b: Inferred): void {
  if (a.active !== b.active) {
    throw new GraphError(
      where,
      a.active === undefined || b.active === undefined
        ? 'one operand is a sparse list, the other is dense'
        : `active pixels come from "${a.active}" and from "${b.active}"`,
      'combine tensors with tensors, and lists of one origin',
    );
  }
  if (a.shape.length !== b.shape.length || a.shape.some((n, d) => n !== b.shape[d] && n !== 1 && b.shape[d] !== 1)) {
    throw new GraphError(
      where,
      `shapes [${a.shape}] and [${b.shape}]`,
      'use equal ranks with equal sizes or 1: reshape one',
    );
  }
  if (a.active !== undefined && (a.shape[0] !== b.shape[0] || a.shape[1] !== b.shape[1])) {
    throw new GraphError(where, `images [${a.shape}] and [${b.shape}]`, 'lists can differ in channels only');
  }
}
