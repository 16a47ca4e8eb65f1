import { reject, requireShowable, smallestShown } from '../spec/checks.ts';
import { thinIndices } from '../spec/downsample.ts';
import { type FigureOptions, figure, rows, themeOf } from '../spec/figure.ts';
import type { JsonObject, VegaLiteSpec } from '../spec/json.ts';
import { grouped, plainLabels, short, tidy } from '../spec/numbers.ts';
import { logTicks } from '../spec/ticks.ts';

/** Active pixels per image at one threshold, over a data set. */
export interface ActivePixelsRow {
  readonly threshold: number;
  readonly mean: number;
  readonly min: number;
  readonly max: number;
  /** 25th percentile. */
  readonly p25: number;
  /** Median. */
  readonly p50: number;
  /** 75th percentile. */
  readonly p75: number;
}

/** Options of `activePixelsVsThresholdPlot`. */
export interface ActivePixelsPlotOptions extends FigureOptions {
  /** Chosen threshold, drawn as a vertical line. */
  readonly threshold?: number | undefined;
  /** Chosen number of pixels, drawn as a horizontal line. */
  readonly n?: number | undefined;
}

const pointLimit = 300;

/**
 * How many pixels of an image are active at each threshold: mean, middle half and full range over a data set. Helps to
 * choose `threshold` and `n`.
 *
 * @throws FigureError when there are fewer than two thresholds or numbers are not finite.
 */
export function activePixelsVsThresholdPlot(
  measured: readonly ActivePixelsRow[],
  options: ActivePixelsPlotOptions = {},
): VegaLiteSpec {
  if (measured.length < 2) {
    reject('activePixelsVsThresholdPlot', 'rows', `has ${measured.length} thresholds`, 'pass at least two');
  }
  const theme = themeOf('activePixelsVsThresholdPlot', options);
  for (const row of measured) {
    for (const field of ['threshold', 'mean', 'min', 'max', 'p25', 'p50', 'p75'] as const) {
      requireShowable('activePixelsVsThresholdPlot', `${field} at threshold ${row.threshold}`, row[field]);
    }
  }
  if (options.n !== undefined && !(options.n >= 0)) {
    reject('activePixelsVsThresholdPlot', 'n', `is ${options.n}`, 'give zero or more');
  }
  if (options.n !== undefined) requireShowable('activePixelsVsThresholdPlot', 'n', options.n);
  if (options.threshold !== undefined) requireShowable('activePixelsVsThresholdPlot', 'threshold', options.threshold);
  const sorted = [...measured].sort((a, b) => a.threshold - b.threshold);
  const chosen = thinIndices(sorted.length, pointLimit).map((index) => sorted[index]);
  const bands = chosen.flatMap((row) => [
    { threshold: row.threshold, band: 'all images', low: row.min, high: row.max },
    { threshold: row.threshold, band: 'middle half', low: row.p25, high: row.p75 },
  ]);
  const lines = chosen.flatMap((row) => [
    { threshold: row.threshold, line: 'mean', value: tidy(row.mean) },
    { threshold: row.threshold, line: 'median', value: row.p50 },
  ]);
  const [lowest, highest] = [sorted[0].threshold, sorted[sorted.length - 1].threshold];
  // Thresholds of many sizes would all lie in the corner of a linear axis.
  const log = lowest >= smallestShown && highest > 10_000 * lowest && (options.threshold ?? lowest) >= smallestShown;
  const x = {
    field: 'threshold',
    type: 'quantitative',
    title: log ? 'threshold (input units, log scale)' : 'threshold (input units)',
    scale: { nice: false, ...(log ? { type: 'log' } : { zero: false }) },
    axis: { labelExpr: plainLabels, ...(log ? { values: logTicks(lowest, highest) } : { tickCount: 8 }) },
  };
  const layer: JsonObject[] = [
    {
      data: rows(bands),
      mark: { type: 'area', interpolate: 'step-after', opacity: 1 },
      encoding: {
        x,
        y: { field: 'low', type: 'quantitative', title: 'active pixels per image' },
        y2: { field: 'high' },
        fill: {
          field: 'band',
          type: 'nominal',
          scale: { domain: ['all images', 'middle half'], range: [theme.sequential[0], theme.sequential[1]] },
          legend: { title: null, orient: 'bottom', symbolType: 'square' },
        },
      },
    },
    {
      data: rows(lines),
      mark: { type: 'line', interpolate: 'step-after' },
      encoding: {
        x,
        y: { field: 'value', type: 'quantitative' },
        color: {
          field: 'line',
          type: 'nominal',
          scale: { domain: ['mean', 'median'], range: [theme.categories[0], theme.categories[1]] },
          legend: { title: null, orient: 'bottom', symbolType: 'stroke' },
        },
        strokeDash: {
          field: 'line',
          type: 'nominal',
          scale: {
            domain: ['mean', 'median'],
            range: [
              [1, 0],
              [6, 3],
            ],
          },
          legend: { title: null, orient: 'bottom', symbolType: 'stroke' },
        },
      },
    },
  ];
  if (options.threshold !== undefined)
    layer.push(...chosenLine('x', options.threshold, `threshold ${short(options.threshold)}`, theme.text));
  if (options.n !== undefined) layer.push(...chosenLine('y', options.n, `n = ${short(options.n)}`, theme.text));
  const caption = {
    title: 'Active pixels at each threshold',
    notes: [
      chosen.length < sorted.length
        ? `shown: ${grouped(chosen.length)} of ${grouped(sorted.length)} thresholds, evenly chosen`
        : '',
    ],
    description: 'Number of active pixels per image against the threshold.',
  };
  return figure(options, caption, { width: 620, height: 340, layer });
}

function chosenLine(channel: 'x' | 'y', at: number, label: string, color: string): readonly JsonObject[] {
  const vertical = channel === 'x';
  return [
    {
      data: rows([{ at }]),
      mark: { type: 'rule', strokeDash: [5, 4], strokeWidth: 1.8, color },
      encoding: { [channel]: { field: 'at', type: 'quantitative' } },
    },
    {
      data: rows([{ at, label }]),
      mark: {
        type: 'text',
        align: vertical ? 'left' : 'right',
        baseline: 'bottom',
        dx: vertical ? 6 : -6,
        dy: -5,
        fontWeight: 'bold',
        color,
      },
      encoding: vertical
        ? { x: { field: 'at', type: 'quantitative' }, y: { value: 0 }, text: { field: 'label', type: 'nominal' } }
        : {
            y: { field: 'at', type: 'quantitative' },
            x: { value: 'width' },
            text: { field: 'label', type: 'nominal' },
          },
    },
  ];
}
