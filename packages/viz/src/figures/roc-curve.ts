import { reject, requireFinite, requireLength, requireSome } from '../spec/checks.ts';
import { thinIndices } from '../spec/downsample.ts';
import { type FigureOptions, figure, rows, themeOf } from '../spec/figure.ts';
import type { JsonObject, VegaLiteSpec } from '../spec/json.ts';
import { tidy } from '../spec/numbers.ts';
import { logTicks } from '../spec/ticks.ts';

/** Scores of one class (or one model) against truth. */
export interface RocInput {
  readonly name: string;
  /** Higher means more likely positive. */
  readonly scores: ArrayLike<number>;
  /** Truth per score: 1 (or true) is positive. */
  readonly positive: ArrayLike<number | boolean>;
}

/** Options of `rocCurve`. */
export interface RocCurveOptions extends FigureOptions {
  /** Scale of the false positive rate; 'log' shows strong rejection. @defaultValue `'linear'` */
  readonly scale?: 'linear' | 'log' | undefined;
  /** Curves drawn at most: those with the smallest areas, with a note. @defaultValue 14 */
  readonly limit?: number | undefined;
}

/** A point of a receiver operating characteristic. */
export interface RocPoint {
  readonly falsePositiveRate: number;
  readonly truePositiveRate: number;
}

const pointLimit = 400;

/**
 * All points of a ROC curve from (0, 0) to (1, 1), one per distinct score, and the area under it (trapezoids, so equal
 * scores count half, as in the Mann–Whitney statistic).
 *
 * @throws FigureError when one of the two classes is missing or a score is not finite.
 */
export function rocOf(input: RocInput): { readonly points: readonly RocPoint[]; readonly auc: number } {
  const { name, scores, positive } = input;
  requireSome('rocCurve', `scores of '${name}'`, scores.length);
  requireLength('rocCurve', `positive of '${name}'`, positive.length, scores.length, 'one per score');
  const order = Array.from({ length: scores.length }, (_, index) => index);
  let positives = 0;
  for (const index of order) {
    requireFinite('rocCurve', `score ${index} of '${name}'`, scores[index]);
    if (positive[index]) positives++;
  }
  const negatives = order.length - positives;
  if (positives === 0 || negatives === 0) {
    reject('rocCurve', `positive of '${name}'`, `has ${positives} positives and ${negatives} negatives`, 'give both');
  }
  order.sort((a, b) => scores[b] - scores[a]);
  const points: RocPoint[] = [{ falsePositiveRate: 0, truePositiveRate: 0 }];
  let hits = 0;
  let auc = 0;
  for (let at = 0; at < order.length; ) {
    const score = scores[order[at]];
    for (; at < order.length && scores[order[at]] === score; at++) if (positive[order[at]]) hits++;
    const before = points[points.length - 1];
    const point = { falsePositiveRate: (at - hits) / negatives, truePositiveRate: hits / positives };
    auc +=
      ((point.falsePositiveRate - before.falsePositiveRate) * (point.truePositiveRate + before.truePositiveRate)) / 2;
    points.push(point);
  }
  return { points, auc };
}

/** The smallest positive false positive rate, at most `limit`: where a logarithmic axis can begin. */
function leastPositive(points: readonly RocPoint[], limit: number): number {
  return points.reduce(
    (least, { falsePositiveRate }) => (falsePositiveRate > 0 ? Math.min(least, falsePositiveRate) : least),
    limit,
  );
}

/** Leaves out the points in the middle of straight horizontal and vertical runs; the curve stays the same. */
function corners(points: readonly RocPoint[]): readonly RocPoint[] {
  return points.filter((point, index) => {
    const [before, after] = [points[index - 1], points[index + 1]];
    if (before === undefined || after === undefined) return true;
    const level =
      before.truePositiveRate === point.truePositiveRate && point.truePositiveRate === after.truePositiveRate;
    const upright =
      before.falsePositiveRate === point.falsePositiveRate && point.falsePositiveRate === after.falsePositiveRate;
    return !level && !upright;
  });
}

