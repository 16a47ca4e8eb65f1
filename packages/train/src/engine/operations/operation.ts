import type { Part } from '../batch/part.ts';
import type { SiteBatch } from '../batch/site-batch.ts';

/** How data quantizers behave: in inference formats are what they are and numbers wrap, in training ranges follow. */
export type Mode = 'training' | 'inference';

/**
 * A stretch of the program. A step calls `prepare`, `forward` for every part, `backward` for every part, `finish`. Forward
 * and backward only call kernels: threads make these calls later.
 */
export interface Operation {
  /** Formats, weights and room for the batch; forgets gradients. */
  prepare(batch: SiteBatch, mode: Mode): void;
  /** Computes the outputs. */
  forward(batch: SiteBatch, part: Part, mode: Mode): void;
  /** From the gradient of the outputs: those of the inputs (overwritten) and of the variables (added). */
  backward(batch: SiteBatch, part: Part): void;
  /** Writes the variables' gradients, with those of what the operation adds to the loss, which it returns. */
  finish(batch: SiteBatch): number;
}
