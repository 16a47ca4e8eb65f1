import type { FixedGraph } from '@sp/quant';
import type { HlsConfig, IoType, LayerOptions, ModelOptions, NamedLayerOptions } from '../config/config.ts';
import { resolveOptions } from '../config/resolve.ts';
import { ConfigError } from '../errors.ts';
import { areaOf, type NodeCost } from '../estimate/cost.ts';
import { type Estimate, estimate } from '../estimate/estimate.ts';
import { nodeCost } from '../estimate/node-cost.ts';
import type { NodeContext } from '../kernels/kernel.ts';
import { kernelOf } from '../kernels/registry.ts';
import { planContexts } from '../plan/contexts.ts';
import type { HlsPlan } from '../plan/hls-plan.ts';
import { plan } from '../plan/plan.ts';
import { layerChoices } from './layer-choices.ts';

/** A plan that was looked at. */
export interface ExploredPlan {
  /** What it is, in words. */
  readonly name: string;
  /** Makes `plan` build it again. */
  readonly config: HlsConfig;
  readonly plan: HlsPlan;
  readonly estimate: Estimate;
  /** Name of a plan that is at least as good in everything and better in something, if there is one. */
  readonly dominatedBy: string | undefined;
}

/** What is compared, less being better. */
const AIMS = ['latency', 'interval', 'lut', 'ff', 'dsp', 'bram', 'uram'] as const;

/** Limits on a plan: cycles, and what the device is to be left with. */
export type PlanLimits = Partial<Record<(typeof AIMS)[number], number>>;

/** Most intervals for which plans are made, per I/O type. */
const INTERVALS = 12;

/**
 * Plans of a graph worth looking at, from the fastest to the smallest: the default, and for each interval that some layer could have, and each I/O type, the smallest and the
 * fastest way to build every layer within it (strategies, factors, variants). Costs are those of `estimate`.
 *
 * @param config what is fixed for all of them: the options of the model (clock, part, backend, …; with `ioType` only that one) and `precision`s
 * @returns by latency; the default plan is called `default`
 * @throws ConfigError, FirmwareError or GraphError as `plan` does
 * @example for (const { name, estimate: { latency, lut }, dominatedBy } of explore(graph)) console.log(name, latency, lut, dominatedBy ?? '');
 */
export function explore(graph: FixedGraph, config: HlsConfig = {}): ExploredPlan[] {
  const types: readonly IoType[] = config.model?.ioType ? [config.model.ioType] : ['io_parallel', 'io_stream'];
  const found = new Map<string, Omit<ExploredPlan, 'dominatedBy'>>();
  const add = (name: string, asked: HlsConfig): void => {
    let planned: HlsPlan;
    try {
      planned = plan(graph, asked);
    } catch (error) {
      if (error instanceof ConfigError && name !== 'default') return;
      throw error;
    }
    const key = JSON.stringify([planned.settings, planned.nodes.map(({ decisions }) => decisions)]);
    if (!found.has(key)) found.set(key, { name, config: asked, plan: planned, estimate: estimate(planned) });
  };
  add('default', config);
  for (const ioType of types) {
    const model: ModelOptions = { ...config.model, ioType };
    const choices = choicesOf(graph, { ...config, model });
    const intervals = new Set(choices.flatMap(({ ways }) => ways.map(({ cost }) => cost.interval)));
    for (const interval of thinned([...intervals].sort((a, b) => a - b))) {
      for (const [how, better] of Object.entries(BETTER)) {
        const chosen = choices.map(({ node, ways }) => [node, bestWay(ways, interval, better)] as const);
        const layerName: Record<string, NamedLayerOptions> = { ...config.layerName };
        for (const [node, options] of chosen) layerName[node] = { ...layerName[node], ...options };
        add(`${how}, interval ${interval}, ${ioType}`, { ...config, model, layerName });
      }
    }
  }
  const plans = [...found.values()];
  return plans
    .map((one) => ({ ...one, dominatedBy: plans.find((other) => dominates(other.estimate, one.estimate))?.name }))
    .sort((a, b) => a.estimate.latency - b.estimate.latency || areaOf(a.estimate) - areaOf(b.estimate));
}

/**
 * The smallest of the plans within limits (LUTs and DSPs on one scale).
 *
 * @throws ConfigError naming the plan that comes nearest when none is within all limits
 */
export function pickPlan(plans: readonly ExploredPlan[], limits: PlanLimits): ExploredPlan {
  const excess = ({ estimate: cost }: ExploredPlan) =>
    Math.max(...AIMS.map((aim) => cost[aim] / (limits[aim] ?? Number.POSITIVE_INFINITY)), 0);
  const within = plans.filter((one) => excess(one) <= 1);
  const smallest = (many: readonly ExploredPlan[], size: (one: ExploredPlan) => number) =>
    many.reduce((best, one) => (size(one) < size(best) ? one : best));
  if (within.length > 0) return smallest(within, ({ estimate: cost }) => areaOf(cost));
  const { name, estimate: cost } = smallest(plans, excess);
  const asked = AIMS.filter((aim) => limits[aim] !== undefined);
  throw new ConfigError(
    `no plan has ${asked.map((aim) => `${aim} <= ${limits[aim]}`).join(', ')}; the nearest is "${name}" with ${asked.map((aim) => `${aim} ${cost[aim]}`).join(', ')}: relax a limit, or train a smaller network`,
  );
}

interface Way {
  readonly options: LayerOptions;
  readonly cost: NodeCost;
}

type Better = (a: NodeCost, b: NodeCost) => number;

const BETTER: Readonly<Record<string, Better>> = {
  small: (a, b) => areaOf(a) - areaOf(b) || a.latency - b.latency,
  fast: (a, b) => a.latency - b.latency || areaOf(a) - areaOf(b),
};

/** All ways to build each node that has options, with their costs. */
function choicesOf(graph: FixedGraph, config: HlsConfig): { node: string; ways: readonly Way[] }[] {
  const contexts = planContexts(plan(graph, config));
  return contexts.flatMap((context) => {
    const { name } = context.node;
    const ways = layerChoices(context).flatMap((options) => wayOf(context, config, options) ?? []);
    return ways.length === 0 ? [] : [{ node: name, ways }];
  });
}

function wayOf(context: NodeContext, config: HlsConfig, options: LayerOptions): Way | undefined {
  const { node } = context;
  const layerName = { ...config.layerName, [node.name]: { ...config.layerName?.[node.name], ...options } };
  try {
    const decisions = kernelOf(node).decide(context, resolveOptions({ ...config, layerName }, node));
    return { options, cost: nodeCost(context, decisions) };
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

/** The best way within an interval, or the one with the shortest interval. */
function bestWay(ways: readonly Way[], interval: number, better: Better): LayerOptions {
  const shortest = Math.min(...ways.map(({ cost }) => cost.interval));
  const within = ways.filter(({ cost }) => cost.interval <= Math.max(interval, shortest));
  return within.reduce((best, way) => (better(way.cost, best.cost) < 0 ? way : best)).options;
}

function dominates(a: Estimate, b: Estimate): boolean {
  return AIMS.every((aim) => a[aim] <= b[aim]) && AIMS.some((aim) => a[aim] < b[aim]);
}

function thinned(values: readonly number[]): number[] {
  if (values.length <= INTERVALS) return [...values];
  const step = (values.length - 1) / (INTERVALS - 1);
  return Array.from({ length: INTERVALS }, (_, j) => values[Math.round(j * step)]);
}