/** One ROC input per class, that class against all others, from class probabilities `[samples, classes]` row-major. */
export function oneVersusRest(
  probabilities: ArrayLike<number>,
  actual: ArrayLike<number>,
  classes: readonly string[],
): readonly RocInput[] {
  requireLength('rocCurve', 'probabilities', probabilities.length, actual.length * classes.length, 'samples × classes');
  return classes.map((name, column) => ({
    name,
    scores: Array.from(actual, (_, sample) => probabilities[sample * classes.length + column]),
    positive: Array.from(actual, (value) => value === column),
  }));
}

/**
 * True against false positive rate for every threshold on the score, one curve per input, areas in the legend.
 *
 * @throws FigureError as `rocOf`.
 */
export function rocCurve(inputs: readonly RocInput[], options: RocCurveOptions = {}): VegaLiteSpec {
  requireSome('rocCurve', 'inputs', inputs.length);
  const theme = themeOf('rocCurve', options);
  const log = options.scale === 'log';
  const limit = options.limit ?? 14;
  if (!Number.isInteger(limit) || limit < 1) reject('rocCurve', 'limit', `is ${limit}`, 'give a positive integer');
  const all = inputs.map((input) => ({ input, ...rocOf(input) }));
  const weakest = new Set([...all].sort((a, b) => a.auc - b.auc).slice(0, limit));
  const curves = all.filter((curve) => weakest.has(curve));
  let thinned = false;
  const values: JsonObject[] = [];
  const floor = curves.reduce((least, { points }) => leastPositive(points, least), 0.1);
  const names = curves.map(({ input, auc }) => `${input.name} (${auc.toFixed(3)})`);
  for (const [index, { points }] of curves.entries()) {
    const outline = corners(points);
    const chosen = thinIndices(outline.length, pointLimit);
    thinned ||= chosen.length < outline.length;
    for (const at of chosen) {
      const { falsePositiveRate, truePositiveRate } = outline[at];
      const x = log ? Math.max(falsePositiveRate, floor) : falsePositiveRate;
      values.push({ curve: names[index], x: tidy(x, 4), y: tidy(truePositiveRate, 4), at });
    }
  }
  const chance = Array.from({ length: log ? 30 : 2 }, (_, index) => (log ? floor ** (1 - index / 29) : index)).map(
    (value) => ({ x: value, y: value }),
  );
  const many = curves.length > theme.categories.length;
  const x = {
    field: 'x',
    type: 'quantitative',
    title: log ? 'false positive rate (log scale)' : 'false positive rate',
    scale: log ? { type: 'log', domain: [floor, 1], nice: false } : { domain: [0, 1] },
    axis: log ? { values: logTicks(floor, 1), format: '~g' } : { tickCount: 5, format: '~g' },
  };
  const y = {
    field: 'y',
    type: 'quantitative',
    title: 'true positive rate',
    scale: { domain: [0, 1] },
    axis: { tickCount: 5 },
  };
  const layer = [
    {
      data: rows(chance),
      mark: { type: 'line', strokeDash: [5, 4], strokeWidth: 1.3, color: theme.muted },
      encoding: { x, y },
    },
    {
      data: rows(values),
      mark: { type: 'line', strokeWidth: 2.2, interpolate: 'linear' },
      encoding: {
        x,
        y,
        order: { field: 'at', type: 'quantitative' },
        color: {
          field: 'curve',
          type: 'nominal',
          scale: { domain: names, range: names.map((_, index) => theme.categories[index % theme.categories.length]) },
          legend: { title: 'class (area under curve)', orient: 'right', symbolType: 'stroke', symbolSize: 300 },
        },
        ...(many
          ? {
              strokeDash: {
                field: 'curve',
                type: 'nominal',
                scale: { domain: names, range: names.map((_, i) => (i < theme.categories.length ? [1, 0] : [6, 3])) },
              },
            }
          : {}),
      },
    },
  ];
  const caption = {
    title: 'ROC curves',
    notes: [
      many ? 'thin dashes: guessing' : 'dashed: guessing',
      curves.length < all.length ? `shown: the ${curves.length} of ${all.length} curves with the smallest areas` : '',
      thinned ? `shown: about ${pointLimit} points per curve, evenly chosen; areas use all` : '',
    ],
    description: `Receiver operating characteristics of ${inputs.length} classes.`,
  };
  return figure(options, caption, { width: 440, height: 420, layer });
}
