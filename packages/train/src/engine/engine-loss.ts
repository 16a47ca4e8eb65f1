import type { LossFunction } from './loss-function.ts';

/** A loss that the engine knows by name. Labels are class indices. */
export type EngineLoss =
  /** Cross-entropy of `softmax(outputs)`; the share `labelSmoothing` (default 0) of the target is spread over all classes. */
  | { readonly kind: 'softmaxCrossEntropy'; readonly labelSmoothing?: number }
  /** The same of probabilities; those of a softmax are taken from the logits behind it. */
  | { readonly kind: 'crossEntropy'; readonly labelSmoothing?: number }
  /** Cross-entropy of the logistic function of one output; label 0 or 1. */
  | { readonly kind: 'sigmoidCrossEntropy' }
  /** The same of probabilities, those of a sigmoid from the logits behind it: the mean over the outputs, of which several are compared with 1 for the image's class and 0 for the others. */
  | { readonly kind: 'binaryCrossEntropy' }
  /** Mean of `(output − target)²`; the target is 1 for the image's class and 0 for the others, or the label if there is one output. */
  | { readonly kind: 'meanSquaredError' };

const known = new WeakMap<LossFunction, EngineLoss>();

/** Notes what a loss function on tensors computes, so that the engine can do without them; returns the function. */
export function rememberEngineLoss(loss: EngineLoss, onTensors: LossFunction): LossFunction {
  known.set(onTensors, loss);
  return onTensors;
}

/** What a loss function computes, if it is one that the engine knows. */
export function engineLossOf(onTensors: LossFunction): EngineLoss | undefined {
  return known.get(onTensors);
}
