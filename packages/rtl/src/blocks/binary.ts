import { type BinaryNode, broadcastIndices } from '@sp/quant/internal';
import type { ModuleBuilder } from '../hdl/module-builder.ts';
import { isConstant, type Signal } from '../hdl/signal.ts';
import { type BlockContext, elementRanges } from './block.ts';
import { larger, smaller } from './extremes.ts';
import type { Signals } from './value.ts';

type BinaryOp = 'add' | 'sub' | 'mul' | 'max' | 'min';

/** Elementwise arithmetic of two tensors, broadcast; or of the slots of two lists with the same pixels. */
export function binaryBlock({ b, node, inferred, inputs }: BlockContext<BinaryNode<BinaryOp>>): Signals {
  const [x, y] = inputs;
  const own = elementRanges(inferred);
  const period = (shape: readonly number[]): readonly number[] =>
    inferred.slots === undefined ? shape : [1, 1, shape[2]];
  const places = [x, y].map((input) => broadcastIndices(period(input.inferred.shape), period(inferred.shape)));
  const ranges = [x, y].map((input) => elementRanges(input.inferred));
  const build = (m: ModuleBuilder, flat: readonly Signal[]): Signal[] =>
    own.map((_, j) => {
      const [p, q] = places.map((place) => place[j]);
      const [r, s] = [ranges[0][p], ranges[1][q]];
      const [left, right] = [flat[p], flat[ranges[0].length + q]];
      if (node.op === 'mul') return m.mul(left, right);
      const f = isConstant(r) && r.lo === 0n ? s.f : isConstant(s) && s.lo === 0n ? r.f : Math.max(r.f, s.f);
      const [a, c] = [align(m, left, f - r.f), align(m, right, f - s.f)];
      switch (node.op) {
        case 'add':
          return m.add(a, c);
        case 'sub':
          return m.sub(a, c);
        case 'max':
          return larger(m, a, c);
        case 'min':
          return smaller(m, a, c);
        default:
          throw new TypeError(`unknown operation ${node.op satisfies never}`);
      }
    });
  const spec = { name: node.name, comment: [`${node.name}: ${node.op} of ${own.length} pairs of codes`], build };
  if (x.signals.kind === 'dense' && y.signals.kind === 'dense') {
    const outputs = b.instance(spec, [...x.signals.elements, ...y.signals.elements]);
    return { kind: 'dense', elements: outputs.map((z, j) => b.narrow(z, own[j])) };
  }
  if (x.signals.kind === 'dense' || y.signals.kind === 'dense') throw new TypeError('a tensor and a list');
  const other = y.signals.slots;
  const outputs = b.instances(
    spec,
    x.signals.slots.map((slot, s) => [...slot.codes, ...other[s].codes]),
  );
  return {
    kind: 'list',
    order: x.signals.order,
    slots: x.signals.slots.map(({ valid, row, col }, s) => {
      return { valid, row, col, codes: outputs[s].map((z, c) => b.narrow(z, own[c])) };
    }),
  };
}

/** Moved up; a code that is always 0 may have any scale. */
function align(m: ModuleBuilder, x: Signal, by: number): Signal {
  return isConstant(x) && x.lo === 0n ? x : m.shift(x, -by);
}
