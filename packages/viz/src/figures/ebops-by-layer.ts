import { reject, requireShowable, requireSome } from '../spec/checks.ts';
import { type FigureOptions, figure, rows, themeOf } from '../spec/figure.ts';
import type { VegaLiteSpec } from '../spec/json.ts';
import { axisFormat, grouped, percent } from '../spec/numbers.ts';

/** Cost of one layer. */
export interface LayerEbops {
  readonly layer: string;
  /** Effective bit operations. */
  readonly ebops: number;
}

/**
 * Where the bit operations are spent: one bar per layer in network order, with number and share.
 *
 * @throws FigureError when the list is empty or a number is negative or beyond 1e100.
 *
 * @example
 * ```ts
 * const spec = ebopsByLayer([{ layer: 'conv', ebops: 5200 }, { layer: 'dense', ebops: 1800 }]);
 * ```
 */
export function ebopsByLayer(layers: readonly LayerEbops[], options: FigureOptions = {}): VegaLiteSpec {
  requireSome('ebopsByLayer', 'layers', layers.length);
  for (const { layer, ebops } of layers) {
    requireShowable('ebopsByLayer', `ebops of layer '${layer}'`, ebops);
    if (ebops < 0) reject('ebopsByLayer', `ebops of layer '${layer}'`, `is ${ebops}`, 'give zero or more');
  }
  const theme = themeOf('ebopsByLayer', options);
  const total = layers.reduce((sum, { ebops }) => sum + ebops, 0);
  const largest = Math.max(...layers.map(({ ebops }) => ebops));
  const values = layers.map(({ layer, ebops }) => ({
    layer,
    ebops,
    label: total === 0 ? '0' : `${grouped(ebops)} (${percent(ebops / total)})`,
  }));
  const y = {
    field: 'layer',
    type: 'nominal',
    sort: null,
    title: null,
    axis: { domain: false, ticks: false, labelPadding: 8 },
  };
  const caption = {
    title: 'EBOPs by layer',
    notes: [`total ${grouped(total)} effective bit operations`],
    description: `Effective bit operations of ${layers.length} layers.`,
  };
  return figure(options, caption, {
    data: rows(values),
    width: 560,
    height: { step: 38 },
    encoding: {
      y,
      x: {
        field: 'ebops',
        type: 'quantitative',
        title: 'EBOPs (bit operations)',
        // Room at the right end for the label of the longest bar.
        scale: { domain: [0, largest === 0 ? 1 : largest * 1.32], nice: false },
        axis: { labelExpr: `format(datum.value, '${axisFormat(largest)}')`, tickCount: 6, tickMinStep: 1 },
      },
    },
    layer: [
      { mark: { type: 'bar', color: theme.accent, height: { band: 0.68 }, cornerRadiusEnd: 2 } },
      { mark: { type: 'text', align: 'left', dx: 8 }, encoding: { text: { field: 'label', type: 'nominal' } } },
    ],
  });
}
