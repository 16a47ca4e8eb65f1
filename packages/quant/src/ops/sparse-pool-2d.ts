import * as v from 'valibot';
import { GraphError } from '../graph/errors.ts';
import type { NodeFields } from '../graph/node.ts';
import { largest, max, min, type Ranges } from '../graph/ranges.ts';
import { allocateCodes, type ListValue } from '../interpret/values.ts';
import { checkInteger } from './checks.ts';
import type { OpDefinition } from './definition.ts';
import { pair, poolMode } from './form.ts';
import { asNumbers, zeroCode } from './linear.ts';

/**
 * Non-overlapping pooling of a list. The first valid slot of a cell carries it, later ones become invalid; pixels of partial border cells
 * (beyond `⌊H/ph⌋ × ⌊W/pw⌋`) become invalid. 'avg': the sum is kept and the division by ph·pw goes into `f` (its power of two) and `divisor`
 * (its odd part). 'max': largest code among the cell's pixels, empty pixels counting as 0.
 */
export interface SparsePool2dNode extends NodeFields {
  readonly op: 'sparsePool2d';
  readonly slots: number;
  readonly mode: 'avg' | 'max';
  readonly pool: readonly [number, number];
}

/** Non-overlapping pooling of a list; the first valid slot of a cell carries it. */
export const sparsePool2dOp: OpDefinition<SparsePool2dNode> = {
  form: { slots: v.number(), mode: poolMode, pool: pair },
  arity: 1,
  allowsDivisor: true,
  movesCodes: ({ mode }) => mode === 'max',
  takes: 'list',
  infer({ name, slots, mode, pool }, [x]) {
    const [height, width, channels] = x.shape;
    if (slots !== x.slots)
      throw new GraphError(name, `slots is ${slots}`, `pooling keeps the ${x.slots} slots of its input`);
    if (mode !== 'avg' && mode !== 'max') throw new GraphError(name, `mode is ${mode}`, 'use avg or max');
    checkInteger(name, 'pool height', pool[0], 1);
    checkInteger(name, 'pool width', pool[1], 1);
    if (pool.length !== 2 || pool[0] > height || pool[1] > width) {
      throw new GraphError(name, `pool [${pool}] on an image of ${height} × ${width}`, 'use [ph, pw] inside the image');
    }
    const shape = [Math.floor(height / pool[0]), Math.floor(width / pool[1]), channels];
    if (mode === 'max') {
      return { shape, slots: x.slots, active: name, divisor: x.divisor, ranges: x.ranges, bound: largest(x.ranges) };
    }
    const { shift, odd } = splitArea(pool[0] * pool[1]);
    const divisor = x.divisor * odd;
    if (!Number.isSafeInteger(divisor)) {
      throw new GraphError(name, `the divisor grows to ${divisor}`, 'put a requantize between the poolings');
    }
    const terms = BigInt(Math.min(pool[0] * pool[1], x.slots));
    const ranges: Ranges = {
      shape: x.ranges.shape,
      lo: x.ranges.lo.map((lo) => min(lo, 0n) * terms),
      hi: x.ranges.hi.map((hi) => max(hi, 0n) * terms),
      f: x.ranges.f.map((f) => f + shift),
    };
    return { shape, slots: x.slots, active: name, divisor, ranges, bound: largest(ranges) };
  },
  prepare({ mode, pool, slots }, _, { shape }, wide) {
    const [height, width, channels] = shape;
    const [ph, pw] = pool;
    const zero = zeroCode(wide);
    // Slot that carries each cell plus 1, all 0 between images; and how many pixels of the cell are valid.
    const carrier = new Int32Array(height * width);
    const members = new Int32Array(height * width);
    const touched = new Int32Array(slots);
    return ([input], { batch }) => {
      const value = input as ListValue;
      const from = asNumbers(value.codes);
      const valid = new Uint8Array(batch * slots);
      const rows = new Int32Array(batch * slots);
      const cols = new Int32Array(batch * slots);
      const codes = allocateCodes(value.codes.length, wide);
      const to = asNumbers(codes);
      for (let b = 0; b < batch; b++) {
        let cells = 0;
        for (let slot = b * slots; slot < (b + 1) * slots; slot++) {
          if (value.valid[slot] === 0) continue;
          const row = Math.floor(value.rows[slot] / ph);
          const col = Math.floor(value.cols[slot] / pw);
          if (row >= height || col >= width) continue;
          const cell = row * width + col;
          const source = slot * channels;
          if (carrier[cell] === 0) {
            carrier[cell] = slot + 1;
            touched[cells++] = cell;
            valid[slot] = 1;
            rows[slot] = row;
            cols[slot] = col;
            for (let c = 0; c < channels; c++) to[source + c] = from[source + c];
          } else {
            const out = (carrier[cell] - 1) * channels;
            if (mode === 'avg') for (let c = 0; c < channels; c++) to[out + c] += from[source + c];
            else {
              for (let c = 0; c < channels; c++) if (from[source + c] > to[out + c]) to[out + c] = from[source + c];
            }
          }
          members[cell]++;
        }
        for (let t = 0; t < cells; t++) {
          const cell = touched[t];
          if (mode === 'max' && members[cell] < ph * pw) {
            const out = (carrier[cell] - 1) * channels;
            for (let c = 0; c < channels; c++) if (to[out + c] < zero) to[out + c] = zero;
          }
          carrier[cell] = 0;
          members[cell] = 0;
        }
      }
      return { value: { kind: 'list', batch, slots, shape, valid, rows, cols, codes }, overflow: 0 };
    };
  },
};

/** `area = 2^shift · odd`. */
export function splitArea(area: number): { shift: number; odd: number } {
  let shift = 0;
  let odd = area;
  while (odd % 2 === 0) {
    odd /= 2;
    shift++;
  }
  return { shift, odd };
}
