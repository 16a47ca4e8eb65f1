/** A loss that the engine knows by name. Labels are class indices. */
export type EngineLoss =
  | {
      /** Cross-entropy of `softmax(outputs)`; the share `labelSmoothing` (default 0) of the target is spread over all classes. */
      readonly kind: 'softmaxCrossEntropy';
      readonly labelSmoothing?: number;
    }
  /** Cross-entropy of the logistic function of one output; label 0 or 1. */
  | { readonly kind: 'sigmoidCrossEntropy' }
  /** Mean of `(output − target)²`; the target is 1 for the image's class and 0 for the others, or the label if there is one output. */
  | { readonly kind: 'meanSquaredError' };

/** Mean loss of a batch; writes the gradient. `width` outputs per image. */
export function taskLoss(
  loss: EngineLoss,
  outputs: Float64Array,
  gradient: Float64Array,
  labels: Int32Array,
  size: number,
  width: number,
): number {
  let sum = 0;
  switch (loss.kind) {
    case 'softmaxCrossEntropy': {
      const smoothing = loss.labelSmoothing ?? 0;
      for (let b = 0; b < size; b++) {
        const at = b * width;
        let largest = outputs[at];
        for (let c = 1; c < width; c++) if (outputs[at + c] > largest) largest = outputs[at + c];
        let total = 0;
        for (let c = 0; c < width; c++) {
          const e = Math.exp(outputs[at + c] - largest);
          gradient[at + c] = e;
          total += e;
        }
        const logTotal = Math.log(total) + largest;
        for (let c = 0; c < width; c++) {
          const target = (c === labels[b] ? 1 - smoothing : 0) + smoothing / width;
          if (target !== 0) sum -= target * (outputs[at + c] - logTotal);
          gradient[at + c] = (gradient[at + c] / total - target) / size;
        }
      }
      return sum / size;
    }
    case 'sigmoidCrossEntropy':
      for (let b = 0; b < size; b++) {
        const z = outputs[b];
        sum += Math.max(z, 0) - z * labels[b] + Math.log1p(Math.exp(-Math.abs(z)));
        gradient[b] = (1 / (1 + Math.exp(-z)) - labels[b]) / size;
      }
      return sum / size;
    case 'meanSquaredError':
      for (let b = 0, j = 0; b < size; b++) {
        for (let c = 0; c < width; c++, j++) {
          const error = outputs[j] - (width === 1 ? labels[b] : c === labels[b] ? 1 : 0);
          sum += error * error;
          gradient[j] = (2 * error) / (size * width);
        }
      }
      return sum / (size * width);
    default:
      throw new Error(`compileEngine: unknown loss ${JSON.stringify(loss satisfies never)}`);
  }
}
