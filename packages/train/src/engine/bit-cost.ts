import { bitMap } from './bit-map.ts';
import type { EngineQuantizer } from './engine-quantizer.ts';

/** EBOPs of a layer: value now; derivatives go to the quantizers (hgq2 §4.2). */
export interface BitCost {
  /** Adds `scale() · EBOPs` to the gradients of the bits and returns it. Call it between `forward` and `finish` of the quantizers. */
  evaluate(): number;
}

/** One operand: its quantizer and its shape with batch size 1. */
interface Operand {
  readonly quantizer: EngineQuantizer | null;
  readonly shape: readonly number[];
}

/** Derivatives of a cost per bit element of each operand, and its value. */
interface Derivatives {
  value: number;
  readonly gradients: readonly Float64Array[];
}

/** A cost that is only computed again when a width has changed. */
function remembered(
  operands: readonly Operand[],
  scale: () => number,
  compute: (derivatives: Derivatives) => void,
): BitCost {
  const sizes = operands.map(({ quantizer }) => quantizer?.bits.length ?? 1);
  const last = sizes.map((size) => new Float64Array(size).fill(Number.NaN));
  const derivatives: Derivatives = { value: 0, gradients: sizes.map((size) => new Float64Array(size)) };
  return {
    evaluate() {
      let changed = false;
      for (const [index, { quantizer }] of operands.entries()) {
        const bits = quantizer?.bits;
        if (bits == null || same(bits, last[index])) continue;
        last[index].set(bits);
        changed = true;
      }
      if (changed) {
        for (const gradient of derivatives.gradients) gradient.fill(0);
        derivatives.value = 0;
        compute(derivatives);
      }
      const factor = scale();
      for (const [index, { quantizer }] of operands.entries()) {
        quantizer?.addBitGradients(derivatives.gradients[index], factor);
      }
      return derivatives.value * factor;
    },
  };
}

const noBits = new Float64Array(1);

function operand(quantizer: EngineQuantizer | null, shape: readonly number[]): { bits: Float64Array; map: Int32Array } {
  return {
    bits: quantizer?.bits ?? noBits,
    map: quantizer == null ? new Int32Array(shape.reduce((a, b) => a * b, 1)) : bitMap(quantizer.shape, shape),
  };
}

/** Dense layer on one vector: `(Σ x · w + mean(b) · units) · share`. */
export function denseBitCost(
  [inputs, units]: readonly [number, number],
  [iq, kq, bq]: readonly [EngineQuantizer | null, EngineQuantizer | null, EngineQuantizer | null],
  share: number,
  scale: () => number,
): BitCost {
  const x = operand(iq, [1, inputs]);
  const w = operand(kq, [inputs, units]);
  const b = operand(bq, [units]);
  const operands = [
    { quantizer: iq, shape: [1, inputs] },
    { quantizer: kq, shape: [inputs, units] },
    { quantizer: bq, shape: [units] },
  ];
  return remembered(operands, scale, (result) => {
    const [dx, dw, db] = result.gradients;
    let value = 0;
    for (let c = 0, j = 0; c < inputs; c++) {
      const bits = x.bits[x.map[c]];
      let sum = 0;
      for (let u = 0; u < units; u++, j++) {
        sum += w.bits[w.map[j]];
        dw[w.map[j]] += bits * share;
      }
      dx[x.map[c]] += sum * share;
      value += bits * sum;
    }
    if (bq != null) {
      for (let u = 0; u < units; u++) {
        value += b.bits[b.map[u]];
        db[b.map[u]] += share;
      }
    }
    result.value = value * share;
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
): BitCost {
  const { height, width, channels, kernelHeight, kernelWidth, filters } = shape;
  const imageShape = [1, height, width, channels];
  const kernelShape = [kernelHeight, kernelWidth, channels, filters];
  const w = operand(kq, kernelShape);
  const [up, left] = [(kernelHeight - 1) / 2, (kernelWidth - 1) / 2];
  // Widths that are the same at all pixels need no map of the image.
  const uniform = iq == null || (iq.shape[1] === 1 && iq.shape[2] === 1);
  const x = uniform ? null : operand(iq, imageShape);
  const sums = new Float64Array((height + 1) * (width + 1));
  const taps = new Float64Array((kernelHeight + 1) * (kernelWidth + 1));
  const operands = [
    { quantizer: iq, shape: imageShape },
    { quantizer: kq, shape: kernelShape },
  ];

  return remembered(operands, scale, (result) => {
    const [dx, dw] = result.gradients;
    let value = 0;
    for (let c = 0; c < channels; c++) {
      const uniformAt = iq == null || iq.shape[3] === 1 ? 0 : c;
      const uniformBits = iq?.bits[uniformAt] ?? 0;
      if (x != null) prefixSums(sums, height, width, (pixel) => x.bits[x.map[pixel * channels + c]]);
      prefixSums(taps, kernelHeight, kernelWidth, (tap) => {
        let sum = 0;
        for (let f = 0, j = (tap * channels + c) * filters; f < filters; f++, j++) sum += w.bits[w.map[j]];
        return sum;
      });
      for (let a = 0, tap = 0; a < kernelHeight; a++) {
        const [top, bottom] = [Math.max(0, a - up), Math.min(height, height + a - up)];
        for (let b = 0; b < kernelWidth; b++, tap++) {
          const [from, to] = [Math.max(0, b - left), Math.min(width, width + b - left)];
          if (bottom <= top || to <= from) continue;
          const area = (bottom - top) * (to - from);
          const bits = x == null ? uniformBits * area : rectangle(sums, width, top, bottom, from, to);
          const weight = rectangle(taps, kernelWidth, a, a + 1, b, b + 1);
          value += bits * weight;
          if (x == null) dx[uniformAt] += weight * area * share;
          for (let f = 0, j = (tap * channels + c) * filters; f < filters; f++, j++) dw[w.map[j]] += bits * share;
        }
      }
      if (x == null) continue;
      for (let row = 0, pixel = 0; row < height; row++) {
        const [top, bottom] = [Math.max(0, row + up - height + 1), Math.min(kernelHeight, row + up + 1)];
        for (let column = 0; column < width; column++, pixel++) {
          const [from, to] = [Math.max(0, column + left - width + 1), Math.min(kernelWidth, column + left + 1)];
          dx[x.map[pixel * channels + c]] += rectangle(taps, kernelWidth, top, bottom, from, to) * share;
        }
      }
    }
    result.value = value * share;
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

function same(a: Float64Array, b: Float64Array): boolean {
  for (let j = 0; j < a.length; j++) if (a[j] !== b[j]) return false;
  return true;
}
