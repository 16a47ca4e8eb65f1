import { reject, requireFinite, requireSome } from '../spec/checks.ts';
import { type FigureOptions, figure, rows, themeOf } from '../spec/figure.ts';
import type { VegaLiteSpec } from '../spec/json.ts';
import { grouped, percent } from '../spec/numbers.ts';

/** Zeros of one layer. */
export interface LayerSparsity {
  readonly layer: string;
  /** Share of weights that are 0, 0 to 1. */
  readonly sparsity: number;
  /** Number of weights, for the label. */
  readonly weights?: number | undefined;
}

/**
 * How much of each layer is 0: one bar per layer in network order.
 *
 * @throws FigureError when the list is empty, a share is not in 0 to 1, or a number of weights is not whole.
 *
 * @example
 * ```ts
 * const spec = sparsityByLayer([{ layer: 'conv', sparsity: 0.2, weights: 100 }, { layer: 'dense', sparsity: 0.75 }]);
 * ```
 */
export function sparsityByLayer(layers: readonly LayerSparsity[], options: FigureOptions = {}): VegaLiteSpec {
  const name = 'sparsityByLayer';
  requireSome(name, 'layers', layers.length);
  for (const { layer, sparsity, weights } of layers) {
    requireFinite(name, `sparsity of layer '${layer}'`, sparsity);
    if (sparsity < 0 || sparsity > 1) {
      reject(name, `sparsity of layer '${layer}'`, `is ${sparsity}`, 'give a share between 0 and 1');
    }
    if (weights !== undefined && (!Number.isInteger(weights) || weights < 0)) {
      reject(name, `weights of layer '${layer}'`, `is ${weights}`, 'give a whole number');
    }
  }
  const theme = themeOf(name, options);
  const values = layers.map(({ layer, sparsity, weights }) => ({
    layer,
    sparsity,
    label: weights === undefined ? percent(sparsity) : `${percent(sparsity)} of ${grouped(weights)}`,
  }));
  const total = layers.reduce((sum, { weights }) => sum + (weights ?? Number.NaN), 0);
  const zeros = layers.reduce((sum, { sparsity, weights }) => sum + sparsity * (weights ?? 0), 0);
  const caption = {
    title: 'Zeros by layer',
    notes: total > 0 ? [`${percent(zeros / total)} of all ${grouped(total)} weights`] : [],
    description: `Share of weights that are 0 in ${layers.length} layers.`,
  };
  const y = {
    field: 'layer',
    type: 'nominal',
    sort: null,
    title: null,
    axis: { domain: false, ticks: false, labelPadding: 8 },
  };
  return figure(options, caption, {
    data: rows(values),
    width: 560,
    height: { step: 38 },
    encoding: {
      y,
      x: {
        field: 'sparsity',
        type: 'quantitative',
        title: 'share of weights that are 0',
        // Room at the right end for the label of a full bar.
        scale: { domain: [0, 1.3], nice: false },
        axis: { values: [0, 0.25, 0.5, 0.75, 1], format: '~p' },
      },
    },
    layer: [
      { mark: { type: 'bar', color: theme.accent, height: { band: 0.68 }, cornerRadiusEnd: 2 } },
      { mark: { type: 'text', align: 'left', dx: 8 }, encoding: { text: { field: 'label', type: 'nominal' } } },
    ],
  });
}
