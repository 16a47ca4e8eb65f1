import { textWidth } from '../render/text-width.ts';
import { reject, requireShowable, requireSome, smallestShown } from '../spec/checks.ts';
import { thinIndices } from '../spec/downsample.ts';
import { type FigureOptions, figure, rows, themeOf } from '../spec/figure.ts';
import type { JsonObject, VegaLiteSpec } from '../spec/json.ts';
import { axisFormat, grouped, plainLabels, tidy } from '../spec/numbers.ts';
import { logTicks } from '../spec/ticks.ts';
import { fontSizes } from '../theme/theme.ts';

/** One trained network or checkpoint. */
export interface ParetoPoint {
  /** What is paid, for example EBOPs; more is worse. */
  readonly cost: number;
  /** What is gained, for example accuracy; more is better. */
  readonly score: number;
  /** Written beside the point when it lies on the front. */
  readonly label?: string | undefined;
  /** Points of a group share a colour, for example one training run. */
  readonly group?: string | undefined;
}

/** Options of `paretoFrontPlot`. */
export interface ParetoFrontPlotOptions extends FigureOptions {
  /** @defaultValue `'EBOPs (bit operations)'` */
  readonly costTitle?: string | undefined;
  /** @defaultValue `'accuracy (fraction correct)'` */
  readonly scoreTitle?: string | undefined;
  /** Scale of the cost. @defaultValue `'log'` when all costs are positive and span more than a factor of 5 */
  readonly costScale?: 'linear' | 'log' | undefined;
}

const pointLimit = 1500;
const width = 640;
const height = 380;
/** Of the axis of scores, in px. */
const padding = 18;

/**
 * The points that no other point beats in both cost and score, cheapest first. Of equal points the first counts.
 */
export function paretoOptimal(points: readonly ParetoPoint[]): readonly ParetoPoint[] {
  const sorted = [...points].sort((a, b) => a.cost - b.cost || b.score - a.score);
  const front: ParetoPoint[] = [];
  for (const point of sorted) {
    if (front.length === 0 || point.score > front[front.length - 1].score) front.push(point);
  }
  return front;
}

/**
 * Cost against score of many networks, with the front of those that no other beats in both.
 *
 * @throws FigureError when there is no point, a number is not finite or beyond 1e100, or a logarithmic cost is below
 * 1e-100.
 */
