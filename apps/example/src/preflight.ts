import { ConfigError, type HlsConfig, listValidReuseFactors, plan } from '@sp/hls';
import { lower } from '@sp/layers';
import type { Dataset } from '@sp/train';
import type { Options } from './options.ts';
import { untrainedNetwork } from './train.ts';
import { UsageError } from './usage-error.ts';

/** The firmware configuration that the options ask for. */
export function hlsConfig({
  reuseFactor,
  parallelizationFactor,
}: Pick<Options, 'reuseFactor' | 'parallelizationFactor'>): HlsConfig {
  return { model: { reuseFactor, ...(parallelizationFactor === undefined ? {} : { parallelizationFactor }) } };
}

/**
 * Finds out before the training whether its result can become the wanted firmware: the untrained network has the same layers.
 *
 * @throws UsageError naming the option, its value and the legal ones.
 */
export function preflight(train: Dataset, options: Options): void {
  const { n, threshold, reuseFactor, parallelizationFactor = 1 } = options;
  const [height, width, channels] = train.shape;
  if (n > height * width)
    throw new UsageError(`--n ${n}: the images have only ${height} × ${width} pixels; give at most ${height * width}`);
  if (parallelizationFactor > n) {
    throw new UsageError(
      `--parallelization-factor ${parallelizationFactor}: more than the ${n} pixels of --n; give at most ${n}`,
    );
  }
  let brightest = Number.NEGATIVE_INFINITY;
  for (let p = 0; p < train.images.length; p += channels) brightest = Math.max(brightest, train.images[p]);
  if (threshold >= brightest) {
    throw new UsageError(
      `--threshold ${threshold}: no training pixel exceeds it; the brightest is ${brightest}, give less`,
    );
  }
  const model = untrainedNetwork(train, {
    ...options,
    n: Math.floor(n / parallelizationFactor) * parallelizationFactor,
  });
  try {
    const graph = lower(model);
    const dense = graph.nodes.filter((node) => node.op === 'dense');
    const legal = dense
      .map(({ kernel: { shape } }) => listValidReuseFactors(shape[0], shape[1]))
      .reduce((common, factors) => common.filter((factor) => factors.includes(factor)));
    if (!legal.includes(reuseFactor)) {
      const sizes = dense
        .map(({ layer, name, kernel: { shape } }) => `${layer ?? name} ${shape[0]} × ${shape[1]}`)
        .join(', ');
      throw new UsageError(
        `--reuse-factor ${reuseFactor}: does not fit the dense layers (${sizes}); legal for all of them: ${legal.join(', ')}`,
      );
    }
    plan(graph, hlsConfig(options));
  } catch (cause) {
    if (cause instanceof ConfigError)
      throw new UsageError(`--parallelization-factor ${parallelizationFactor}: ${cause.message}`, { cause });
    throw cause;
  } finally {
    model.dispose();
  }
}
