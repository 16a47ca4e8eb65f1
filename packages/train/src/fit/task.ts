import { type OutputHead, outputHead } from '@sp/layers/internal';
import type * as tf from '@tensorflow/tfjs';
import { type EngineLoss, engineLossOf } from '../engine/engine-loss.ts';
import { headLoss, matchingLoss } from '../engine/head-loss.ts';
import type { LossFunction, LossName } from '../engine/loss-function.ts';
import { OptionError } from '../option-error.ts';
import { countCorrect, type OneOutput } from './count-correct.ts';
import { lossFunction, sigmoidCrossEntropy, softmaxCrossEntropy } from './loss.ts';

/**
 * What a model is trained and judged by: the one place where the loss and the last activation decide from what numbers loss and accuracy are
 * computed, and how an output is read. `fit`, `evaluate`, streams and both engines use it.
 */
export interface Task {
  /** Name of the loss, 'own' for a function that is not of this package. */
  readonly name: LossName | 'own';
  readonly head: OutputHead;
  /** Whether `values` are the logits behind the last activation; else they are the model's outputs. */
  readonly ofLogits: boolean;
  /** What a model inside `compute` gives is what `loss` and `correct` take. */
  values<T>(compute: () => T): T;
  /** Mean over the batch. */
  readonly loss: LossFunction;
  /** Loss of the model's outputs, as engines know it; undefined: they do not. */
  readonly engineLoss: EngineLoss | undefined;
  /** @throws OptionError for an own loss that does not take weights. */
  checkWeights(where: string): void;
  /** Number of right answers. */
  correct(values: Float32Array, width: number, labels: Int32Array, classes: number): number;
  /** Most classes that the outputs can tell apart. */
  readonly mostClasses: number;
  /** What the user should know of the choice, if it is not the obvious one. */
  readonly note: string | undefined;
}

/**
 * The task of a model with one output.
 *
 * @param given the user's loss; undefined: the one that the last activation is made for
 * @param where function named in errors
 * @throws OptionError if loss and model cannot be meant together.
 */
export function taskOf(model: tf.LayersModel, given: LossName | LossFunction | undefined, where: string): Task {
  const head = outputHead(model);
  const width = outputsOf(model, where);
  const chosen = given ?? matchingLoss(head.kind, width);
  const own = typeof chosen === 'string' ? lossFunction(chosen) : chosen;
  const engineLoss = engineLossOf(own);
  const resolved = engineLoss === undefined ? undefined : headLoss(engineLoss, head.kind, width);
  if (typeof resolved === 'string') throw new OptionError(`${where}: layer '${head.layer}': ${resolved}`);
  const ofLogits = resolved?.ofLogits === true;
  const oneOutput = readingOf(resolved?.loss.kind, head);
  return {
    name: engineLoss?.kind ?? 'own',
    head,
    ofLogits,
    values: (compute) => (ofLogits ? head.logits(compute) : compute()),
    loss: ofLogits ? lossOfLogits(resolved.loss) : own,
    engineLoss,
    checkWeights(caller) {
      if (engineLoss !== undefined || own.length >= 3) return;
      throw new OptionError(
        `${caller}: the loss is a function of your own that does not take weights; give it a third parameter, (labels, outputs, weights), and return the mean of weight × loss`,
      );
    },
    correct: (values, outputs, labels, classes) => countCorrect(values, outputs, labels, { oneOutput, classes }),
    mostClasses: width > 1 ? width : oneOutput === 'label' ? Number.POSITIVE_INFINITY : 2,
    note: noteOf(given, head, width, engineLoss),
  };
}

/** Numbers per image in the model's output. */
function outputsOf(model: tf.LayersModel, where: string): number {
  const { shape } = model.outputs[0];
  const [, width, ...rest] = shape;
  if (typeof width === 'number' && rest.length === 0) return width;
  throw new OptionError(
    `${where}: the model's output has shape [${shape.map((size) => size ?? 'batch').join(', ')}]; it trains models with one number per class`,
  );
}

function lossOfLogits(loss: EngineLoss): LossFunction {
  if (loss.kind !== 'softmaxCrossEntropy') return sigmoidCrossEntropy;
  const { labelSmoothing = 0 } = loss;
  return softmaxCrossEntropy({ labelSmoothing });
}

/** What one number says that the loss is computed from. */
function readingOf(kind: EngineLoss['kind'] | undefined, { kind: head }: OutputHead): OneOutput {
  if (kind === 'meanSquaredError') return 'label';
  if (kind === 'binaryCrossEntropy') return 'probability';
  if (kind !== undefined) return 'logit';
  return head === 'sigmoid' || head === 'quantizedSigmoid' ? 'probability' : 'logit';
}

function noteOf(
  given: LossName | LossFunction | undefined,
  { kind, layer }: OutputHead,
  width: number,
  loss: EngineLoss | undefined,
): string | undefined {
  if (given === undefined && loss !== undefined && loss.kind !== 'softmaxCrossEntropy') {
    const end =
      ends[kind] ?? (kind === 'linear' ? 'one output without activation' : 'one output that is taken as a logit');
    return `loss '${loss.kind}', because the model ends with ${end} (layer '${layer}')`;
  }
  if (loss === undefined && width === 1 && kind !== 'sigmoid' && kind !== 'quantizedSigmoid') {
    return `accuracy counts an output above 0 of layer '${layer}' as class 1: of one output and an own loss it is not known what the number means`;
  }
  return undefined;
}

const ends: Readonly<Record<string, string>> = {
  softmax: 'a softmax',
  quantizedSoftmax: 'a quantised softmax',
  sigmoid: 'a sigmoid',
  quantizedSigmoid: 'a quantised sigmoid',
};
