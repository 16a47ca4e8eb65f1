import { textWidth } from '../render/text-width.ts';
import { reject, requireShowable, requireSome, smallestShown } from '../spec/checks.ts';
import { thinIndices } from '../spec/downsample.ts';
import { type FigureOptions, figure, rows, themeOf } from '../spec/figure.ts';
import type { JsonObject, VegaLiteSpec } from '../spec/json.ts';
import { grouped, short, tidy } from '../spec/numbers.ts';
import { fontSizes } from '../theme/theme.ts';

/** One axis: numbers, or names in an order. */
export interface ParallelAxis {
  readonly name: string;
  /** Of numbers. @defaultValue `'linear'` */
  readonly scale?: 'linear' | 'log' | undefined;
}

/** One line, e.g. a trial of a search. */
export interface ParallelRow {
  /** By the names of axes; an axis that is left out interrupts the line. */
  readonly values: Readonly<Record<string, number | string | boolean | undefined>>;
  /** Drawn in front and in colour. @defaultValue false */
  readonly chosen?: boolean | undefined;
}

const lineLimit = 400;
const axisGap = 80;

/**
 * Many settings and what came of them, a line each from axis to axis. Axes of numbers go from their smallest to their largest value; those of names hold them evenly, sorted.
 *
 * @throws FigureError when there is no row or axis, an axis has no value, mixes numbers and names, or has a number that is not finite, beyond 1e100 or, on a logarithmic one, not
 * positive.
 *
 * @example
 * ```ts
 * const spec = parallelCoordinates([{ name: 'n' }, { name: 'lut' }], [{ values: { n: 12, lut: 900 }, chosen: true }, { values: { n: 24, lut: 1500 } }]);
 * ```
 */
export function parallelCoordinates(
  axes: readonly ParallelAxis[],
  lines: readonly ParallelRow[],
  options: FigureOptions = {},
): VegaLiteSpec {
  const name = 'parallelCoordinates';
  requireSome(name, 'axes', axes.length);
  requireSome(name, 'rows', lines.length);
  const theme = themeOf(name, options);
  const scales = axes.map((axis) => axisScale(axis, lines));
  const chosen = lines.filter((line) => line.chosen === true);
  const others = lines.filter((line) => line.chosen !== true);
  const shown = thinIndices(others.length, lineLimit).map((index) => others[index]);
  const points = (some: readonly ParallelRow[]): JsonObject[] =>
    some.flatMap(({ values }, line) => {
      let part = 0;
      return scales.flatMap(({ placeOf }, at) => {
        const value = values[axes[at].name];
        // What is missing interrupts the line.
        if (value === undefined) {
          part++;
          return [];
        }
        return [{ line: `${line} ${part}`, at, place: tidy(placeOf(value)) }];
      });
    });
  const x = {
    field: 'at',
    type: 'quantitative',
    scale: { domain: [0, Math.max(1, axes.length - 1)], nice: false, padding: 40 },
    axis: null,
  };
  const y = { field: 'place', type: 'quantitative', scale: { domain: [-0.16, 1.1], nice: false }, axis: null };
  const line = (some: readonly ParallelRow[], mark: JsonObject): JsonObject => ({
    data: rows(points(some)),
    mark: { type: 'line', point: axes.length === 1, ...mark },
    encoding: { x, y, detail: { field: 'line', type: 'nominal' } },
  });
  const label = (field: string, place: number, mark: JsonObject): JsonObject => ({
    data: rows(scales.map((scale, at) => ({ at, place, text: scale[field as 'low' | 'high' | 'name'] }))),
    mark: { type: 'text', ...mark },
    encoding: { x, y, text: { field: 'text', type: 'nominal' } },
  });
  const layer = [
    {
      data: rows(axes.map((_, at) => ({ at, place: 0, end: 1 }))),
      mark: { type: 'rule', color: theme.muted, strokeWidth: 1 },
      encoding: { x, y, y2: { field: 'end' } },
    },
    ...(shown.length > 0 ? [line(shown, { color: theme.muted, strokeWidth: 1, opacity: 0.35 })] : []),
    ...(chosen.length > 0 ? [line(chosen, { color: theme.accent, strokeWidth: 1.8, opacity: 0.9 })] : []),
    label('high', 1, { baseline: 'bottom', dy: -4 }),
    label('low', 0, { baseline: 'top', dy: 4 }),
    label('name', 0, { baseline: 'top', dy: 20, fontWeight: 'bold' }),
  ];
  const caption = {
    title: 'Settings and results',
    notes: [
      chosen.length === 0 ? '' : `in colour: ${grouped(chosen.length)} of ${grouped(lines.length)}`,
      shown.length < others.length ? `shown: ${grouped(shown.length)} of the ${grouped(others.length)} others` : '',
    ],
    description: `Parallel coordinates of ${lines.length} settings on ${axes.length} axes.`,
  };
  // Names of neighbours must not touch.
  const gap = axes.reduce((most, axis) => Math.max(most, 1.15 * textWidth(axis.name, fontSizes.label) + 14), axisGap);
  return figure(options, caption, { width: Math.max(320, Math.round(gap * axes.length)), height: 320, layer });
}

interface AxisScale {
  readonly name: string;
  readonly low: string;
  readonly high: string;
  placeOf(value: number | string | boolean): number;
}

function axisScale({ name, scale = 'linear' }: ParallelAxis, lines: readonly ParallelRow[]): AxisScale {
  const figureName = 'parallelCoordinates';
  const values = lines.flatMap((line) => line.values[name] ?? []);
  requireSome(figureName, `values of axis '${name}'`, values.length);
  const numbers = values.filter((value): value is number => typeof value === 'number');
  if (numbers.length > 0 && numbers.length < values.length) {
    reject(figureName, `axis '${name}'`, 'has numbers and names', 'give one kind of values');
  }
  if (numbers.length === 0) {
    const names = [...new Set(values.map(String))].sort();
    const placeOf = (value: number | string | boolean): number =>
      names.length === 1 ? 0.5 : names.indexOf(String(value)) / (names.length - 1);
    return { name, low: names[0], high: names.length === 1 ? '' : names[names.length - 1], placeOf };
  }
  for (const value of numbers) {
    requireShowable(figureName, `value of axis '${name}'`, value);
    if (scale === 'log' && value < smallestShown) {
      reject(figureName, `value of axis '${name}'`, `is ${value}`, "give positive numbers, or scale: 'linear'");
    }
  }
  const on = (value: number): number => (scale === 'log' ? Math.log(value) : value);
  const [low, high] = [numbers.reduce((a, b) => Math.min(a, b)), numbers.reduce((a, b) => Math.max(a, b))];
  const placeOf = (value: number | string | boolean): number =>
    high === low ? 0.5 : (on(Number(value)) - on(low)) / (on(high) - on(low));
  return { name, low: short(low), high: high === low ? '' : short(high), placeOf };
}
