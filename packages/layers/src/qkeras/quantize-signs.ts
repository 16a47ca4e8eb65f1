import { LayerError } from '../layer-error.ts';
import { groupMaxima, leastSquares, type ScaleGroups, scaleGroups, toPowersOfTwo } from './channel-scale.ts';
import { type Quantised, type QuantizeContext, type QuantizerData, roundRandomly } from './quantize-context.ts';
import type { Alpha, Bernoulli, Binary, StochasticBinary, StochasticTernary, Ternary } from './quantizer-spec.ts';
import { sigmoid, signOf } from './scalar-functions.ts';

/** Magnitude from which `ternary` gives ±1 when nothing else is said. */
export const ternaryThreshold = 0.33;

/** `binary` (hgq1 §5.2): ±scale, or 0 and scale. */
export function quantizeBinary(q: Binary, data: QuantizerData, context: QuantizeContext): Quantised {
  const groups = scaleGroups(data, q.scaleAxis, 'each');
  const source = q.useStochasticRounding && context.training ? roughened(data, groups, context) : data.x;
  const signs = Float64Array.from(source, signOf);
  const codes = q.use01 ? signs.map((sign) => (sign + 1) / 2) : signs;
  const scales = scaleOf(q.alpha, data, codes, groups, q);
  return scaled(q.alpha, data, codes, scales, groups);
}

/** `stochastic_binary`: the sign is drawn while training. */
export function quantizeStochasticBinary(
  q: StochasticBinary,
  data: QuantizerData,
  context: QuantizeContext,
): Quantised {
  const groups = scaleGroups(data, null, 'each');
  const spread = typeof q.alpha === 'string' ? deviations(data, groups) : null;
  const kind = q.useRealSigmoid ? 'real' : context.internalSigmoid;
  const signs = Float64Array.from(data.x, (x, j) => {
    if (!context.training) return signOf(x);
    const [p] = sigmoid(kind, (q.temperature * x) / (spread?.[groups.of[j]] ?? 1));
    return context.random() < p ? 1 : -1;
  });
  return scaled(q.alpha, data, signs, scaleOf(q.alpha, data, signs, groups), groups);
}

/** `bernoulli`: 0 or the scale, drawn always. */
export function quantizeBernoulli(q: Bernoulli, data: QuantizerData, context: QuantizeContext): Quantised {
  const groups = scaleGroups(data, null, 'each');
  const spread = typeof q.alpha === 'string' ? deviations(data, groups) : null;
  const kind = q.useRealSigmoid ? 'real' : context.internalSigmoid;
  const codes = Float64Array.from(data.x, (x, j) => {
    const [p] = sigmoid(kind, (q.temperature * x) / (spread?.[groups.of[j]] ?? 1));
    return context.random() < p ? 1 : 0;
  });
  const scales = scaleOf(q.alpha, data, codes, groups);
  return { ...scaled(q.alpha, data, codes, scales, groups), slopes: new Float64Array(codes.length).fill(1) };
}

/** `ternary`: −scale, 0 or scale. */
export function quantizeTernary(q: Ternary, data: QuantizerData, context: QuantizeContext): Quantised {
  const groups = scaleGroups(data, null, 'each');
  if (typeof q.alpha !== 'string') return fixedTernary(q.alpha, q.threshold, data, groups);
  const source = q.useStochasticRounding && context.training ? roughened(data, groups, context) : data.x;
  return autoTernary(q, data, groups, (scales) =>
    // A group once cut to 0 has scale 0 and stays there; half a scale rounds to 0.
    Float64Array.from(source, (x, j) => {
      const scale = scales[groups.of[j]];
      return scale > 0 && Math.abs(x) > scale / 2 ? Math.sign(x) : 0;
    }),
  );
}

