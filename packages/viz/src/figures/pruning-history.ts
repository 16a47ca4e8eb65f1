import { reject, requireShowable, requireSome } from '../spec/checks.ts';
import { type FigureOptions, figure, headingLayer, rows, themeOf } from '../spec/figure.ts';
import type { JsonObject, VegaLiteSpec } from '../spec/json.ts';
import { axisFormat, percent, short, tidy } from '../spec/numbers.ts';

/** What is known after one step of a pruning; other fields are ignored. */
export interface PruningStep {
  /** @defaultValue the position in the list, from 1 */
  readonly step?: number | undefined;
  /** Null: it was no number; such a step is left out of the upper panel. */
  readonly metric: number | null;
  /** Whether the metric was within the tolerance. */
  readonly good: boolean;
  /** What the network needs of the resource. */
  readonly resource: number;
}

/** Options of `pruningHistory`. */
export interface PruningHistoryOptions extends FigureOptions {
  /** Metric before; a dashed line. */
  readonly baseline?: number | undefined;
  /** Metric from which on a step is good; a dotted line. */
  readonly limit?: number | undefined;
  /** What was needed before. */
  readonly resourceBefore?: number | undefined;
  /** @defaultValue `'accuracy (fraction correct)'` */
  readonly metricTitle?: string | undefined;
  /** @defaultValue `'EBOPs'` */
  readonly resourceTitle?: string | undefined;
}

const width = 640;

/**
 * The course of a pruning: metric and resource against the steps, good steps filled, bad ones hollow.
 *
 * @throws FigureError when there is no step, no step has a metric, or a number is not finite, beyond 1e100 or, of a resource, negative.
 *
 * @example
 * ```ts
 * const spec = pruningHistory([{ metric: 0.95, good: true, resource: 800 }, { metric: 0.9, good: false, resource: 500 }]);
 * ```
 */
export function pruningHistory(steps: readonly PruningStep[], options: PruningHistoryOptions = {}): VegaLiteSpec {
  const name = 'pruningHistory';
  requireSome(name, 'steps', steps.length);
  const numbered = steps.map((entry, j) => ({ ...entry, step: entry.step ?? j + 1 }));
  for (const { step, metric, resource } of numbered) {
    requireShowable(name, `step ${step}`, step);
    if (metric !== null) requireShowable(name, `metric of step ${step}`, metric);
    requireShowable(name, `resource of step ${step}`, resource);
    if (resource < 0) reject(name, `resource of step ${step}`, `is ${resource}`, 'give zero or more');
  }
  const { baseline, limit, resourceBefore } = options;
  for (const [field, value] of Object.entries({ baseline, limit, resourceBefore })) {
    if (value !== undefined) requireShowable(name, field, value);
  }
  if (!numbered.some(({ metric }) => metric !== null)) {
    reject(name, 'steps', 'hold no metric', 'pass at least one step with a number');
  }
  const theme = themeOf(name, options);
  const last = numbered.findLast(({ good }) => good);
  const largest = Math.max(resourceBefore ?? 0, ...numbered.map(({ resource }) => resource));
  const steps0 = numbered.map(({ step }) => step);
  const x = {
    field: 'step',
    type: 'quantitative',
    title: 'step',
    scale: { domain: [Math.min(...steps0) - 0.4, Math.max(...steps0) + 0.4], nice: false, zero: false },
    axis: { tickMinStep: 1, format: 'd' },
  };
  const curve = (field: string, values: readonly JsonObject[], title: string, axis: JsonObject, zero: boolean) => {
    const y = { field, type: 'quantitative', title, scale: { zero, padding: 12 }, axis };
    return [
      { data: rows(values), mark: { type: 'line', color: theme.accent, strokeWidth: 1.8 }, encoding: { x, y } },
      {
        data: rows(values),
        mark: { type: 'point', size: 80, opacity: 1, color: theme.accent },
        encoding: {
          x,
          y,
          fill: { condition: { test: 'datum.good', value: theme.accent }, value: theme.background },
        },
      },
    ];
  };
  const line = (field: string, value: number | undefined, dash: readonly number[]): readonly JsonObject[] =>
    value === undefined
      ? []
      : [
          {
            data: rows([{ [field]: tidy(value) }]),
            mark: { type: 'rule', color: theme.text, strokeDash: [...dash], opacity: 0.7 },
            encoding: { y: { field, type: 'quantitative' } },
          },
        ];
  const metrics = numbered.flatMap(({ step, metric, good }) =>
    metric === null ? [] : [{ step, metric: tidy(metric), good }],
  );
  const resources = numbered.map(({ step, resource, good }) => ({ step, resource: tidy(resource), good }));
  const { metricTitle = 'accuracy (fraction correct)', resourceTitle = 'EBOPs' } = options;
  const saved =
    last === undefined || resourceBefore === undefined || resourceBefore <= 0
      ? ''
      : `last good step ${last.step}: ${percent(1 - last.resource / resourceBefore)} of ${resourceTitle} saved, ${metricTitle.replace(/ \(.*/, '')} ${last.metric === null ? 'unknown' : short(last.metric, 4)}`;
  const rules = [
    baseline === undefined ? '' : 'dashed: before',
    limit === undefined ? '' : 'dotted: what a good step has to reach',
    numbered.some(({ good }) => !good) ? 'hollow: bad steps' : '',
  ].filter((part) => part !== '');
  const caption = {
    title: 'Course of the pruning',
    notes: [saved, rules.join(', ')],
    description: `Metric and resource over ${steps.length} steps of a pruning.`,
  };
  return figure(options, caption, {
    vconcat: [
      {
        width,
        height: 200,
        layer: [
          headingLayer(metricTitle),
          ...curve('metric', metrics, '', { format: '~g', title: null }, false),
          ...line('metric', baseline, [6, 4]),
          ...line('metric', limit, [2, 3]),
        ],
      },
      {
        width,
        height: 160,
        layer: [
          headingLayer(resourceTitle),
          ...curve(
            'resource',
            resources,
            '',
            { labelExpr: `format(datum.value, '${axisFormat(largest)}')`, title: null },
            true,
          ),
          ...line('resource', resourceBefore, [6, 4]),
        ],
      },
    ],
    spacing: 34,
  });
}
