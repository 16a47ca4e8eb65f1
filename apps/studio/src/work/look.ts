import { layerOutputs, totalEbops } from '@sp/layers';
import {
  activePixelsVsThreshold,
  ebopsTable,
  predictAll,
  quantizationTable,
  reducedExamples,
  setSparseEbopsFactor,
  sliceImages,
  totalWeightBits,
} from '@sp/train';
import { oneVersusRest } from '@sp/viz';
import * as tf from '@tensorflow/tfjs';
import type { StudyData } from './study-data.ts';

/** An image that the network takes for another class. */
export interface WrongImage {
  readonly index: number;
  readonly actual: number;
  readonly predicted: number;
}

/** What there is to see of a trained network on the test images. */
export type Findings = ReturnType<typeof findings>;

/** Looks at a trained network from all sides. */
export function findings(
  model: tf.LayersModel,
  data: StudyData,
  { n, threshold }: { readonly n: number; readonly threshold: number },
) {
  const { train, test } = data;
  setSparseEbopsFactor(model);
  const logits = predictAll(model, test);
  const width = logits.length / test.labels.length;
  const predicted = Array.from(test.labels, (_, j) => largest(logits.subarray(j * width, (j + 1) * width)));
  const actual = [...test.labels];
  const names = Array.from({ length: width }, (_, c) => String(test.labelIds?.[c] ?? c));
  const tensors = quantizationTable(model).filter(({ layer }) => layer !== 'pixels');
  return {
    n,
    threshold,
    answers: { actual, predicted, classes: names },
    // A curve needs images of the class and others.
    roc: oneVersusRest(softmaxRows(logits, width), actual, names).filter(
      ({ positive }) => Array.from(positive).some(Boolean) && !Array.from(positive).every(Boolean),
    ),
    wrong: actual.flatMap((label, index): readonly WrongImage[] =>
      label === predicted[index] ? [] : [{ index, actual: label, predicted: predicted[index] }],
    ),
    accuracy: actual.filter((label, j) => label === predicted[j]).length / actual.length,
    tensors,
    weightBits: totalWeightBits(tensors),
    ebops: totalEbops(model),
    ebopsByLayer: ebopsTable(model),
    activePixels: activePixelsVsThreshold(train),
    examples: reducedExamples(test, { n, threshold }),
  };
}

/** One test image in every layer whose values are worth a picture. */
export function outputsOf(model: tf.LayersModel, { test }: StudyData, index: number) {
  const image = tf.tensor(sliceImages(test, index, index + 1).images, [1, ...test.shape], 'float32');
  const outputs = layerOutputs(model, image);
  image.dispose();
  return new Map(
    [...outputs].filter(([layer]) => layer !== 'image' && layer !== 'pixels' && !layer.startsWith('flatten')),
  );
}

/** Probabilities from logits `[samples, width]`. */
function softmaxRows(logits: Float32Array, width: number): Float64Array {
  const probabilities = new Float64Array(logits.length);
  for (let start = 0; start < logits.length; start += width) {
    const row = logits.subarray(start, start + width);
    const most = Math.max(...row);
    const sum = row.reduce((total, logit) => total + Math.exp(logit - most), 0);
    for (const [column, logit] of row.entries()) probabilities[start + column] = Math.exp(logit - most) / sum;
  }
  return probabilities;
}

function largest(row: Float32Array): number {
  return row.indexOf(Math.max(...row));
}
