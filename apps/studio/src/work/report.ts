import { decode, type FixedGraph, interpret } from '@sp/quant';
import { type Dataset, type GraphAgreement, sliceImages } from '@sp/train';
import { type ProfileEntry, type ReportRun, report, summarizeValues } from '@sp/viz';
import type { Run } from '../project/run.ts';
import type { PlannedFirmware } from './firmware.ts';
import type { Findings, outputsOf } from './look.ts';

/** What a report tells. */
export interface ReportInput {
  readonly run: Run;
  readonly graph: FixedGraph;
  readonly found: Findings;
  readonly planned: PlannedFirmware;
  /** Null: not compared yet. */
  readonly agreement: GraphAgreement | null;
  readonly outputs: ReturnType<typeof outputsOf>;
  readonly test: Dataset;
}

/** Test images whose values are profiled. */
const profiledImages = 50;

/** The whole run as one HTML page that needs no other file. */
export function htmlReport({ run, graph, found, planned, agreement, outputs, test }: ReportInput): Promise<string> {
  const { estimate } = planned;
  const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
  const grouped = (value: number): string => Math.round(value).toLocaleString('en-US');
  const page: ReportRun = {
    name: 'A sparse quantised network and its firmware',
    description: `${run.name}; ${run.history.length} epochs, seed ${run.training.seed}.`,
    facts: [
      { label: 'test accuracy, model', value: percent(found.accuracy) },
      ...(agreement === null ? [] : [{ label: 'test accuracy, fixed point', value: percent(agreement.fixedAccuracy) }]),
      ...(agreement === null
        ? []
        : [
            {
              label: 'mismatching values',
              value: agreement.mismatches,
              tone: agreement.mismatches === 0 ? ('good' as const) : ('bad' as const),
            },
          ]),
      { label: 'n (pixel budget)', value: found.n },
      { label: 'threshold', value: found.threshold.toFixed(4) },
      { label: 'EBOPs', value: grouped(found.ebops) },
      { label: 'estimated latency', value: `${estimate.latency} cycles = ${grouped(estimate.latencyNs)} ns` },
      { label: 'estimated LUTs', value: grouped(estimate.lut) },
    ],
    activePixels: { rows: found.activePixels, n: found.n, threshold: found.threshold },
    examples: found.examples,
    history: run.history,
    answers: found.answers,
    roc: found.roc,
    graph: graph.nodes,
    layerOutputs: outputs,
    tensors: found.tensors,
    ebops: found.ebopsByLayer,
    profile: profileEntries(graph, sliceImages(test, 0, Math.min(profiledImages, test.labels.length)).images),
    verification: agreement?.layers.map(({ layer, values, mismatches }) => ({
      name: layer,
      compared: values,
      mismatches: { 'model ≠ interpreter': mismatches },
    })),
    plan: {
      title: 'Estimated cost',
      note: estimate.note,
      columns: ['node', 'op', 'latency / cycles', 'interval / cycles', 'LUT', 'DSP'],
      rows: estimate.nodes.map(({ node, op, latency, interval, lut, dsp }) => [
        node,
        op,
        latency,
        interval,
        Math.round(lut),
        Math.round(dsp),
      ]),
    },
  };
  return report(page, { onWarning: () => {} });
}

/** Values of the nodes that compute something, against their formats. */
function profileEntries(graph: FixedGraph, images: Float32Array): readonly ProfileEntry[] {
  const { values, overflow } = interpret(graph, images, { taps: 'all', countOverflow: true });
  return graph.nodes.flatMap((node) => {
    const value = values.get(node.name);
    if (value === undefined || node.op === 'relu' || node.op === 'sparseFlatten') return [];
    const { k, i, f } = node.format;
    const format = { k: Math.max(...k), i: Math.max(...i), f: Math.max(...f) };
    return [
      { name: node.name, values: summarizeValues(decode(node, value)), format, overflow: overflow.get(node.name) },
    ];
  });
}