/** `stochastic_ternary`: `ternary` in inference, drawn while training with an automatic scale. */
export function quantizeStochasticTernary(
  q: StochasticTernary,
  data: QuantizerData,
  context: QuantizeContext,
): Quantised {
  if (!context.training) return quantizeTernary({ ...q, name: 'ternary', useStochasticRounding: false }, data, context);
  if (typeof q.alpha !== 'string') {
    throw new LayerError(
      `stochastic_ternary: training with alpha = ${q.alpha}; use alpha='auto' or 'auto_po2', or 'ternary'.`,
    );
  }
  const groups = scaleGroups(data, null, 'each');
  const spread = deviations(data, groups);
  const kind = q.useRealSigmoid ? 'real' : context.internalSigmoid;
  return autoTernary(q, data, groups, (scales) =>
    Float64Array.from(data.x, (x, j) => {
      const [scale, std] = [scales[groups.of[j]], spread[groups.of[j]]];
      const draw = (shift: number): number =>
        context.random() < sigmoid(kind, q.temperature * (x / std + shift))[0] ? 1 : -1;
      return (draw(-scale / (2 * std)) + draw(scale / (2 * std))) / 2;
    }),
  );
}

function fixedTernary(
  alpha: number | null,
  threshold: number | null,
  data: QuantizerData,
  groups: ScaleGroups,
): Quantised {
  const limit = threshold ?? ternaryThreshold;
  const codes = Float64Array.from(data.x, (x) => (Math.abs(x) >= limit ? Math.sign(x) : 0));
  return scaled(alpha, data, codes, scaleOf(alpha, data, codes, groups), groups);
}

/** Threshold and scale determine each other: a few rounds from the exact answer for uniform data. */
function autoTernary(
  q: Ternary | StochasticTernary,
  data: QuantizerData,
  groups: ScaleGroups,
  codesOf: (scales: Float64Array) => Float64Array,
): Quantised {
  const first = scaleGroups(data, null, 'one');
  const maxima = groupMaxima(data, first);
  let scales: Float64Array = Float64Array.from(
    { length: groups.count },
    (_, g) => (2 * (maxima[maxima.length === 1 ? 0 : g] ?? 0)) / 3,
  );
  if (q.alpha === 'auto_po2') scales = toPowersOfTwo(scales);
  let codes: Float64Array = codesOf(scales);
  for (let round = 0; round < q.numberOfUnrolls; round++) {
    codes = codesOf(scales);
    scales = scaleOf(q.alpha, data, codes, groups);
  }
  return scaled(q.alpha, data, codes, scales, groups);
}

function scaleOf(
  alpha: Alpha,
  data: QuantizerData,
  codes: Float64Array,
  groups: ScaleGroups,
  limits?: { readonly minPo2Exponent: number | null; readonly maxPo2Exponent: number | null },
): Float64Array {
  if (typeof alpha !== 'string') return new Float64Array(groups.count).fill(alpha ?? 1);
  const best = leastSquares(data, codes, groups);
  return alpha === 'auto' ? best : toPowersOfTwo(best, limits);
}

/** Without alpha the data pass as tanh(x), whose slope is the gradient; otherwise as they are. */
function scaled(
  alpha: Alpha,
  { x }: QuantizerData,
  codes: Float64Array,
  scales: Float64Array,
  groups: ScaleGroups,
): Quantised {
  return {
    values: codes.map((code, j) => code * scales[groups.of[j]]),
    slopes: Float64Array.from(x, (value) => (alpha === null ? 1 - Math.tanh(value) ** 2 : 1)),
    scale:
      typeof alpha === 'string'
        ? { shape: groups.shape, values: scales }
        : { shape: [], values: new Float64Array([alpha ?? 1]) },
  };
}

/** Data rounded at random to eighths of `2·min(1, max|x|)`, per group. */
function roughened(data: QuantizerData, groups: ScaleGroups, { random }: QuantizeContext): Float64Array {
  const maxima = groupMaxima(data, groups);
  return Float64Array.from(data.x, (x, j) => {
    const step = (2 * Math.min(1, maxima[groups.of[j]])) / 8;
    return step === 0 ? 0 : roundRandomly(x / step, random) * step;
  });
}

function deviations({ x }: QuantizerData, groups: ScaleGroups): Float64Array {
  const [sums, squares, sizes] = [0, 1, 2].map(() => new Float64Array(groups.count));
  for (let j = 0; j < x.length; j++) {
    sums[groups.of[j]] += x[j];
    squares[groups.of[j]] += x[j] * x[j];
    sizes[groups.of[j]]++;
  }
  return sums.map((sum, g) => Math.sqrt(Math.max(0, squares[g] / sizes[g] - (sum / sizes[g]) ** 2)) + 1e-7);
}
