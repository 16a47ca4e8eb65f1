import { reject, requireShowable, requireSome, smallestShown } from '../spec/checks.ts';
import { type FigureOptions, figure, headingLayer, rows, themeOf } from '../spec/figure.ts';
import type { JsonObject, VegaLiteSpec } from '../spec/json.ts';
import { axisFormat } from '../spec/numbers.ts';
import { logTicks } from '../spec/ticks.ts';

/** Estimated cost of one of many plans of a firmware. */
export interface ExploredPlanCost {
  readonly name: string;
  /** Cycles from input to output. */
  readonly latency: number;
  readonly lut: number;
  readonly ff: number;
  readonly dsp: number;
  /** Block RAMs of 18 kbit. */
  readonly bram: number;
  /** Whether another plan is at least as good in everything and better in something. */
  readonly dominated: boolean;
}

/** Options of `exploredPlans`. */
export interface ExploredPlansOptions extends FigureOptions {
  /** Names of plans to write beside their marks, for example the default and the picked one. */
  readonly named?: readonly string[] | undefined;
}

const resources = [
  ['lut', 'LUT (count)'],
  ['ff', 'FF (count)'],
  ['dsp', 'DSP (count)'],
  ['bram', 'BRAM (18 kbit blocks)'],
] as const;

/**
 * Latency against each kind of resource of many plans: those that another beats are hollow and grey. Resources that no plan takes are left out.
 *
 * @throws FigureError when there is no plan, names repeat, a name of `named` is none of a plan, or a number is negative or beyond 1e100.
 */
export function exploredPlans(plans: readonly ExploredPlanCost[], options: ExploredPlansOptions = {}): VegaLiteSpec {
  requireSome('exploredPlans', 'plans', plans.length);
  const theme = themeOf('exploredPlans', options);
  const names = plans.map(({ name }) => name);
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) reject('exploredPlans', `name '${repeated}'`, 'occurs twice', 'give each plan its own');
  const { named = [] } = options;
  const unknown = named.find((name) => !names.includes(name));
  if (unknown !== undefined) reject('exploredPlans', `named '${unknown}'`, 'is no plan', 'give names of plans');
  for (const plan of plans) {
    for (const key of ['latency', ...resources.map(([field]) => field)] as const) {
      requireShowable('exploredPlans', `${key} of plan '${plan.name}'`, plan[key]);
      if (plan[key] < 0) {
        reject('exploredPlans', `${key} of plan '${plan.name}'`, `is ${plan[key]}`, 'give zero or more');
      }
    }
  }
  const latencies = plans.map(({ latency }) => latency);
  const [fastest, slowest] = [Math.min(...latencies), Math.max(...latencies)];
  const log = fastest >= smallestShown && slowest > 8 * fastest;
  const x = {
    field: 'latency',
    type: 'quantitative',
    title: log ? 'latency (cycles, log scale)' : 'latency (cycles)',
    scale: log
      ? { type: 'log', domain: [fastest / 1.3, slowest * 1.3], nice: false }
      : { domain: [0, Math.max(1, slowest * 1.08)], nice: false },
    axis: {
      ...(log ? { values: logTicks(fastest / 1.3, slowest * 1.3) } : { tickCount: 5, tickMinStep: 1 }),
      labelExpr: `format(datum.value, '${axisFormat(slowest, log ? fastest : 0)}')`,
    },
  };
  const present = resources.filter(([field]) => field === 'lut' || plans.some((plan) => plan[field] > 0));
  const concat = present.map(([field, title]): JsonObject => {
    const values = plans.map(({ name, latency, dominated, [field]: amount }) => ({ name, latency, dominated, amount }));
    const most = Math.max(...values.map(({ amount }) => amount));
    const y = {
      field: 'amount',
      type: 'quantitative',
      title: null,
      scale: { domain: [0, Math.max(1, most * 1.12)], nice: false },
      axis: { tickCount: 5, tickMinStep: 1, labelExpr: `format(datum.value, '${axisFormat(most)}')`, minExtent: 44 },
    };
    const point = { type: 'point', size: 90, opacity: 1, strokeWidth: 1.6 };
    const layers = [
      {
        data: rows(values.filter(({ dominated }) => dominated)),
        mark: { ...point, filled: false, color: theme.muted },
        encoding: { x, y },
      },
      {
        data: rows(values.filter(({ dominated }) => !dominated)),
        mark: { ...point, filled: true, color: theme.accent },
        encoding: { x, y },
      },
      {
        data: rows(values.filter(({ name }) => named.includes(name))),
        mark: { type: 'text', align: 'left', baseline: 'bottom', dx: 7, dy: -5 },
        encoding: { x, y, text: { field: 'name', type: 'nominal' } },
      },
    ];
    return {
      width: present.length === 1 ? 620 : 330,
      height: present.length === 1 ? 340 : 200,
      // A layer without data would have no extent.
      layer: [headingLayer(title), ...layers.filter(({ data }) => data.values.length > 0)],
    };
  });
  const beaten = plans.filter(({ dominated }) => dominated).length;
  const caption = {
    title: 'Plans of the firmware',
    notes: [beaten === 0 ? '' : `hollow: ${beaten} of ${plans.length} than which another plan is nowhere worse`],
    description: `Latency and resources of ${plans.length} firmware plans, ${beaten} of them dominated.`,
  };
  return figure(options, caption, { columns: Math.min(2, present.length), spacing: { row: 24, column: 28 }, concat });
}
