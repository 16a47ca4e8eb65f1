import {
  ConfigError,
  type Estimate,
  emit,
  estimate,
  goldenVectors,
  type HlsConfig,
  type HlsPlan,
  plan,
} from '@sp/hls';
import { lower } from '@sp/layers';
import { type FixedGraph, saveGraph } from '@sp/quant';
import { type Dataset, sliceImages } from '@sp/train';
import type * as tf from '@tensorflow/tfjs';
import type { FirmwareSettings } from '../project/firmware-settings.ts';
import { type LegalFactors, legalFactors } from './legal-factors.ts';

/** Images with golden outputs in the testbench. */
const testbenchImages = 20;

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
  const named = legal.flatMap(({ node, choices }) => {
    const kept = Object.entries(factors[node] ?? {}).filter(([name, value]) => {
      const isLegal = choices.some((choice) => choice.name === name && choice.values.includes(value));
      if (!isLegal) notes.push(`${node}: ${name} ${value} does not fit any more and is left out.`);
      return isLegal;
    });
    return kept.length === 0 ? [] : [[node, Object.fromEntries(kept)] as const];
  });
  return {
    model: { ioType, clockPeriod, part, ...(strategy === 'auto' ? {} : { strategy }) },
    ...(named.length === 0 ? {} : { layerName: Object.fromEntries(named) }),
  };
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
