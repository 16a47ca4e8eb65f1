import type { SparseFlattenNode } from '@sp/quant/internal';
import type { ModuleBuilder } from '../hdl/module-builder.ts';
import { isConstant, type Signal } from '../hdl/signal.ts';
import { ahead } from './ahead.ts';
import { type BlockContext, elementRanges, listInput } from './block.ts';
import type { DenseSignals, Slot } from './value.ts';

/** List → image: every position takes the slot that stands there, by and-or. */
export function sparseFlattenBlock(context: BlockContext<SparseFlattenNode>): DenseSignals {
  const { b, node, inferred, inputs } = context;
  const { slots } = listInput(context);
  const [height, width, channels] = inputs[0].inferred.shape;
  const outputs = b.instance(
    {
      name: node.name,
      comment: [`${node.name}: ${slots.length} slots -> ${height} x ${width} x ${channels}`],
      build: (m, flat) => {
        const size = 2 + channels;
        const own = Array.from({ length: slots.length }, (_, s): Omit<Slot, 'valid'> => {
          const [row, col, ...codes] = flat.slice(s * size, (s + 1) * size);
          return { row, col, codes };
        });
        return flatten(m, own, height, width, channels);
      },
    },
    slots.flatMap(({ row, col, codes }) => [row, col, ...codes]),
  );
  const own = elementRanges(inferred);
  return { kind: 'dense', elements: outputs.map((y, j) => b.narrow(y, own[j])) };
}

function flatten(
  m: ModuleBuilder,
  slots: readonly Omit<Slot, 'valid'>[],
  height: number,
  width: number,
  channels: number,
): Signal[] {
  const codes = slots.flatMap((slot) => slot.codes).filter((x) => !isConstant(x));
  const stage = Math.max(0, ...codes.map((x) => x.stage));
  // The codes of invalid slots are 0, so that nobody minds where they stand.
  const start = stage - 1;
  const late = (x: Signal): Signal => (isConstant(x) || x.stage >= start ? x : m.at(x, start));
  const decoded = slots.map(({ row, col }) => {
    const [y, x] = [late(row), late(col)];
    return {
      rows: Array.from({ length: height }, (_, r) => m.equal(y, m.constant(r))),
      cols: Array.from({ length: width }, (_, c) => m.equal(x, m.constant(c))),
    };
  });
  const outputs: Signal[] = [];
  for (let r = 0; r < height; r++) {
    for (let c = 0; c < width; c++) {
      const here = decoded.map(({ rows, cols }) => ahead(m, m.and([rows[r], cols[c]]), stage));
      for (let ch = 0; ch < channels; ch++) {
        outputs.push(m.select(slots.map((slot, s) => [here[s], slot.codes[ch]])));
      }
    }
  }
  return outputs;
}
