import { reject, requireShowable, requireSome, smallestShown } from '../spec/checks.ts';
import { thinIndices } from '../spec/downsample.ts';
import { type FigureOptions, figure, headingLayer, rows, themeOf } from '../spec/figure.ts';
import type { JsonObject, VegaLiteSpec } from '../spec/json.ts';
import { grouped } from '../spec/numbers.ts';
import { logTicks } from '../spec/ticks.ts';
import type { ParallelAxis, ParallelRow } from './parallel-coordinates.ts';

const pointLimit = 400;

/**
 * A result against each parameter of a search, one panel each: chosen rows filled, the others pale.
 *
 * @param metric name of the result among the values of the rows; rows without it are left out
 * @throws FigureError when there is no row with the metric, a parameter has no value, or a number is not finite, beyond 1e100 or, on a logarithmic axis, not positive.
 *
 * @example
 * ```ts
 * const spec = parameterSlices('accuracy', [{ name: 'n' }], [{ values: { n: 12, accuracy: 0.9 } }, { values: { n: 24, accuracy: 0.95 }, chosen: true }]);
 * ```
 */
export function parameterSlices(
  metric: string,
  parameters: readonly ParallelAxis[],
  lines: readonly ParallelRow[],
  options: FigureOptions = {},
): VegaLiteSpec {
  const name = 'parameterSlices';
  const measured = lines.filter(({ values }) => values[metric] !== undefined);
  requireSome(name, `rows with '${metric}'`, measured.length);
  requireSome(name, 'parameters', parameters.length);
  const theme = themeOf(name, options);
  for (const { values } of measured) requireShowable(name, `'${metric}'`, values[metric] as number);
  const kept = thinIndices(measured.length, pointLimit).map((index) => measured[index]);
  const panels = parameters.map(({ name: parameter, scale = 'linear' }): JsonObject => {
    const values = kept.flatMap(({ values: all, chosen = false }) =>
      all[parameter] === undefined ? [] : [{ x: all[parameter], y: all[metric] as number, chosen }],
    );
    requireSome(name, `values of '${parameter}'`, values.length);
    const numbers = values.map(({ x }) => x).filter((x): x is number => typeof x === 'number');
    const quantitative = numbers.length === values.length;
    const log = quantitative && scale === 'log';
    for (const x of numbers) {
      requireShowable(name, `value of '${parameter}'`, x);
      if (log && x < smallestShown) {
        reject(name, `value of '${parameter}'`, `is ${x}`, "give positive numbers, or scale: 'linear'");
      }
    }
    const x = quantitative
      ? {
          field: 'x',
          type: 'quantitative',
          title: null,
          scale: { type: log ? 'log' : 'linear', ...(log ? {} : { zero: false }), nice: false, padding: 12 },
          axis: log
            ? { values: logTicks(Math.min(...numbers), Math.max(...numbers)), format: '~e' }
            : { tickCount: 4, format: '~g' },
        }
      : { field: 'x', type: 'nominal', title: null, axis: { labelAngle: 0 } };
    const y = {
      field: 'y',
      type: 'quantitative',
      title: null,
      scale: { zero: false, padding: 12 },
      axis: { tickCount: 4, format: '~g', minExtent: 44 },
    };
    const shown = values.map(({ x: value, ...rest }) => ({
      ...rest,
      x: quantitative ? (value as number) : String(value),
    }));
    const dots = (some: readonly JsonObject[], mark: JsonObject): JsonObject[] =>
      some.length === 0
        ? []
        : [{ data: rows(some), mark: { type: 'point', filled: true, size: 34, ...mark }, encoding: { x, y } }];
    return {
      width: 190,
      height: 140,
      layer: [
        headingLayer(parameter),
        ...dots(
          shown.filter(({ chosen }) => !chosen),
          { color: theme.muted, opacity: 0.5 },
        ),
        ...dots(
          shown.filter(({ chosen }) => chosen),
          { color: theme.accent, opacity: 1 },
        ),
      ],
    };
  });
  const caption = {
    title: `${metric} by parameter`,
    notes: [kept.length < measured.length ? `shown: ${grouped(kept.length)} of ${grouped(measured.length)}` : ''],
    description: `${metric} of ${measured.length} trials against ${parameters.length} parameters.`,
  };
  return figure(options, caption, {
    columns: Math.min(3, panels.length),
    spacing: { row: 34, column: 24 },
    concat: panels,
  });
}
