import type { Range } from './range.ts';

/**
 * What the builder knows about a cell: which numbers it can be, and when.
 *
 * Time is counted in stages: clock cycles since the first part of an image entered the module. An **image signal** carries one
 * number per image, there from `stage` to `last` (both included). A **chunk signal** carries `interval` numbers per image, number p in stage
 * `stage + p`. In `stage` the number is there `level` LUT levels after the clock edge.
 */
export interface Signal extends Range {
  readonly id: number;
  readonly stage: number;
  readonly level: number;
  /** Infinite for a constant. */
  readonly last: number;
  readonly chunk: boolean;
}

/** Whether a signal is the same in every clock. */
export function isConstant({ lo, hi }: Range): boolean {
  return lo === hi;
}
