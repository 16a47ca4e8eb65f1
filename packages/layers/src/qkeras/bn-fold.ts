import { LayerError } from '../layer-error.ts';

/** Weights of a layer and of the batch normalisation behind it, channels last. */
export interface BnFoldInput {
  readonly kernel: ArrayLike<number>;
  /** Default: zeros. */
  readonly bias?: ArrayLike<number>;
  /** Default: ones. */
  readonly gamma?: ArrayLike<number>;
  /** Default: zeros. */
  readonly beta?: ArrayLike<number>;
  readonly mean: ArrayLike<number>;
  readonly variance: ArrayLike<number>;
  /** Default 0.001. */
  readonly epsilon?: number;
}

/**
 * Folds a batch normalisation into the layer in front of it: `kernel·γ/√(σ²+ε)` and `γ·(bias − μ)/√(σ²+ε) + β`
 * (hgq1 §5.3). Quantise the result, not the parts.
 *
 * @throws LayerError unless there is one statistic per channel
 */
export function bnFold(input: BnFoldInput): { readonly kernel: Float32Array; readonly bias: Float32Array } {
  const { kernel, bias, gamma, beta, mean, variance, epsilon = 1e-3 } = input;
  const channels = mean.length;
  if (variance.length !== channels || kernel.length % channels !== 0) {
    throw new LayerError(
      `bnFold: ${channels} means, ${variance.length} variances, ${kernel.length} weights; give one of each per channel.`,
    );
  }
  const factor = Float64Array.from(mean, (_, c) => (gamma?.[c] ?? 1) / Math.sqrt(variance[c] + epsilon));
  return {
    kernel: Float32Array.from(kernel, (w, j) => w * factor[j % channels]),
    bias: Float32Array.from(mean, (m, c) => ((bias?.[c] ?? 0) - m) * factor[c] + (beta?.[c] ?? 0)),
  };
}
