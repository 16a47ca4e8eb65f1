import { ConfigError, estimate, type HlsConfig, type HlsPlan, plan } from '@sp/hls';
import { decode, type FixedGraph, interpret } from '@sp/quant';
import { type PartResources, type PlanCost, type ProfileEntry, summarizeValues } from '@sp/viz';

/**
 * Values of every node that computes something on a few images, against the widest format among its elements.
 *
 * @param images row-major, whole images
 */
export function profileEntries(graph: FixedGraph, images: Float32Array): readonly ProfileEntry[] {
  const { values, overflow } = interpret(graph, images, { taps: 'all', countOverflow: true });
  return graph.nodes.flatMap((node) => {
    const value = values.get(node.name);
    if (value === undefined || node.op === 'relu' || node.op === 'sparseFlatten') return [];
    const { k, i, f } = node.format;
    return {
      name: node.name,
      values: summarizeValues(decode(node, value)),
      format: { k: Math.max(...k), i: Math.max(...i), f: Math.max(...f) },
      overflow: overflow.get(node.name),
    };
  });
}

/** The plan of the firmware beside other ways to build the same network; those that do not fit it are left out. */
export function planCosts(graph: FixedGraph, chosen: HlsPlan): readonly PlanCost[] {
  const slots = graph.nodes.flatMap((node) => (node.op === 'reduce' ? [node.slots] : []))[0] ?? 1;
  const dense = graph.nodes.flatMap((node) => (node.op === 'dense' ? [node.name] : []));
  const others: Readonly<Record<string, HlsConfig>> = {
    'prefix reduction': { layerType: { reduce: { variant: 'prefix' } } },
    'stream reduction': { layerType: { reduce: { variant: 'stream' } } },
    'half the slots at once': { model: { pixelParallelFactor: slots / 2 } },
    'reuse factor 4': { layerName: Object.fromEntries(dense.map((name) => [name, { reuseFactor: 4 }])) },
  };
  return [
    cost('this firmware', chosen),
    ...Object.entries(others).flatMap(([name, config]) => {
      try {
        return [cost(name, plan(graph, config))];
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        return [];
      }
    }),
  ];
}

function cost(name: string, design: HlsPlan): PlanCost {
  const { latency, interval, lut, ff, dsp, ranges } = estimate(design);
  return {
    name,
    latency: { value: latency, ...ranges.latency },
    interval,
    lut: { value: lut, ...ranges.lut },
    ff: { value: ff, ...ranges.ff },
    dsp: { value: dsp, ...ranges.dsp },
  };
}

/** What the part of a plan has, as far as it is known. */
export function partOf(design: HlsPlan): PartResources | undefined {
  const { percent, ...used } = estimate(design);
  if (percent === undefined) return undefined;
  const all = (kind: 'lut' | 'ff' | 'dsp'): number | undefined =>
    percent[kind] > 0 ? Math.round((100 * used[kind]) / percent[kind]) : undefined;
  return { name: design.settings.part, lut: all('lut'), ff: all('ff'), dsp: all('dsp') };
}
