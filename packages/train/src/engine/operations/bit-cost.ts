import { sizeOf } from '@sp/layers/kernels';
import type { Memory } from '../memory/memory.ts';
import { ints, type Room, reals } from '../memory/room.ts';
import { bitMap } from '../quantizer/bit-map.ts';
import type { EngineQuantizer } from '../quantizer/engine-quantizer.ts';

/** EBOPs of a layer: value now; derivatives go to the quantizers (hgq2 §4.2). */
export interface BitCost {
  /** Adds `scale() · EBOPs` to the gradients of the bits and returns it. Call it between `forward` and `finish` of the quantizers. */
  evaluate(): number;
}

/** What a cost depends on: widths of one operand, and which of them each of its elements has. */
interface Operand {
  readonly quantizer: EngineQuantizer | null;
  readonly bits: Room<Float64Array>;
  readonly map: Room<Int32Array>;
  /** Derivative of the cost per bit element. */
  readonly gradient: Room<Float64Array>;
  /** Widths of the last evaluation. */
  readonly last: Room<Float64Array>;
}

/** `shape`: that of the operand with batch size 1; without quantizer it has no bits. */
function operand(quantizer: EngineQuantizer | null, shape: readonly number[], memory: Memory): Operand {
  const size = quantizer == null ? 1 : sizeOf(quantizer.shape);
  const map = ints(memory, sizeOf(shape));
  if (quantizer != null) map.view.set(bitMap(quantizer.shape, shape));
  const last = reals(memory, size);
  last.view.fill(Number.NaN);
  return { quantizer, bits: quantizer?.bits ?? reals(memory, 1), map, gradient: reals(memory, size), last };
}

/** A cost that is only computed again when a width has changed. */
function remembered(
  operands: readonly Operand[],
  scale: () => number,
  { kernels }: Memory,
  compute: () => number,
): BitCost {
  let value = 0;
  return {
    evaluate() {
      let changes = 0;
      for (const { bits, last } of operands) changes += kernels.refresh(last.view, bits.view, last.view.length);
      if (changes > 0) {
        for (const { gradient } of operands) gradient.view.fill(0);
        value = compute();
      }
      const factor = scale();
      for (const { quantizer, gradient } of operands) quantizer?.addBitGradients(gradient, factor);
      return value * factor;
    },
  };
}

/** Dense layer on one vector: `(Σ x · w + mean(b) · units) · share`. */
export function denseBitCost(
  [inputs, units]: readonly [number, number],
  [iq, kq, bq]: readonly [EngineQuantizer | null, EngineQuantizer | null, EngineQuantizer | null],
  share: number,
  scale: () => number,
  memory: Memory,
): BitCost {
  const x = operand(iq, [1, inputs], memory);
  const w = operand(kq, [inputs, units], memory);
  const b = operand(bq, [units], memory);
  return remembered([x, w, b], scale, memory, () => {
    let value = memory.kernels.denseBits(
      x.bits.view,
      x.map.view,
      w.bits.view,
      w.map.view,
      x.gradient.view,
      w.gradient.view,
      share,
      inputs,
      units,
    );
    for (const element of bq == null ? [] : b.map.view) {
      value += b.bits.view[element];
      b.gradient.view[element] += share;
    }
    return value * share;
  });
}

/** Geometry of a 'same' convolution of stride 1. */
export interface ConvShape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly filters: number;
}

/** Convolution over the whole image: `Σ conv(x, w) · share`. Rectangle sums instead of a walk over positions and taps. */
export function convBitCost(
  shape: ConvShape,
  [iq, kq]: readonly [EngineQuantizer | null, EngineQuantizer | null],
  share: number,
  scale: () => number,
  memory: Memory,
): BitCost {
  const { height, width, channels, kernelHeight, kernelWidth, filters } = shape;
  const w = operand(kq, [kernelHeight, kernelWidth, channels, filters], memory);
  const [up, left] = [(kernelHeight - 1) / 2, (kernelWidth - 1) / 2];
  // Widths that are the same at all pixels need no map of the image.
  const uniform = iq == null || (iq.shape[1] === 1 && iq.shape[2] === 1);
  const x = operand(iq, uniform ? (iq?.shape ?? [1]) : [1, height, width, channels], memory);
  const sums = new Float64Array((height + 1) * (width + 1));
  const taps = new Float64Array((kernelHeight + 1) * (kernelWidth + 1));

  return remembered([x, w], scale, memory, () => {
    const [xBits, xMap, dx] = [x.bits.view, x.map.view, x.gradient.view];
    const [wBits, wMap, dw] = [w.bits.view, w.map.view, w.gradient.view];
    let value = 0;
    for (let c = 0; c < channels; c++) {
      const uniformAt = iq == null || iq.shape[3] === 1 ? 0 : c;
      const uniformBits = xBits[uniformAt];
      if (!uniform) prefixSums(sums, height, width, (pixel) => xBits[xMap[pixel * channels + c]]);
      prefixSums(taps, kernelHeight, kernelWidth, (tap) => {
        let sum = 0;
        for (let f = 0, j = (tap * channels + c) * filters; f < filters; f++, j++) sum += wBits[wMap[j]];
        return sum;
      });
      for (let a = 0, tap = 0; a < kernelHeight; a++) {
        const [top, bottom] = [Math.max(0, a - up), Math.min(height, height + a - up)];
        for (let b = 0; b < kernelWidth; b++, tap++) {
          const [from, to] = [Math.max(0, b - left), Math.min(width, width + b - left)];
          if (bottom <= top || to <= from) continue;
          const area = (bottom - top) * (to - from);
          const bits = uniform ? uniformBits * area : rectangle(sums, width, top, bottom, from, to);
          const weight = rectangle(taps, kernelWidth, a, a + 1, b, b + 1);
          value += bits * weight;
          if (uniform) dx[uniformAt] += weight * area * share;
          for (let f = 0, j = (tap * channels + c) * filters; f < filters; f++, j++) dw[wMap[j]] += bits * share;
        }
      }
      if (uniform) continue;
      for (let row = 0, pixel = 0; row < height; row++) {
        const [top, bottom] = [Math.max(0, row + up - height + 1), Math.min(kernelHeight, row + up + 1)];
        for (let column = 0; column < width; column++, pixel++) {
          const [from, to] = [Math.max(0, column + left - width + 1), Math.min(kernelWidth, column + left + 1)];
          dx[xMap[pixel * channels + c]] += rectangle(taps, kernelWidth, top, bottom, from, to) * share;
        }
      }
    }
    return value * share;
  });
}

/** Sums over all rectangles from the upper left corner, with a row and a column of zeros before. */
function prefixSums(sums: Float64Array, rows: number, columns: number, at: (index: number) => number): void {
  for (let row = 0, j = 0; row < rows; row++) {
    let line = 0;
    for (let column = 0; column < columns; column++, j++) {
      line += at(j);
      sums[(row + 1) * (columns + 1) + column + 1] = sums[row * (columns + 1) + column + 1] + line;
    }
  }
}

function rectangle(sums: Float64Array, columns: number, top: number, bottom: number, from: number, to: number): number {
  const stride = columns + 1;
  return (
    sums[bottom * stride + to] - sums[top * stride + to] - sums[bottom * stride + from] + sums[top * stride + from]
  );
}
