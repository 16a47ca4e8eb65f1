import { textWidth } from '../render/text-width.ts';
import { reject, requireShowable, requireSome, smallestShown } from '../spec/checks.ts';
import { type FigureOptions, figure, headingLayer, rows, themeOf } from '../spec/figure.ts';
import type { JsonObject, VegaLiteSpec } from '../spec/json.ts';
import { axisFormat, percent } from '../spec/numbers.ts';
import { logTicks } from '../spec/ticks.ts';
import { fontSizes } from '../theme/theme.ts';

/** A number with the range it is believed to lie in. */
export interface Estimated {
  readonly value: number;
  readonly low?: number | undefined;
  readonly high?: number | undefined;
}

/** Estimated cost of one firmware plan. */
export interface PlanCost {
  readonly name: string;
  /** Cycles from input to output. */
  readonly latency: number | Estimated;
  /** Cycles from one input to the next. */
  readonly interval?: number | Estimated | undefined;
  readonly lut?: number | Estimated | undefined;
  readonly ff?: number | Estimated | undefined;
  readonly dsp?: number | Estimated | undefined;
  /** Block RAMs of 18 kbit. */
  readonly bram?: number | Estimated | undefined;
}

const resources = [
  ['interval', 'interval (cycles)'],
  ['lut', 'LUT (count)'],
  ['ff', 'FF (count)'],
  ['dsp', 'DSP (count)'],
  ['bram', 'BRAM (18 kbit blocks)'],
] as const;

/** What a part has, by which amounts become percents. */
export interface PartResources {
  readonly name: string;
  readonly lut?: number | undefined;
  readonly ff?: number | undefined;
  readonly dsp?: number | undefined;
  /** Block RAMs of 18 kbit. */
  readonly bram?: number | undefined;
}

/** Options of `latencyVsResources`. */
export interface LatencyVsResourcesOptions extends FigureOptions {
  /** The part that the firmware is for: headings then say how much of it the dearest plan takes. */
  readonly part?: PartResources | undefined;
}

/** Shifted by one from round to round, so that the pairs of colour and shape repeat as late as possible. */
const shapes = ['circle', 'square', 'triangle-up', 'diamond', 'cross', 'triangle-down', 'triangle-right'];

/**
 * Latency against interval and each kind of resource, one mark per plan, with error bars where a range is given. Resources that no
 * plan states are left out.
 *
 * @throws FigureError when there is no plan, names repeat, no resource is given, or a number is negative or beyond 1e100.
 */
