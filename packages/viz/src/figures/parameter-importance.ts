import { reject, requireFinite, requireSome } from '../spec/checks.ts';
import { type FigureOptions, figure, rows, themeOf } from '../spec/figure.ts';
import type { VegaLiteSpec } from '../spec/json.ts';
import { percent, tidy } from '../spec/numbers.ts';

/** How much a parameter matters. */
export interface ParameterImportance {
  readonly name: string;
  /** Any scale; shares of the sum are drawn. */
  readonly importance: number;
}

/**
 * How much each parameter of a search matters for its result: one bar each, the most important one first.
 *
 * @throws FigureError when the list is empty, or a number is negative or not finite.
 *
 * @example
 * ```ts
 * const spec = parameterImportance([{ name: 'beta', importance: 3 }, { name: 'n', importance: 1 }]);
 * ```
 */
export function parameterImportance(
  parameters: readonly ParameterImportance[],
  options: FigureOptions = {},
): VegaLiteSpec {
  const name = 'parameterImportance';
  requireSome(name, 'parameters', parameters.length);
  for (const { name: parameter, importance } of parameters) {
    requireFinite(name, `importance of '${parameter}'`, importance);
    if (importance < 0) reject(name, `importance of '${parameter}'`, `is ${importance}`, 'give zero or more');
  }
  const theme = themeOf(name, options);
  const total = parameters.reduce((sum, { importance }) => sum + importance, 0);
  const values = [...parameters]
    .sort((a, b) => b.importance - a.importance)
    .map(({ name: parameter, importance }) => {
      const share = total === 0 ? 0 : importance / total;
      return { parameter, share: tidy(share), label: percent(share) };
    });
  const y = {
    field: 'parameter',
    type: 'nominal',
    sort: null,
    title: null,
    axis: { domain: false, ticks: false, labelPadding: 8 },
  };
  const most = Math.max(...values.map(({ share }) => share));
  const x = {
    field: 'share',
    type: 'quantitative',
    title: 'share of importance',
    scale: { domain: [0, Math.max(0.05, most * 1.15)], nice: false },
    axis: { tickCount: 5, format: '~p' },
  };
  const caption = {
    title: 'What matters',
    notes: [],
    description: `Importance of ${parameters.length} parameters.`,
  };
  return figure(options, caption, {
    data: rows(values),
    width: 560,
    height: { step: 26 },
    encoding: { y, x },
    layer: [
      { mark: { type: 'bar', color: theme.accent, height: { band: 0.7 } } },
      {
        mark: { type: 'text', align: 'left', baseline: 'middle', dx: 5 },
        encoding: { text: { field: 'label', type: 'nominal' } },
      },
    ],
  });
}
