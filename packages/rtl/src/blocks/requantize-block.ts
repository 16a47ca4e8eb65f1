import { broadcastIndices, formatAt, type RequantizeNode } from '@sp/quant';
import { RtlError } from '../errors.ts';
import { type BlockContext, elementRanges } from './block.ts';
import { mapCodes } from './elementwise.ts';
import { type Cast, castSignal } from './requantize.ts';
import type { Signals } from './value.ts';

/** Rounding and overflow of every code. */
export function requantizeBlock(context: BlockContext<RequantizeNode>): Signals {
  const { node, inferred, inputs } = context;
  const { to, format, round, overflow } = node;
  const source = inputs[0].inferred;
  const list = source.slots !== undefined;
  if (list && (to.shape[0] !== 1 || to.shape[1] !== 1)) {
    throw new RtlError(
      `node "${node.name}" rounds a sparse list to formats by position: that is not built in hardware yet; use formats per channel`,
    );
  }
  const full = list ? [1, 1, source.shape[2]] : source.shape;
  const ranges = elementRanges(source);
  const targets = broadcastIndices(to.shape, full);
  const holders = broadcastIndices(format.shape, full);
  const own = elementRanges(inferred);
  const casts = own.map((_, j): Cast => {
    const target = formatAt(to, targets[j]);
    return {
      fromF: ranges[j].f,
      divisor: source.divisor,
      to: target,
      round,
      overflow,
      outF: format.f[holders[j]],
    };
  });
  const comment = `${round}, ${overflow}${source.divisor === 1 ? '' : `, of x / ${source.divisor}`}`;
  return mapCodes(context, comment, (m, { gate, value }, j) => castSignal(m, value, casts[j], gate), true);
}
