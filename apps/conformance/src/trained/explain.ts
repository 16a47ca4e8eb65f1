import { lower } from '@sp/layers';
import { decode, type FixedGraph, type Format, formatRange, interpret } from '@sp/quant';
import { powerOfTwo } from '@sp/quant/internal';
import { type BuiltNetwork, buildNetwork } from './build-network.ts';

import { denseImages, maxDifference, predictRows } from './images.ts';
import { exactInputFormat } from './input-type.ts';
import { limits } from './limits.ts';
import type { TrainedFile, TrainedNetwork } from './trained-file.ts';

/** Relative changes of the size of float32 rounding errors, which must not matter but at a rounding boundary. */
const nudges = [22, 21, 20].flatMap((bits) => [1 - powerOfTwo(-bits), 1 + powerOfTwo(-bits)]);

/**
 * Why the outputs for one image differ from the published ones.
 *
 * The usual cause: an activation lies on the boundary of two codes, so that the order of a float32 sum decides its rounding, and a
 * whole step is passed on. The nearest boundary is found in exact arithmetic; the cause is confirmed when changing the
 * image by less than float32 resolves in a sum brings the published outputs.
 */
export function explain(file: TrainedFile, network: TrainedNetwork, built: BuiltNetwork, image: number): string {
  const pixels = denseImages(file, [image]);
  const nearest = nearestBoundary(exactGraph(file, network), pixels, network.activationFormat);
  const place =
    nearest == null
      ? 'no activation is rounded'
      : `an activation of ${nearest.layer} (${nearest.value}) lies ${nearest.steps.toExponential(1)} steps from the boundary of two codes`;
  const nudge = nudges.find((factor) => {
    const [row] = predictRows(
      built.model,
      pixels.map((value) => value * factor),
      file.shape,
    );
    return maxDifference(row, network.predictions[image]) <= limits.output;
  });
  return nudge == null
    ? `not explained; ${place}`
    : `rounding of a float32 sum: ${place}; the image scaled by 1 ${nudge < 1 ? '-' : '+'} ${Math.abs(nudge - 1).toExponential(1)} gives the published outputs`;
}

/** The network with inputs and averages fine enough to stand for exact arithmetic. */
function exactGraph(file: TrainedFile, network: TrainedNetwork): FixedGraph {
  const built = buildNetwork(file, network, { averageGuardBits: 16 });
  const graph = lower(built.logits, { inputType: exactInputFormat(file) });
  built.dispose();
  return graph;
}

/** The relu output nearest to where rounding changes from one code to the next, distance in steps of its format. */
function nearestBoundary(
  graph: FixedGraph,
  pixels: Float32Array,
  format: Format,
): { readonly layer: string; readonly value: number; readonly steps: number } | null {
  const { values } = interpret(graph, pixels, { taps: 'all' });
  const { max } = formatRange(format);
  let nearest: { layer: string; value: number; steps: number } | null = null;
  for (const node of graph.nodes) {
    const value = values.get(node.name);
    if (node.op !== 'relu' || value == null) continue;
    for (const real of decode(node, value)) {
      if (real <= 0 || real > max) continue;
      const scaled = real * powerOfTwo(format.f);
      const steps = Math.abs(scaled - Math.floor(scaled) - 0.5);
      if (nearest == null || steps < nearest.steps) nearest = { layer: node.layer ?? node.name, value: real, steps };
    }
  }
  return nearest;
}
