import { type Format, formatWidth } from '@sp/quant';
import { broadcastIndices, formatAt, type RequantizeNode } from '@sp/quant/internal';
import { bitLength } from '@sp/quant/numeric';
import type { ModuleBuilder } from '../hdl/module-builder.ts';

import type { Signal } from '../hdl/signal.ts';
import { type BlockContext, elementRanges } from './block.ts';
import { mapCodes } from './elementwise.ts';
import { padded } from './padded.ts';
import { type Cast, castSignal } from './requantize.ts';
import type { Signals, Slot } from './value.ts';

/** Rounding and overflow of every code. */
export function requantizeBlock(context: BlockContext<RequantizeNode>): Signals {
  const { node, inferred, inputs } = context;
  const { to, format, round, overflow } = node;
  const source = inputs[0].inferred;
  const list = source.slots !== undefined;
  const full = list ? [1, 1, source.shape[2]] : source.shape;
  const ranges = elementRanges(source);
  const holders = broadcastIndices(format.shape, full);
  const castOf = (j: number, target: Format): Cast => ({
    fromF: ranges[j].f,
    divisor: source.divisor,
    to: target,
    round,
    overflow,
    outF: format.f[holders[j]],
  });
  const comment = `${round}, ${overflow}${source.divisor === 1 ? '' : `, of x / ${source.divisor}`}`;
  if (list && (to.shape[0] !== 1 || to.shape[1] !== 1)) return byPosition(context, comment, castOf);
  const targets = broadcastIndices(to.shape, full);
  const casts = elementRanges(inferred).map((_, j) => castOf(j, formatAt(to, targets[j])));
  return mapCodes(
    context,
    comment,
    (m, { gate, value }, j) => castSignal(m, value, casts[j], gate),
    true,
    (j) => JSON.stringify(casts[j]),
  );
}

/** Formats that depend on where in the image a slot stands: every conversion that occurs, and a table that chooses one. */
function byPosition(
  { b, node, inferred, inputs }: BlockContext<RequantizeNode>,
  comment: string,
  castOf: (j: number, target: Format) => Cast,
): Signals {
  const { signals } = inputs[0];
  if (signals.kind !== 'list') throw new TypeError('formats by position of a tensor');
  const [height, width, channels] = inputs[0].inferred.shape;
  const targets = broadcastIndices(node.to.shape, inputs[0].inferred.shape);
  const colBits = Math.max(1, bitLength(BigInt(width - 1)));
  const rowBits = Math.max(1, bitLength(BigInt(height - 1)));
  const own = elementRanges(inferred);
  const build = (m: ModuleBuilder, [row, col, ...codes]: readonly Signal[]): Signal[] => {
    const place = m.cat([...padded(m, row, rowBits), ...padded(m, col, colBits)]);
    return codes.map((code, c) => {
      const formats = new Map<string, { format: Format; places: Set<number> }>();
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          const format = formatAt(node.to, targets[(y * width + x) * channels + c]);
          if (formatWidth(format) <= 0) continue;
          const key = `${format.k} ${format.i} ${format.f}`;
          const known = formats.get(key) ?? { format, places: new Set<number>() };
          known.places.add(y * 2 ** colBits + x);
          formats.set(key, known);
        }
      }
      const results = [...formats.values()].map(({ format, places }): readonly [Signal, Signal] => {
        const values = Array.from({ length: 2 ** (rowBits + colBits) }, (_, at) => (places.has(at) ? 1n : 0n));
        return [m.table(place, values), castSignal(m, code, castOf(c, format))];
      });
      return m.select(results);
    });
  };
  const outputs = b.instances(
    { name: node.name, comment: [`${node.name}: ${comment}, formats by position, one slot`], build },
    signals.slots.map(({ row, col, codes }) => [row, col, ...codes]),
  );
  const slots = signals.slots.map(({ valid, row, col }, s): Slot => {
    return { valid, row, col, codes: outputs[s].map((y, c) => b.narrow(y, own[c])) };
  });
  return { kind: 'list', order: signals.order, slots };
}