export function latencyVsResources(plans: readonly PlanCost[], options: LatencyVsResourcesOptions = {}): VegaLiteSpec {
  requireSome('latencyVsResources', 'plans', plans.length);
  const theme = themeOf('latencyVsResources', options);
  const names = plans.map(({ name }) => name);
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined)
    reject('latencyVsResources', `name '${repeated}'`, 'occurs twice', 'give each plan its own');
  const present = resources.filter(([field]) => plans.some((plan) => plan[field] !== undefined));
  if (present.length === 0) {
    reject('latencyVsResources', 'plans', 'state no resource', 'give at least one of lut, ff, dsp, bram');
  }
  const latencies = plans.map((plan) => estimated(plan.name, 'latency', plan.latency));
  const fastest = Math.min(...latencies.map(({ low }) => low));
  const slowest = Math.max(...latencies.map(({ high }) => high));
  const log = fastest >= smallestShown && slowest > 8 * fastest;
  const xScale = log
    ? { type: 'log', domain: [fastest / 1.3, slowest * 1.3], nice: false }
    : { domain: [0, Math.max(1, slowest * 1.08)], nice: false };
  const xAxis = log ? { values: logTicks(fastest / 1.3, slowest * 1.3) } : { tickCount: 5, tickMinStep: 1 };
  const legend = { title: null, orient: 'bottom', symbolSize: 150, columns: legendColumns(names), columnPadding: 18 };
  const concat = present.map(([field, title]): JsonObject => {
    const values = plans.flatMap((plan, index) => {
      const cost = plan[field];
      if (cost === undefined) return [];
      const latency = latencies[index];
      const { value, low, high } = estimated(plan.name, field, cost);
      return [
        {
          plan: plan.name,
          latency: latency.value,
          latencyLow: latency.low,
          latencyHigh: latency.high,
          amount: value,
          amountLow: low,
          amountHigh: high,
        },
      ];
    });
    const most = Math.max(...values.map(({ amountHigh }) => amountHigh));
    const least = Math.min(...values.map(({ amountLow }) => amountLow));
    // On a linear axis a thousandth of the largest is 0.
    const logAmounts = least >= smallestShown && most > 1000 * least;
    const amounts = logAmounts
      ? {
          scale: { type: 'log', domain: [least / 1.5, most * 1.5], nice: false },
          axis: { values: logTicks(least, most) },
        }
      : { scale: { domain: [0, Math.max(1, most * 1.08)], nice: false }, axis: { tickCount: 5, tickMinStep: 1 } };
    const x = (name: string) => ({
      field: name,
      type: 'quantitative',
      title: log ? 'latency (cycles, log scale)' : 'latency (cycles)',
      scale: xScale,
      axis: { ...xAxis, labelExpr: `format(datum.value, '${axisFormat(slowest, log ? fastest : 0)}')` },
    });
    const y = (name: string) => ({
      field: name,
      type: 'quantitative',
      title: null,
      scale: amounts.scale,
      axis: {
        ...amounts.axis,
        labelExpr: `format(datum.value, '${axisFormat(most, logAmounts ? least : 0)}')`,
        minExtent: 44,
      },
    });
    const color = {
      field: 'plan',
      type: 'nominal',
      scale: { domain: names, range: names.map((_, at) => theme.categories[at % theme.categories.length]) },
      legend,
    };
    const shape = {
      field: 'plan',
      type: 'nominal',
      scale: {
        domain: names,
        range: names.map((_, at) => shapes[(at + Math.floor(at / shapes.length)) % shapes.length]),
      },
      legend,
    };
    const bar = { data: rows(values), mark: { type: 'rule', strokeWidth: 2 } };
    return {
      width: present.length === 1 ? 620 : 330,
      height: present.length === 1 ? 340 : 200,
      layer: [
        headingLayer(`${title}${logAmounts ? ', log scale' : ''}${ofPart(field, most, options.part)}`),
        { ...bar, encoding: { x: x('latency'), y: y('amountLow'), y2: { field: 'amountHigh' }, color } },
        { ...bar, encoding: { x: x('latencyLow'), x2: { field: 'latencyHigh' }, y: y('amount'), color } },
        {
          data: rows(values),
          mark: { type: 'point', filled: true, size: 170, opacity: 1 },
          encoding: { x: x('latency'), y: y('amount'), color, shape },
        },
      ],
    };
  });
  const bounded = plans.some((plan) =>
    [plan.latency, ...resources.map(([field]) => plan[field])].some(
      (cost) => typeof cost === 'object' && (cost.low !== undefined || cost.high !== undefined),
    ),
  );
  const caption = {
    title: 'Latency against resources',
    notes: [
      bounded ? 'bars: range of the estimate' : '',
      options.part === undefined
        ? ''
        : `part: ${options.part.name}; percents are of the dearest plan, at the upper end of its range`,
    ],
    description: `Latency and resources of ${plans.length} firmware plans.`,
  };
  return figure(options, caption, { columns: Math.min(2, present.length), spacing: { row: 24, column: 28 }, concat });
}

/** How much of the part the largest amount is. */
function ofPart(field: (typeof resources)[number][0], most: number, part: PartResources | undefined): string {
  const all = field === 'interval' ? undefined : part?.[field];
  if (part === undefined || all === undefined) return '';
  if (!(all > 0)) reject('latencyVsResources', `${field} of part '${part.name}'`, `is ${all}`, 'give a number above 0');
  return `, up to ${percent(most / all)} of the part`;
}

function legendColumns(names: readonly string[]): number {
  const widest = Math.max(...names.map((name) => textWidth(name, fontSizes.label)));
  return Math.max(1, Math.floor(720 / (widest + 44)));
}

interface Range {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

function estimated(plan: string, field: string, cost: number | Estimated): Range {
  const { value, low = value, high = value }: Estimated = typeof cost === 'number' ? { value: cost } : cost;
  for (const [part, number] of [
    ['', value],
    ['low end of ', low],
    ['high end of ', high],
  ] as const) {
    requireShowable('latencyVsResources', `${part}${field} of plan '${plan}'`, number);
    if (number < 0)
      reject('latencyVsResources', `${part}${field} of plan '${plan}'`, `is ${number}`, 'give zero or more');
  }
  return { value, low, high };
}
