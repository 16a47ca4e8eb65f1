import {
  ConfigError,
  type Estimate,
  emit,
  estimate,
  goldenVectors,
  type HlsConfig,
  type HlsPlan,
  listValidParallelFactors,
  listValidReuseFactors,
  plan,
} from '@sp/hls';
import { lower } from '@sp/layers';
import { type FixedGraph, type GraphNode, saveGraph, sizeOf } from '@sp/quant';
import { type Dataset, sliceImages } from '@sp/train';
import type * as tf from '@tensorflow/tfjs';
import type { FirmwareSettings, NodeFactors } from '../project/firmware-settings.ts';

/** Images with golden outputs in the testbench. */
const testbenchImages = 20;

/** Factors that a node may have. */
export interface LegalFactors {
  readonly node: string;
  readonly op: string;
  readonly reuseFactor: readonly number[];
  readonly pixelParallelFactor: readonly number[];
}

/** A plan, what it costs, and what else could be chosen; plain data. */
export interface PlannedFirmware {
  readonly estimate: Estimate;
  readonly legal: readonly LegalFactors[];
  /** Factors that were asked for and do not go with the rest, in sentences; they are left out. */
  readonly notes: readonly string[];
}

/** The fixed graph of a model; its inputs are quantised by its first layer. */
export function graphOf(model: tf.LayersModel, name = 'network'): FixedGraph {
  return lower(model, { name });
}

/** Plans the firmware; factors that the graph no longer allows are left out and told. */
export function plannedFirmware(
  graph: FixedGraph,
  settings: FirmwareSettings,
): PlannedFirmware & { readonly plan: HlsPlan } {
  const notes: string[] = [];
  const legal = legalFactors(graph, settings);
  const decided = planOr(
    graph,
    hlsConfig(settings, legal, notes),
    () => hlsConfig({ ...settings, factors: {} }, legal, []),
    notes,
  );
  return { plan: decided, estimate: estimate(decided), legal, notes };
}

function planOr(graph: FixedGraph, config: HlsConfig, plain: () => HlsConfig, notes: string[]): HlsPlan {
  try {
    return plan(graph, config);
  } catch (error) {
    if (!(error instanceof ConfigError) || config.layerName === undefined) throw error;
    notes.push(`${error.message}. The factors by layer are left out.`);
    return plan(graph, plain());
  }
}

/** The settings as `plan` takes them. */
export function hlsConfig(
  { ioType, strategy, clockPeriod, part, factors }: FirmwareSettings,
  legal: readonly LegalFactors[],
  notes: string[],
): HlsConfig {
  const named = legal.flatMap(({ node, ...allowed }) => {
    const wanted = factors[node] ?? {};
    const kept = Object.entries(wanted).filter(([name, factor]) => {
      const isLegal = allowed[name as keyof NodeFactors]?.includes(factor);
      if (!isLegal) notes.push(`${node}: ${name} ${factor} does not fit any more and is left out.`);
      return isLegal;
    });
    return kept.length === 0 ? [] : [[node, Object.fromEntries(kept)] as const];
  });
  return {
    model: { ioType, clockPeriod, part, ...(strategy === 'auto' ? {} : { strategy }) },
    ...(named.length === 0 ? {} : { layerName: Object.fromEntries(named) }),
  };
}

/** Which factors each node may have. */
function legalFactors({ nodes }: FixedGraph, { strategy }: FirmwareSettings): readonly LegalFactors[] {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  return nodes.flatMap((node) => {
    const reuse = reuseFactorsOf(node, byName, strategy);
    const slots = 'slots' in node && typeof node.slots === 'number' ? node.slots : 0;
    const isSparse = node.op === 'sparseConv2d' || node.op === 'sparsePool2d';
    const pixels = isSparse ? listValidParallelFactors(slots) : [];
    if (reuse.length === 0 && pixels.length === 0) return [];
    return [{ node: node.name, op: node.op, reuseFactor: reuse, pixelParallelFactor: pixels }];
  });
}

function reuseFactorsOf(
  node: GraphNode,
  byName: ReadonlyMap<string, GraphNode>,
  strategy: FirmwareSettings['strategy'],
): readonly number[] {
  // Shared additions have no multipliers to reuse.
  if (node.op !== 'dense' || strategy === 'distributed_arithmetic') return [];
  const input = byName.get(node.inputs[0]);
  return input === undefined ? [] : listValidReuseFactors(sizeOf(input.shape), sizeOf(node.shape));
}

/** The HLS project as texts by path. */
export function firmwareFiles(graph: FixedGraph, decided: HlsPlan, test: Dataset): ReadonlyMap<string, string> {
  const examples = sliceImages(test, 0, Math.min(testbenchImages, test.labels.length));
  return emit(decided, { golden: goldenVectors(graph, examples.images) });
}

/** `graph.json` and `graph.bin`. */
export function graphFiles(graph: FixedGraph): ReadonlyMap<string, Uint8Array> {
  const { json, weights } = saveGraph(graph);
  return new Map([
    ['graph.json', new TextEncoder().encode(json)],
    ['graph.bin', weights],
  ]);
}
