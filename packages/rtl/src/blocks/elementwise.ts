import type { GraphNode } from '@sp/quant';
import type { ModuleBuilder } from '../hdl/module-builder.ts';
import type { Range } from '../hdl/range.ts';
import type { Signal } from '../hdl/signal.ts';
import { type BlockContext, elementRanges } from './block.ts';
import { fromParts } from './chunks.ts';
import { viewsOf } from './lanes.ts';
import type { Gated, Signals } from './value.ts';

/** One code of the result from the code of the input (or what it is, if gated); `j` counts elements, or channels of a list. */
export type CodeMap = (m: ModuleBuilder, code: Gated, j: number) => Signal;

/**
 * A function of every code alone, as one module for all elements of a tensor, or for a slot.
 *
 * @param zero whether the function of 0 is 0, so that invalid slots need no care
 * @param kindOf equal for elements whose function is the same: those that come in one after the other can share their hardware then
 */
export function mapCodes(
  context: BlockContext<GraphNode>,
  comment: string,
  map: CodeMap,
  zero: boolean,
  kindOf?: (j: number) => string,
): Signals {
  const { b, node, inferred, inputs } = context;
  const { signals } = inputs[0];
  const own = elementRanges(inferred);
  const given = elementRanges(inputs[0].inferred);
  const spec = (count: number, perSlot: boolean) => ({
    name: node.name,
    comment: [`${node.name}: ${comment}${perSlot ? ', one slot' : ''}`],
    build: (m: ModuleBuilder, flat: readonly Signal[]): Signal[] => {
      const valid = perSlot && !zero ? flat[2 * count] : undefined;
      return Array.from({ length: count }, (_, j) => {
        const [gate, value] = [flat[2 * j], flat[2 * j + 1]];
        const y = map(m, { gate, value, lo: value.lo, hi: value.hi }, j);
        return valid === undefined ? y : m.gate(valid, y, true);
      });
    },
  });
  const open = (codes: readonly Signal[], gated: readonly Gated[] | undefined): Signal[] =>
    codes.flatMap((code, j) => {
      if (gated === undefined) return [b.constant(1), code];
      return [gated[j].gate, b.narrow(gated[j].value, gated[j])];
    });
  if (signals.kind === 'dense') {
    const { chunks } = signals;
    if (chunks !== undefined && kindOf !== undefined && context.strategy.hardware !== 'parallel') {
      const size = chunks.elements.length;
      const live = (e: number): number => given.findIndex((range, j) => j % size === e && !isZero(range));
      const places = Array.from({ length: size }, (_, e) => live(e));
      if (given.every((range, j) => isZero(range) || kindOf(j) === kindOf(places[j % size]))) {
        const outputs = b.instance(
          {
            name: node.name,
            comment: [`${node.name}: ${comment}, ${chunks.perClock} rows per clock`],
            build: (m, codes) =>
              codes.map((value, e) =>
                places[e] < 0
                  ? m.constant(0)
                  : map(m, { gate: m.constant(1), value, lo: value.lo, hi: value.hi }, places[e]),
              ),
          },
          chunks.elements,
        );
        return fromParts(b, outputs, chunks, own);
      }
    }
    const flat = open(signals.elements, signals.gated);
    const outputs = b.instance(spec(own.length, false), flat);
    return { kind: 'dense', elements: outputs.map((y, j) => b.narrow(y, own[j])) };
  }
  const { lanes, order } = signals;
  const outputs = b.instances(
    spec(own.length, true),
    (lanes ?? signals).slots.map(({ valid, codes, gated }) => [...open(codes, gated), ...(zero ? [] : [valid])]),
  );
  const results = outputs.map((codes) => codes.map((y, c) => b.narrow(y, own[c])));
  if (lanes === undefined) {
    const slots = signals.slots.map(({ valid, row, col }, s) => ({ valid, row, col, codes: results[s] }));
    return { kind: 'list', order, slots };
  }
  const shared = { ...lanes, slots: lanes.slots.map(({ valid }, q) => ({ valid, codes: results[q] })) };
  return { kind: 'list', order, lanes: shared, slots: viewsOf(b, signals.slots, shared) };
}

function isZero({ lo, hi }: Range): boolean {
  return lo === 0n && hi === 0n;
}
