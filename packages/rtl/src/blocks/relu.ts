import type { ReluNode } from '@sp/quant/internal';
import { isConstant, type Signal } from '../hdl/signal.ts';
import { type BlockContext, elementRanges } from './block.ts';
import { fromParts } from './chunks.ts';
import { viewsOf } from './lanes.ts';
import type { Gated, Signals } from './value.ts';

/** `max(0, x)`: a gate, which a requantisation behind it takes in. */
export function reluBlock({ b, inferred, inputs, strategy }: BlockContext<ReluNode>): Signals {
  const { signals } = inputs[0];
  const own = elementRanges(inferred);
  const gatedOf = (codes: readonly Signal[], gated: readonly Gated[] | undefined): Gated[] =>
    codes.map((code, j) => {
      const { gate, value } = gated?.[j] ?? { gate: b.constant(1), value: code };
      return { gate: b.and([gate, b.not(b.sign(value))]), value, lo: own[j].lo, hi: own[j].hi };
    });
  const closed = (gated: readonly Gated[]): Signal[] =>
    gated.map((code) => (isConstant(code) ? b.constant(code.lo) : b.narrow(b.gate(code.gate, code.value), code)));
  if (signals.kind === 'dense') {
    if (signals.chunks !== undefined && strategy.hardware !== 'parallel') {
      const positive = signals.chunks.elements.map((x) => b.gate(b.not(b.sign(x)), x));
      return fromParts(b, positive, signals.chunks, own);
    }
    const gated = gatedOf(signals.elements, signals.gated);
    return { kind: 'dense', gated, elements: closed(gated) };
  }
  const { lanes, order } = signals;
  if (lanes !== undefined) {
    const own = lanes.slots.map(({ valid, codes, gated: before }) => {
      const gated = gatedOf(codes, before);
      return { valid, gated, codes: closed(gated) };
    });
    const shared = { ...lanes, slots: own };
    return { kind: 'list', order, lanes: shared, slots: viewsOf(b, signals.slots, shared) };
  }
  const slots = signals.slots.map((slot) => {
    const gated = gatedOf(slot.codes, slot.gated);
    return { ...slot, gated, codes: closed(gated) };
  });
  return { kind: 'list', order, slots };
}
