import { ConfigError, type Estimate, emit, estimate, goldenVectors, type HlsConfig, type HlsPlan, plan } from '@sp/hls';
import { lower } from '@sp/layers';
import { type FixedGraph, saveGraph } from '@sp/quant';
import { type Dataset, sliceImages } from '@sp/train';
import type * as tf from '@tensorflow/tfjs';
import type { FirmwareSettings, NodeFactors } from '../project/firmware-settings.ts';
import { type LegalFactors, legalFactors } from './legal-factors.ts';

/** Images with golden outputs in the testbench. */
const testbenchImages = 20;

/** A plan, what it costs, and what else could be chosen; plain data. */
export interface PlannedFirmware {
  readonly estimate: Estimate;
  readonly legal: readonly LegalFactors[];
  /** What `plan` was given. */
  readonly config: HlsConfig;
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
  const wanted = hlsConfig(settings, legal, notes);
  try {
    const decided = plan(graph, wanted);
    return { plan: decided, config: wanted, estimate: estimate(decided), legal, notes };
  } catch (error) {
    if (!(error instanceof ConfigError) || Object.keys(settings.factors).length === 0) throw error;
    const plain = { ...settings, factors: {} };
    const config = hlsConfig(plain, legalFactors(graph, plain), []);
    const decided = plan(graph, config);
    notes.push(`${error.message}. The factors by layer are left out.`);
    return { plan: decided, config, estimate: estimate(decided), legal, notes };
  }
}

/** The settings as `plan` takes them. */
export function hlsConfig(
  { ioType, strategy, clockPeriod, part, factors }: FirmwareSettings,
  legal: readonly LegalFactors[],
  notes: string[],
): HlsConfig {
  const named: Record<string, NodeFactors> = {};
  for (const { node, choices } of legal) {
    for (const { name, least } of choices) if (least !== undefined) named[node] = { ...named[node], [name]: least };
  }
  for (const [node, wanted] of Object.entries(factors)) {
    const choices = legal.find((entry) => entry.node === node)?.choices ?? [];
    for (const [name, value] of Object.entries(wanted)) {
      const isLegal = choices.some((choice) => choice.name === name && choice.values.includes(value));
      if (isLegal) named[node] = { ...named[node], [name]: value };
      else notes.push(`${node}: ${name} ${value} does not fit any more and is left out.`);
    }
  }
  return {
    model: { ioType, clockPeriod, part, ...(strategy === 'auto' ? {} : { strategy }) },
    ...(Object.keys(named).length === 0 ? {} : { layerName: named }),
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
