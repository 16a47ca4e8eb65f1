import type { SiteBatch } from './site-batch.ts';

/** A part of the program. Forward and backward are called alternately, with the same batch. */
export interface Operation {
  /** Computes the outputs. */
  forward(batch: SiteBatch): void;
  /** From the gradient of the outputs: those of the inputs (overwritten) and of the variables. */
  backward(batch: SiteBatch): void;
  /** What the operation adds to the loss, after `forward`; also adds the gradients to the bit widths. */
  penalty?(batch: SiteBatch): number;
  /** Writes gradients of bit variables, after `backward` and `penalty`. */
  finish?(): void;
}
