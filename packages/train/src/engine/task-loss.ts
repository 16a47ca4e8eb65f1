import { OptionError } from '../option-error.ts';
import type { Buffer } from './batch/buffer.ts';
import { mostParts, type Part } from './batch/part.ts';
import type { SiteBatch } from './batch/site-batch.ts';
import type { EngineLoss } from './engine-loss.ts';
import type { Memory } from './memory/memory.ts';
import { reals } from './memory/room.ts';

/** The loss at the end of the program. */
export interface TaskLoss {
  /** Writes the gradient of the part's outputs. */
  forward(batch: SiteBatch, part: Part): void;
  /** Mean loss of the batch and the number of right answers, after all parts. */
  result(size: number, parts: number): { readonly loss: number; readonly correct: number };
}

/** Losses that have a kernel: those of probabilities are computed from the logits, `headLoss` says of which. */
export type KernelLoss = Exclude<EngineLoss, { readonly kind: 'crossEntropy' | 'binaryCrossEntropy' }>;

/** Compiles a loss of `width` outputs per image. */
export function taskLoss(loss: KernelLoss, { values, gradient }: Buffer, width: number, memory: Memory): TaskLoss {
  const sums = Array.from({ length: mostParts }, () => reals(memory, 2));
  return {
    forward({ labels, weights, size, classes }, { index, kernels, from, to }) {
      const arrays = [values.view, gradient.view, labels.view, weights.view, sums[index].view] as const;
      switch (loss.kind) {
        case 'softmaxCrossEntropy':
          kernels.softmaxCrossEntropy(...arrays, loss.labelSmoothing ?? 0, width, size, from, to);
          break;
        case 'sigmoidCrossEntropy':
          kernels.sigmoidCrossEntropy(...arrays, width, size, from, to);
          break;
        case 'meanSquaredError':
          kernels.squaredError(...arrays, classes - 1, width, size, from, to);
          break;
        default:
          throw new OptionError(`compileEngine: unknown loss ${JSON.stringify(loss satisfies never)}`);
      }
    },
    result(size, parts) {
      let [total, correct] = [0, 0];
      for (const { view } of sums.slice(0, parts)) {
        total += view[0];
        correct += view[1];
      }
      return { loss: total / size, correct };
    },
  };
}
