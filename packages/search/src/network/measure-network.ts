import { estimate, plan } from '@sp/hls';
import { lower } from '@sp/layers';
import { decode, type FixedGraph, interpret } from '@sp/quant';
import { estimateRtl, planRtl } from '@sp/rtl';
import { countCorrect, type Dataset, quantizationTable, totalWeightBits } from '@sp/train';
import type { Point } from '@sp/train/internal';
import { oneVersusRest, rocOf } from '@sp/viz';
import type * as tf from '@tensorflow/tfjs';
import type { Metrics } from '../study/trial.ts';
import { planOptions } from './firmware-plan.ts';
import type { NetworkSettings } from './network-settings.ts';

/** Scores of a network in fixed point for every image, row-major. */
export function fixedScores(graph: FixedGraph, { images }: Dataset): Float32Array {
  const [name] = graph.outputs;
  const output = graph.nodes.find((node) => node.name === name);
  if (output === undefined) throw new Error(`the graph has no node '${name}'`);
  return Float32Array.from(decode(output, interpret(graph, images).outputs[name]));
}

/** Share of images that a network in fixed point puts in the right class. */
export function fixedAccuracy(graph: FixedGraph, data: Dataset): number {
  const scores = fixedScores(graph, data);
  return countCorrect(scores, scores.length / data.labels.length, data.labels) / data.labels.length;
}

/**
 * What a trained network is worth and costs: of the held-out images, in fixed point as the firmware computes, `valAccuracy`, `valLoss` (softmax cross-entropy), `auc` (mean over the
 * classes, each against the others) and, at a working point, `efficiency`; `ebops`, `n`, `weightBits`; estimates of the firmware plan: `latency` and `interval` in cycles, `latencyNs`,
 * `lut`, `ff`, `dsp`, `bram`; with `rtl` those of pipelined hardware.
 */
export function measureNetwork(
  model: tf.LayersModel,
  point: Point,
  heldOut: Dataset,
  settings: NetworkSettings,
  trained: Metrics,
): { readonly graph: FixedGraph; readonly metrics: Metrics } {
  const graph = lower(model);
  const { hls, rtl } = planOptions(point, settings.fixed ?? {});
  const cost = estimate(plan(graph, hls));
  return { graph, metrics: { ...qualities(), ...trained, ...costs(), ...hardware() } };

  function qualities(): Metrics {
    const scores = fixedScores(graph, heldOut);
    const { labels, classes } = heldOut;
    const width = scores.length / labels.length;
    const names = Array.from({ length: classes }, (_, j) => String(j));
    const curves = oneVersusRest(probabilitiesOf(scores, width), labels, names)
      // A class that nobody or everybody is in has no curve.
      .map((curve) => (new Set(curve.positive as readonly boolean[]).size < 2 ? undefined : rocOf(curve)));
    const known = curves.filter((curve) => curve !== undefined);
    const { workingPoint } = settings;
    return {
      valAccuracy: countCorrect(scores, width, labels) / labels.length,
      valLoss: crossEntropyOf(scores, labels, width),
      auc: known.reduce((sum, { auc }) => sum + auc, 0) / known.length,
      ...(workingPoint !== undefined && {
        efficiency: efficiencyAt(curves[workingPoint.class]?.points ?? [], workingPoint.falsePositiveRate),
      }),
    };
  }

  function costs(): Metrics {
    const { latency, latencyNs, interval, lut, ff, dsp, bram } = cost;
    const weightBits = totalWeightBits(quantizationTable(model));
    return { weightBits, latency, latencyNs, interval, lut, ff, dsp, bram };
  }

  function hardware(): Metrics {
    if (settings.rtl !== true) return {};
    const planned = planRtl(graph, rtl);
    const { total } = estimateRtl(planned);
    const interval = planned.options.interval;
    return {
      rtlLatency: planned.latency,
      rtlInterval: interval,
      rtlLut: Math.round(total.lut + total.srl),
      rtlFf: total.ff,
      rtlDsp: total.dsp,
    };
  }
}

function probabilitiesOf(scores: Float32Array, width: number): Float64Array {
  const probabilities = new Float64Array(scores.length);
  for (let from = 0; from < scores.length; from += width) {
    const row = scores.subarray(from, from + width);
    const most = row.reduce((a, b) => Math.max(a, b));
    const total = row.reduce((all, score) => all + Math.exp(score - most), 0);
    row.forEach((score, j) => {
      probabilities[from + j] = Math.exp(score - most) / total;
    });
  }
  return probabilities;
}

function crossEntropyOf(scores: Float32Array, labels: Int32Array, width: number): number {
  let sum = 0;
  for (let j = 0; j < labels.length; j++) {
    const row = scores.subarray(j * width, (j + 1) * width);
    const most = row.reduce((a, b) => Math.max(a, b));
    const total = row.reduce((all, score) => all + Math.exp(score - most), 0);
    sum += Math.log(total) + most - row[labels[j]];
  }
  return sum / labels.length;
}

/** The share of positives found at a rate of false positives: between the points of the curve on a straight line. */
function efficiencyAt(
  points: readonly { readonly falsePositiveRate: number; readonly truePositiveRate: number }[],
  rate: number,
): number {
  const after = points.findIndex(({ falsePositiveRate }) => falsePositiveRate > rate);
  if (after === -1) return points.length === 0 ? Number.NaN : 1;
  const [a, b] = [points[after - 1], points[after]];
  const share = (rate - a.falsePositiveRate) / (b.falsePositiveRate - a.falsePositiveRate);
  return a.truePositiveRate + share * (b.truePositiveRate - a.truePositiveRate);
}
