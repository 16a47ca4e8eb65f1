import { element, type Plain, tabulate } from './keras-file.ts';

/** Geometry of a window along one axis, as TensorFlow pads. */
export interface Windows {
  readonly taps: number;
  readonly stride: number;
  readonly dilation?: number;
  readonly padding: string;
}

/** Number of windows over `size` elements, and the index of the first tap of the first one. */
export function placed(
  size: number,
  { taps, stride, dilation = 1, padding }: Windows,
): { count: number; before: number } {
  const span = (taps - 1) * dilation + 1;
  if (padding === 'valid') return { count: Math.floor((size - span) / stride) + 1, before: 0 };
  if (padding === 'causal') return { count: Math.ceil(size / stride), before: span - 1 };
  const count = Math.ceil(size / stride);
  return { count, before: Math.floor(Math.max(0, (count - 1) * stride + span - size) / 2) };
}

/** Convolution of `[B, H, W, C]` with a kernel `[kh, kw, C / groups, F]`, by loops over every tap. */
export function convolved(
  x: Plain,
  kernel: Plain,
  bias: Plain | null,
  options: { strides: readonly number[]; dilation: readonly number[]; padding: string; groups?: number },
): Plain {
  const [batch, height, width, channels] = x.shape;
  const [kh, kw, share, filters] = kernel.shape;
  const { strides, dilation, padding, groups = 1 } = options;
  const rows = placed(height, { taps: kh, stride: strides[0], dilation: dilation[0], padding });
  const columns = placed(width, { taps: kw, stride: strides[1], dilation: dilation[1], padding });
  const perGroup = filters / groups;
  if (share * groups !== channels) throw new Error('groups');
  return tabulate([batch, rows.count, columns.count, filters], (b, r, c, f) => {
    let sum = bias == null ? 0 : bias.data[f];
    const group = Math.floor(f / perGroup);
    for (let i = 0; i < kh; i++) {
      for (let j = 0; j < kw; j++) {
        for (let q = 0; q < share; q++) {
          const h = r * strides[0] - rows.before + i * dilation[0];
          const w = c * strides[1] - columns.before + j * dilation[1];
          sum += element(x, b, h, w, group * share + q) * element(kernel, i, j, q, f);
        }
      }
    }
    return sum;
  });
}

/** Depthwise kernels `[kh, kw, C, M]`: filter m of channel c is output c · M + m. */
export function depthwise(
  x: Plain,
  kernel: Plain,
  bias: Plain | null,
  options: { strides: readonly number[]; dilation: readonly number[]; padding: string },
): Plain {
  const [kh, kw, channels, multiplier] = kernel.shape;
  const own = tabulate([kh, kw, 1, channels * multiplier], (i, j, _, f) =>
    element(kernel, i, j, Math.floor(f / multiplier), f % multiplier),
  );
  return convolved(x, own, bias, { ...options, groups: channels });
}

/** Pooling of `[B, H, W, C]`; averages leave padding out. */
export function pooled(x: Plain, mode: 'max' | 'avg', rows: Windows, columns: Windows): Plain {
  const [batch, height, width, channels] = x.shape;
  const [over, along] = [placed(height, rows), placed(width, columns)];
  return tabulate([batch, over.count, along.count, channels], (b, r, c, f) => {
    const values: number[] = [];
    for (let i = 0; i < rows.taps; i++) {
      for (let j = 0; j < columns.taps; j++) {
        const [h, w] = [r * rows.stride - over.before + i, c * columns.stride - along.before + j];
        if (h >= 0 && h < height && w >= 0 && w < width) values.push(element(x, b, h, w, f));
      }
    }
    return mode === 'max' ? Math.max(...values) : values.reduce((a, v) => a + v, 0) / values.length;
  });
}

/** `[B, L, C]` as an image of one row, and back. */
export const asRow = ({ shape: [b, l, c], data }: Plain): Plain => ({ shape: [b, 1, l, c], data });
export const asLine = ({ shape: [b, , l, c], data }: Plain): Plain => ({ shape: [b, l, c], data });

/** Activations of Keras 3 by name, from their definitions. */
export const activations: Readonly<Record<string, (x: number) => number>> = {
  linear: (x) => x,
  relu: (x) => Math.max(x, 0),
  relu6: (x) => Math.min(Math.max(x, 0), 6),
  leaky_relu: (x) => (x >= 0 ? x : 0.2 * x),
  elu: (x) => (x > 0 ? x : Math.expm1(x)),
  selu: (x) => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x)),
  celu: (x) => Math.max(x, 0) + Math.min(Math.expm1(x), 0),
  gelu: (x) => 0.5 * x * (1 + erf(x / Math.SQRT2)),
  silu: (x) => x / (1 + Math.exp(-x)),
  swish: (x) => x / (1 + Math.exp(-x)),
  softplus: (x) => Math.log1p(Math.exp(x)),
  softsign: (x) => x / (1 + Math.abs(x)),
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  hard_sigmoid: (x) => Math.min(Math.max(x / 6 + 0.5, 0), 1),
  hard_silu: (x) => x * Math.min(Math.max(x / 6 + 0.5, 0), 1),
  hard_swish: (x) => x * Math.min(Math.max(x / 6 + 0.5, 0), 1),
  hard_tanh: (x) => Math.min(Math.max(x, -1), 1),
  tanh: Math.tanh,
  tanh_shrink: (x) => x - Math.tanh(x),
  soft_shrink: (x) => (x > 0.5 ? x - 0.5 : x < -0.5 ? x + 0.5 : 0),
  hard_shrink: (x) => (Math.abs(x) > 0.5 ? x : 0),
  exponential: Math.exp,
  mish: (x) => x * Math.tanh(Math.log1p(Math.exp(x))),
  log_sigmoid: (x) => -Math.log1p(Math.exp(-x)),
  squareplus: (x) => 0.5 * (x + Math.sqrt(x * x + 4)),
  sparse_plus: (x) => (x <= -1 ? 0 : x >= 1 ? x : 0.25 * (x + 1) ** 2),
  sparse_sigmoid: (x) => (x <= -1 ? 0 : x >= 1 ? 1 : 0.5 * (x + 1)),
};

/** The error function by a series without cancellation. */
function erf(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; n < 400; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}
