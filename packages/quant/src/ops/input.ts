import { codeRange } from '../format/code-range.ts';
import type { OverflowMode, RoundMode } from '../format/format.ts';
import { broadcastIndices, formatAt, sizeOf } from '../format/format-table.ts';
import { GraphError } from '../graph/errors.ts';
import type { NodeFields } from '../graph/node.ts';
import { formatRanges, largest } from '../graph/ranges.ts';
import { allocateCodes } from '../interpret/values.ts';
import { arrayQuantizer } from '../quantize/quantize-array.ts';
import { checkShape, checkTable } from './checks.ts';
import type { OpDefinition } from './definition.ts';
import { overflow, round } from './form.ts';

/** Entry of data. Reals are turned into codes with the given modes; codes pass as they are. */
export interface InputNode extends NodeFields {
  readonly op: 'input';
  readonly round: RoundMode;
  readonly overflow: OverflowMode;
}

/** Entry of data. */
export const inputOp: OpDefinition<InputNode> = {
  form: { round, overflow },
  arity: 0,
  allowsDivisor: false,
  takes: 'dense',
  infer(node) {
    checkShape(node.name, node.shape);
    checkTable(node.name, 'format', node.format, node.shape);
    if (node.slots !== undefined) {
      throw new GraphError(node.name, 'an input is dense', 'remove slots and make the list with reduce');
    }
    const ranges = formatRanges(node.format, node.overflow);
    return { shape: node.shape, divisor: 1, ranges, bound: largest(ranges) };
  },
  prepare(node, _, __, wide) {
    const quantizer = arrayQuantizer(node.format, node.shape, node.round, node.overflow);
    const indices = broadcastIndices(node.format.shape, node.shape);
    const limits = node.format.k.map((_, j) => {
      const { lo, hi } = codeRange(formatAt(node.format, j));
      return wide ? { lo, hi } : { lo: Number(lo), hi: Number(hi) };
    });
    const size = sizeOf(node.shape);
    return (_inputs, { batch, feed }) => {
      if (feed === undefined) throw new GraphError(node.name, 'no data for this input', 'pass it by its name');
      if (feed.data.length !== batch * size) {
        throw new GraphError(
          node.name,
          `${feed.data.length} values for a batch of ${batch}`,
          `give ${batch} × ${size} values, image after image`,
        );
      }
      const wrap = (codes: Float64Array | bigint[]) => ({
        kind: 'dense' as const,
        batch,
        shape: node.shape,
        codes,
      });
      if (feed.kind === 'reals') {
        const { codes, overflow } = quantizer.codes(feed.data as ArrayLike<number>);
        return { value: wrap(codes), overflow };
      }
      const codes = allocateCodes(feed.data.length, wide);
      for (let base = 0; base < feed.data.length; base += size) {
        for (let j = 0; j < size; j++) {
          const code = feed.data[base + j];
          const { lo, hi } = limits[indices[j]];
          if ((typeof code === 'number' && !Number.isInteger(code)) || code < lo || code > hi) {
            throw new GraphError(
              node.name,
              `code ${base + j} is ${code}`,
              `its format holds the integers ${lo} … ${hi}`,
            );
          }
          if (codes instanceof Float64Array) codes[base + j] = Number(code) + 0;
          else codes[base + j] = BigInt(code);
        }
      }
      return { value: wrap(codes), overflow: 0 };
    };
  },
};
