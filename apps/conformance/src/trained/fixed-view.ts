import { lower } from '@sp/layers';
import { decode, type FixedGraph, interpret, printType } from '@sp/quant';
import { buildNetwork } from './build-network.ts';
import { denseImages, rowsOf } from './images.ts';
import { inputFormat, inputWidths } from './input-type.ts';
import { limits } from './limits.ts';
import type { TrainedFile, TrainedNetwork } from './trained-file.ts';

/** Averages over pools of 3, 7, … are kept this many bits finer than activations: they have no finite binary fraction. */
const averageGuardBits = 8;

/** The network as fixed-point firmware, against the published decisions. */
export interface FixedView {
  /** Input type of the firmware: the narrowest from which on all finer ones decide well enough; else the finest. */
  readonly inputType: string;
  /** Images decided as published, with that input. */
  readonly agreed: number;
  /** Images decided otherwise. */
  readonly others: readonly number[];
  /** Images decided as published, by input type, widest last. The first has the width of the published input, 8 bits. */
  readonly byInput: readonly { readonly inputType: string; readonly agreed: number }[];
  /** The firmware's network. */
  readonly graph: FixedGraph;
}

/** Lowers the network for inputs of the published width and finer, and runs all of them in the interpreter. */
export function fixedView(file: TrainedFile, network: TrainedNetwork): FixedView {
  const built = buildNetwork(file, network, { averageGuardBits });
  const images = denseImages(file);
  const candidates = inputWidths.map((width) => {
    const format = inputFormat(file, width);
    const graph = lower(built.logits, { name: identifier(network.name), inputType: format });
    const others = otherDecisions(file, network, interpretRows(graph, images, file.images.length));
    return { inputType: printType(format), agreed: file.images.length - others.length, others, graph };
  });
  built.dispose();
  const limit = limits.otherDecisions(network.bits);
  const lastPoor = candidates.findLastIndex(({ others }) => others.length / file.images.length > limit);
  const { inputType, agreed, others, graph } = candidates[Math.min(lastPoor + 1, candidates.length - 1)];
  const byInput = candidates.map((candidate) => ({ inputType: candidate.inputType, agreed: candidate.agreed }));
  return { inputType, agreed, others, byInput, graph };
}

function interpretRows(graph: FixedGraph, images: Float32Array, batch: number): readonly (readonly number[])[] {
  const { outputs } = interpret(graph, images);
  const [name] = Object.keys(outputs);
  const node = graph.nodes.find((candidate) => candidate.name === name) as (typeof graph.nodes)[number];
  return rowsOf(decode(node, outputs[name]), batch);
}

/**
 * Images where the network decides otherwise than published. Sigmoid outputs decide each for itself whether they exceed
 * ½, that is, whether the value before exceeds 0; otherwise the largest output decides.
 */
function otherDecisions(
  { layers }: TrainedFile,
  { predictions }: TrainedNetwork,
  logits: readonly (readonly number[])[],
): readonly number[] {
  const last = layers.at(-1);
  const isSigmoid = last?.kind === 'dense' && last.activation === 'sigmoid';
  const agrees = (row: readonly number[], published: readonly number[]): boolean =>
    isSigmoid
      ? row.every((logit, unit) => logit > 0 === published[unit] > 0.5)
      : published[row.indexOf(Math.max(...row))] === Math.max(...published);
  return logits.flatMap((row, image) => (agrees(row, predictions[image]) ? [] : [image]));
}

/** A name that may stand in C++ sources. */
function identifier(name: string): string {
  return `net_${name.replaceAll(/\W/g, '_')}`;
}
