import type { OutputKind } from '@sp/layers/internal';
import { OptionError } from '../option-error.ts';
import type { EngineLoss } from './engine-loss.ts';
import type { LossName } from './loss-function.ts';

/** Where a loss looks, and as which. */
export interface HeadLoss {
  /** Whether it is computed from the logits behind the last activation. */
  readonly ofLogits: boolean;
  readonly loss: EngineLoss;
}

/** The loss that a model's last activation is made for. */
export function matchingLoss(kind: OutputKind, width: number): LossName {
  switch (kind) {
    case 'softmax':
    case 'quantizedSoftmax':
      return 'crossEntropy';
    case 'sigmoid':
    case 'quantizedSigmoid':
      return 'binaryCrossEntropy';
    default:
      return width === 1 ? 'sigmoidCrossEntropy' : 'softmaxCrossEntropy';
  }
}

const called: Readonly<Record<OutputKind, string>> = {
  linear: 'logits (no activation)',
  softmax: 'a softmax',
  quantizedSoftmax: 'a quantised softmax',
  sigmoid: 'a sigmoid',
  quantizedSigmoid: 'a quantised sigmoid',
  other: 'something else',
};

/**
 * How a loss is computed of a model that ends with an activation of this kind and has `width` outputs: cross-entropies of a softmax or sigmoid
 * from the logits behind it. A string says why the two cannot be meant together.
 */
export function headLoss(loss: EngineLoss, kind: OutputKind, width: number): HeadLoss | string {
  const wrong = (): string =>
    `loss '${loss.kind}' does not fit a model that ends with ${called[kind]}; use '${matchingLoss(kind, width)}'`;
  if ((kind === 'softmax' || kind === 'quantizedSoftmax') && width === 1) {
    return 'a softmax of one output is always 1; end the model with a sigmoid, or with two outputs or more';
  }
  const asIs: HeadLoss = { ofLogits: false, loss };
  switch (loss.kind) {
    case 'meanSquaredError':
      return asIs;
    case 'softmaxCrossEntropy':
      if (width === 1 && (kind === 'linear' || kind === 'other')) {
        return "loss 'softmaxCrossEntropy' of one output is always 0; use 'sigmoidCrossEntropy'";
      }
      return kind === 'linear' || kind === 'other' ? asIs : wrong();
    case 'sigmoidCrossEntropy':
      if (kind !== 'linear' && kind !== 'other') return wrong();
      if (width === 1) return asIs;
      return `loss 'sigmoidCrossEntropy' needs one output, the model has ${width}; use softmaxCrossEntropy`;
    case 'crossEntropy':
      if (kind === 'softmax') return { ofLogits: true, loss: { ...loss, kind: 'softmaxCrossEntropy' } };
      if (kind === 'other' && width === 1) {
        return "loss 'crossEntropy' needs one output per class, the model has 1; use 'binaryCrossEntropy' for a probability, 'sigmoidCrossEntropy' for a logit";
      }
      return kind === 'quantizedSoftmax' || kind === 'other' ? asIs : wrong();
    case 'binaryCrossEntropy':
      if (kind === 'sigmoid') return { ofLogits: true, loss: { kind: 'sigmoidCrossEntropy' } };
      return kind === 'quantizedSigmoid' || kind === 'other' ? asIs : wrong();
    default:
      throw new OptionError(`unknown loss ${JSON.stringify(loss satisfies never)}`);
  }
}
