import { collectInputReduces, type LayerOutput, layerOutputs, totalEbops } from '@sp/layers';
import {
  type ActivePixels,
  activePixelsVsThreshold,
  countCorrect,
  type DataSplit,
  type EbopsRow,
  ebopsTable,
  predictAll,
  type QuantizationRow,
  quantizationTable,
  type ReducedExample,
  reducedExamples,
  setSparseEbopsFactor,
  sliceImages,
  totalWeightBits,
} from '@sp/train';
import { oneVersusRest, type RocInput } from '@sp/viz';
import * as tf from '@tensorflow/tfjs';

/** What there is to say about a trained network, as plain data. */
export interface Findings {
  readonly n: number;
  readonly threshold: number;
  readonly ebops: number;
  readonly ebopsByLayer: readonly EbopsRow[];
  /** Bits of all weights and biases together. */
  readonly weightBits: number;
  readonly bits: readonly QuantizationRow[];
  /** Test accuracy of tfjs inference. */
  readonly accuracy: number;
  readonly testImages: number;
  /** Classes of the test images, true and as tfjs inference says. */
  readonly answers: { readonly actual: readonly number[]; readonly predicted: readonly number[] };
  /** Scores and truths of each class against the others, as tfjs inference gives them; classes that all test images or none of them have are left out. */
  readonly roc: readonly RocInput[];
  /** Active pixels per training image against the threshold. */
  readonly activePixels: readonly ActivePixels[];
  /** The first test image of each class, reduced. */
  readonly examples: readonly ReducedExample[];
  /** The first test image in every layer. */
  readonly layerOutputs: ReadonlyMap<string, LayerOutput>;
}

/** Looks at a trained network from all sides. */
export function findings(model: tf.LayersModel, { train, test }: DataSplit): Findings {
  setSparseEbopsFactor(model);
  const [{ nMaxPixels: n, threshold }] = collectInputReduces(model);
  const bits = quantizationTable(model).filter(({ layer }) => layer !== 'pixels');
  const logits = predictAll(model, test);
  const width = logits.length / test.labels.length;
  const first = tf.tensor(sliceImages(test, 0, 1).images, [1, ...test.shape], 'float32');
  const outputs = layerOutputs(model, first);
  first.dispose();
  return {
    n,
    threshold,
    ebops: totalEbops(model),
    ebopsByLayer: ebopsTable(model),
    weightBits: totalWeightBits(bits),
    bits,
    accuracy: countCorrect(logits, width, test.labels) / test.labels.length,
    testImages: test.labels.length,
    answers: {
      actual: [...test.labels],
      predicted: Array.from(test.labels, (_, j) => largest(logits.subarray(j * width, (j + 1) * width))),
    },
    roc: oneVersusRest(
      softmaxRows(logits, width),
      [...test.labels],
      Array.from({ length: width }, (_, index) => `${index}`),
    ).filter(({ positive }) => Array.from(positive).some(Boolean) && !Array.from(positive).every(Boolean)),
    activePixels: activePixelsVsThreshold(train),
    examples: reducedExamples(test, { n, threshold }),
    layerOutputs: new Map([...outputs].filter(([layer]) => shownLayers.includes(layer))),
  };
}

const shownLayers: readonly string[] = ['reduce', 'conv1', 'pool1', 'conv2', 'pool2', 'dense1', 'dense2'];

/** Probabilities from logits `[samples, width]`. */
function softmaxRows(logits: Float32Array, width: number): Float64Array {
  const probabilities = new Float64Array(logits.length);
  for (let start = 0; start < logits.length; start += width) {
    const row = logits.subarray(start, start + width);
    const most = row.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    const sum = row.reduce((total, logit) => total + Math.exp(logit - most), 0);
    for (const [column, logit] of row.entries()) probabilities[start + column] = Math.exp(logit - most) / sum;
  }
  return probabilities;
}

function largest(row: Float32Array): number {
  return row.indexOf(row.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY));
}
