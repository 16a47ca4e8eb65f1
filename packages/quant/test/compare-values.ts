import { formatOf, type GraphNode, sizeOf } from '../src/index.ts';
import type { Value } from '../src/interpret/values.ts';
import { equal, type Fraction, scaled, ZERO } from './fraction.ts';
import type { OracleValue } from './oracle-interpreter.ts';

/** Exact reals of image `image` of a value, dense; and the pixels that have a slot. */
export function exactReals(node: GraphNode, value: Value, image: number): { data: Fraction[]; active?: boolean[] } {
  const size = sizeOf(node.shape);
  const real = (code: number | bigint, element: number): Fraction => {
    if (code === 0 || code === 0n) return ZERO;
    return scaled(code, formatOf(node.format, node.shape, element).f, node.divisor);
  };
  if (value.kind === 'dense') {
    return { data: Array.from({ length: size }, (_, j) => real(value.codes[image * size + j], j)) };
  }
  const [height, width, channels] = node.shape;
  const data = new Array<Fraction>(size).fill(ZERO);
  const active = new Array<boolean>(height * width).fill(false);
  for (let slot = image * value.slots; slot < (image + 1) * value.slots; slot++) {
    const pixel = value.rows[slot] * width + value.cols[slot];
    if (value.valid[slot] === 0) {
      const codes = Array.from({ length: channels }, (_, c) => Number(value.codes[slot * channels + c]));
      if (pixel !== 0 || codes.some((code) => code !== 0))
        throw new Error(`${node.name}: invalid slot ${slot} is not all zero`);
      continue;
    }
    if (active[pixel]) throw new Error(`${node.name}: two slots carry pixel ${pixel}`);
    active[pixel] = true;
    for (let c = 0; c < channels; c++)
      data[pixel * channels + c] = real(value.codes[slot * channels + c], pixel * channels + c);
  }
  return { data, active };
}

/** The first difference between an interpreted value and the oracle's, as text; `undefined` when they are equal. */
export function difference(node: GraphNode, value: Value, image: number, expected: OracleValue): string | undefined {
  const { data, active } = exactReals(node, value, image);
  if (value.shape.join() !== expected.shape.join())
    return `${node.name}: shape [${value.shape}], expected [${expected.shape}]`;
  if (active?.join() !== expected.active?.join()) return `${node.name}: other active pixels`;
  const j = data.findIndex((v, at) => !equal(v, expected.data[at]));
  if (j < 0) return undefined;
  const text = ({ n, d }: Fraction): string => `${n}/${d}`;
  return `${node.name} (${node.op}), element ${j}: ${text(data[j])}, expected ${text(expected.data[j])}`;
}
