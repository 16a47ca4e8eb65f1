import { ConfigError, type HlsPlan, listValidReuseFactors, plan } from '@sp/hls';
import { lower } from '@sp/layers';
import type { FixedGraph } from '@sp/quant';
import type { Dataset } from '@sp/train';
import { UsageError } from './errors.ts';
import type { Options } from './options.ts';
import { untrainedNetwork } from './train.ts';

/** Options that concern the firmware. */
export type FirmwareOptions = Pick<Options, 'reuseFactor' | 'parallelizationFactor'>;

/**
 * Finds out before the training whether its result can become the wanted firmware: the untrained network has the same layers.
 *
 * @throws UsageError naming the option, its value and the legal ones.
 */
export function preflight(train: Dataset, options: Options): void {
  const { n, threshold, parallelizationFactor = 1 } = options;
  const [height, width, channels] = train.shape;
  if (n > height * width) {
    throw new UsageError(`--n ${n}: the images have only ${height} × ${width} pixels; give at most ${height * width}`);
  }
  if (parallelizationFactor > n) {
    throw new UsageError(
      `--parallelization-factor ${parallelizationFactor}: more than the ${n} pixels of --n; give at most ${n}`,
    );
  }
  let brightest = Number.NEGATIVE_INFINITY;
  for (let p = 0; p < train.images.length; p += channels) brightest = Math.max(brightest, train.images[p]);
  if (brightest <= 0) {
    throw new UsageError(
      `--data: no training pixel is above 0 (largest ${brightest}), and only such pixels can be active; shift or invert them`,
    );
  }
  if (threshold >= brightest) {
    throw new UsageError(
      `--threshold ${threshold}: no training pixel exceeds it; the brightest is ${brightest}, give less`,
    );
  }
  const settled = Math.floor(n / parallelizationFactor) * parallelizationFactor;
  const model = untrainedNetwork(train, { ...options, n: settled });
  try {
    planned(lower(model), options);
  } finally {
    model.dispose();
  }
}

/**
 * Plans the firmware that the options ask for.
 *
 * @throws UsageError naming the option, its value and the legal ones.
 */
export function planned(graph: FixedGraph, { reuseFactor, parallelizationFactor }: FirmwareOptions): HlsPlan {
  checkReuseFactor(graph, reuseFactor);
  try {
    return plan(graph, {
      model: { reuseFactor, ...(parallelizationFactor === undefined ? {} : { parallelizationFactor }) },
    });
  } catch (cause) {
    if (!(cause instanceof ConfigError)) throw cause;
    throw new UsageError(`--parallelization-factor ${parallelizationFactor}: ${cause.message}`, { cause });
  }
}

function checkReuseFactor(graph: FixedGraph, reuseFactor: number): void {
  const dense = graph.nodes.filter((node) => node.op === 'dense');
  const legal = dense
    .map(({ kernel: { shape } }) => listValidReuseFactors(shape[0], shape[1]))
    .reduce((common, factors) => common.filter((factor) => factors.includes(factor)));
  if (legal.includes(reuseFactor)) return;
  const sizes = dense.map(({ layer, name, kernel: { shape } }) => `${layer ?? name} ${shape[0]} × ${shape[1]}`);
  throw new UsageError(
    `--reuse-factor ${reuseFactor}: does not fit the dense layers (${sizes.join(', ')}); legal for all of them: ${legal.join(', ')}`,
  );
}