export function paretoFrontPlot(points: readonly ParetoPoint[], options: ParetoFrontPlotOptions = {}): VegaLiteSpec {
  requireSome('paretoFrontPlot', 'points', points.length);
  for (const [index, { cost, score }] of points.entries()) {
    requireShowable('paretoFrontPlot', `cost of point ${index}`, cost);
    requireShowable('paretoFrontPlot', `score of point ${index}`, score);
  }
  const theme = themeOf('paretoFrontPlot', options);
  const costs = points.map(({ cost }) => cost);
  const lowest = costs.reduce((a, b) => Math.min(a, b));
  const highest = costs.reduce((a, b) => Math.max(a, b));
  const log = (options.costScale ?? (lowest >= smallestShown && highest > 5 * lowest ? 'log' : 'linear')) === 'log';
  if (log && lowest < smallestShown) {
    reject('paretoFrontPlot', 'cost', `is ${lowest}`, `give costs of at least ${smallestShown} or costScale: 'linear'`);
  }
  const front = paretoOptimal(points);
  const others = points.filter((point) => !front.includes(point));
  const chosen = thinIndices(others.length, pointLimit).map((index) => others[index]);
  const groups = [...new Set(points.map(({ group }) => group ?? ''))];
  const grouping = groups.length > 1;
  const shown = (point: ParetoPoint): JsonObject => ({
    cost: tidy(point.cost),
    score: tidy(point.score),
    group: point.group ?? '',
    label: point.label ?? '',
  });
  // Labels stand to the upper left of their points, where no point of the front can be: make room for the first one.
  const labelRoom = Math.max(0, ...front.slice(0, 1).map(({ label = '' }) => textWidth(label, fontSizes.label)));
  const domain = widened([lowest, highest], (labelRoom + 24) / width, 24 / width, log);
  // The room on the left of costs from 0 on is no negative cost.
  const label = `format(datum.value, '${axisFormat(Math.max(Math.abs(lowest), highest), log ? lowest : 0)}')`;
  const costLabel = lowest < 0 ? label : `datum.value < 0 ? '' : ${label}`;
  const x = {
    field: 'cost',
    type: 'quantitative',
    title: `${options.costTitle ?? 'EBOPs (bit operations)'}${log ? ', log scale' : ''}`,
    scale: { type: log ? 'log' : 'linear', domain, nice: false },
    axis: { labelExpr: costLabel, ...(log ? { values: logTicks(domain[0], domain[1]) } : { tickCount: 6 }) },
  };
  const y = {
    field: 'score',
    type: 'quantitative',
    title: options.scoreTitle ?? 'accuracy (fraction correct)',
    scale: { zero: false, padding },
    axis: { tickCount: 6, labelExpr: plainLabels },
  };
  const color = grouping
    ? {
        field: 'group',
        type: 'nominal',
        scale: { domain: groups, range: theme.categories },
        legend: { title: null, orient: 'bottom', symbolOpacity: 1 },
      }
    : { value: theme.accent };
  const named = front.filter(({ label }) => label !== undefined);
  const labelled = apart(named, (point) => [share(point.cost, domain, log) * width, heightOf(point.score, points)]);
  const layers = [
    {
      data: rows(chosen.map(shown)),
      mark: { type: 'point', filled: true, size: 55, opacity: 0.4 },
      encoding: { x, y, color },
    },
    {
      data: rows(front.map(shown)),
      mark: { type: 'line', interpolate: 'step-after', color: theme.text, strokeWidth: 1.8 },
      encoding: { x, y, order: { field: 'cost', type: 'quantitative' } },
    },
    {
      data: rows(front.map(shown)),
      mark: { type: 'point', filled: true, size: 130, opacity: 1, stroke: theme.background, strokeWidth: 1.5 },
      encoding: { x, y, color },
    },
    {
      data: rows(labelled.map(shown)),
      mark: { type: 'text', align: 'right', baseline: 'bottom', dx: -8, dy: -6 },
      encoding: { x, y, text: { field: 'label', type: 'nominal' } },
    },
  ];
  // A layer without data would have no extent.
  const layer = layers.filter(({ data }) => data.values.length > 0);
  const caption = {
    title: 'Accuracy against cost',
    notes: [
      `line: the ${front.length} of ${grouped(points.length)} that no other beats in both`,
      chosen.length < others.length ? `shown: ${grouped(chosen.length)} of the ${grouped(others.length)} others` : '',
      labelled.length < named.length ? `named: ${labelled.length} of them, where there is room` : '',
    ],
    description: `Pareto front of ${points.length} networks.`,
  };
  return figure(options, caption, { width, height, layer });
}

/** Where a number lies on an axis, from 0 to 1. */
function share(value: number, [low, high]: readonly [number, number], log: boolean): number {
  return log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
}

/** Height of a score above the lowest in px, about. */
function heightOf(score: number, points: readonly ParetoPoint[]): number {
  const scores = points.map((point) => point.score);
  const low = scores.reduce((a, b) => Math.min(a, b));
  const high = scores.reduce((a, b) => Math.max(a, b));
  return high > low ? ((score - low) / (high - low)) * (height - 2 * padding) : 0;
}

/** The points whose labels, to their upper left, cover no other label: both ends first, then from the best downwards. */
function apart(
  points: readonly ParetoPoint[],
  place: (point: ParetoPoint) => readonly [x: number, y: number],
): readonly ParetoPoint[] {
  const [first, ...rest] = points;
  const chosen: { readonly point: ParetoPoint; readonly x: number; readonly y: number; readonly width: number }[] = [];
  for (const point of first === undefined ? [] : [...rest.slice(-1), first, ...rest.slice(0, -1).reverse()]) {
    const [x, y] = place(point);
    const width = textWidth(point.label ?? '', fontSizes.label);
    const covers = chosen.some(
      (other) =>
        Math.abs(other.y - y) < fontSizes.label + 3 && x - width < other.x + 6 && other.x - other.width < x + 6,
    );
    if (!covers) chosen.push({ point, x, y, width });
  }
  return points.filter((point) => chosen.some((entry) => entry.point === point));
}

/** A domain with room at both ends, as shares of the final length. */
function widened(
  ends: readonly [number, number],
  left: number,
  right: number,
  log: boolean,
): readonly [number, number] {
  const [low, high] = log ? ends.map(Math.log) : ends;
  const length = (high > low ? high - low : Math.max(1, Math.abs(high))) / (1 - left - right);
  const wide = [low - left * length, high + right * length].map((end) => tidy(log ? Math.exp(end) : end));
  return [wide[0], wide[1]];
}
