import * as v from 'valibot';
import { GraphError } from '../graph/errors.ts';
import type { NodeFields } from '../graph/node.ts';
import { expandRanges, hull, type Interval, isZero, largest, max, rangesOf, withZero } from '../graph/ranges.ts';
import { allocateCodes } from '../interpret/values.ts';
import { checkInteger, checkRank } from './checks.ts';
import type { Inferred, OpDefinition } from './definition.ts';
import { type Alignment, alignCodes, asNumbers } from './linear.ts';

/** First `slots` pixels in raster order whose channel-0 code is > `threshold` (a code of channel 0's format). Dense image → list. */
export interface ReduceNode extends NodeFields {
  readonly op: 'reduce';
  readonly slots: number;
  readonly threshold: number;
}

/** First `slots` pixels in raster order whose channel 0 is above a threshold. */
export const reduceOp: OpDefinition<ReduceNode> = {
  form: { slots: v.number(), threshold: v.number() },
  arity: 1,
  allowsDivisor: false,
  movesCodes: () => true,
  takes: 'dense',
  infer({ name, slots, threshold }, [x]) {
    checkRank(name, x.shape, 3, 'an image [H, W, C]');
    checkInteger(name, 'slots', slots, 1);
    if (!Number.isSafeInteger(threshold)) {
      throw new GraphError(name, `threshold is ${threshold}`, 'give a code of channel 0: ⌊θ · 2^f⌋');
    }
    if (slots > x.shape[0] * x.shape[1]) {
      throw new GraphError(
        name,
        `${slots} slots for ${x.shape[0]} × ${x.shape[1]} pixels`,
        'use at most one slot per pixel',
      );
    }
    const channels = channelHulls(x);
    if (channels[0].hi <= BigInt(threshold)) channels.fill({ lo: 0n, hi: 0n, f: channels[0].f });
    else channels[0] = { ...channels[0], lo: max(channels[0].lo, BigInt(threshold) + 1n) };
    const ranges = rangesOf([1, 1, channels.length], channels.map(withZero));
    return { shape: x.shape, slots, active: name, divisor: 1, ranges, bound: max(largest(ranges), largest(x.ranges)) };
  },
  prepare({ slots, threshold }, [x], own, wide) {
    const [height, width, channels] = x.inferred.shape;
    const elements = expandRanges(x.inferred.ranges, x.inferred.shape);
    const shifts = elements.map((range, j) => (isZero(range) ? 0 : own.ranges.f[j % channels] - range.f));
    const alignment: Alignment = { f: 0, shifts, trivial: shifts.every((shift) => shift === 0) };
    const limit = (wide ? BigInt(threshold) : threshold) as number;
    const pixels = height * width;
    return ([value], { batch }) => {
      const from = asNumbers(alignCodes(value.codes, alignment));
      const valid = new Uint8Array(batch * slots);
      const rows = new Int32Array(batch * slots);
      const cols = new Int32Array(batch * slots);
      const codes = allocateCodes(batch * slots * channels, wide);
      const to = asNumbers(codes);
      for (let b = 0; b < batch; b++) {
        let slot = b * slots;
        const end = slot + slots;
        const image = b * pixels * channels;
        for (let pixel = 0; pixel < pixels && slot < end; pixel++) {
          const base = image + pixel * channels;
          if (!(from[base] > limit)) continue;
          valid[slot] = 1;
          rows[slot] = Math.floor(pixel / width);
          cols[slot] = pixel % width;
          for (let c = 0; c < channels; c++) to[slot * channels + c] = from[base + c];
          slot++;
        }
      }
      return {
        value: { kind: 'list', batch, slots, shape: x.inferred.shape, valid, rows, cols, codes },
        overflow: 0,
      };
    };
  },
};

/** One interval per channel that holds all pixels. */
function channelHulls({ shape, ranges }: Inferred): Interval[] {
  const groups: Interval[][] = Array.from({ length: shape[2] }, () => []);
  const channels = ranges.shape[2];
  ranges.lo.forEach((lo, j) => {
    groups[j % channels].push({ lo, hi: ranges.hi[j], f: ranges.f[j] });
  });
  return groups.map((_, c) => hull(groups[channels === 1 ? 0 : c]));
}
