import { sizeOf } from '@sp/quant';
import type { InputNode } from '@sp/quant/internal';
import { BIT, hullOf, wireRange, wireType } from '../hdl/range.ts';
import { isConstant, type Signal } from '../hdl/signal.ts';
import { type BlockContext, elementRanges } from './block.ts';
import type { DenseSignals } from './value.ts';

/** Some bits of an input port, and which elements of the tensor they are in the phases of an image (−1 for none). */
export interface PortField {
  readonly offset: number;
  readonly width: number;
  readonly signed: boolean;
  readonly elements: readonly number[];
}

/** An input port of the design: a slice along the first dimension of an input, element 0 in the lowest bits. */
export interface InputPort {
  readonly name: string;
  readonly input: string;
  readonly width: number;
  readonly fields: readonly PortField[];
}

/** The ports of an input: all slices at once, or a part of them in each of the phases. */
export function inputPorts(
  { node, inferred }: Pick<BlockContext<InputNode>, 'node' | 'inferred'>,
  interval: number,
): InputPort[] {
  const { shape } = node;
  const ranges = elementRanges(inferred);
  const size = sizeOf(shape.slice(1));
  const perClock = Math.ceil(shape[0] / interval);
  const phases = Math.ceil(shape[0] / perClock);
  return Array.from({ length: perClock }, (_, r): InputPort => {
    let offset = 0;
    const fields: PortField[] = [];
    for (let j = 0; j < size; j++) {
      const elements = Array.from({ length: phases }, (__, p) =>
        p * perClock + r < shape[0] ? (p * perClock + r) * size + j : -1,
      );
      const range = hullOf([{ lo: 0n, hi: 0n }, ...elements.filter((e) => e >= 0).map((e) => ranges[e])]);
      if (isConstant(range)) continue;
      const { width, signed } = wireType(range);
      fields.push({ offset, width, signed, elements });
      offset += width;
    }
    return { name: `${node.name}_${r}`, input: node.name, width: offset, fields };
  }).filter(({ width }) => width > 0);
}

/** Input ports and the elements cut out of them. */
export function inputBlock({ b, node, inferred }: BlockContext<InputNode>): DenseSignals {
  const ranges = elementRanges(inferred);
  const elements = ranges.map((range) => (isConstant(range) ? b.constant(range.lo) : undefined));
  const perClock = Math.ceil(node.shape[0] / b.interval);
  const phases = Math.ceil(node.shape[0] / perClock);
  const size = sizeOf(node.shape.slice(1));
  const chunked = b.interval > 1;
  const parts = new Array<Signal>(perClock * size).fill(b.constant(0));
  for (const port of inputPorts({ node, inferred }, b.interval)) {
    const time = { stage: 0, level: 0, last: 0, chunk: chunked };
    const bus = b.input(port.name, port.width === 1 ? BIT : wireRange({ width: port.width, signed: false }), time);
    for (const { offset, width, signed, elements: places } of port.fields) {
      const part = b.bits(bus, offset, width, signed);
      parts[places[0]] = part;
      for (const [phase, element] of places.entries()) {
        if (element < 0 || elements[element] !== undefined) continue;
        elements[element] = b.narrow(chunked ? b.phase(part, phase) : part, ranges[element]);
      }
    }
  }
  const dense = { kind: 'dense', elements: elements as Signal[] } as const;
  return chunked ? { ...dense, chunks: { phases, perClock, elements: parts } } : dense;
}
