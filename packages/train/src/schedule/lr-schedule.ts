import { OptionError } from '../option-error.ts';
/** Learning rate of optimizer step `step`, counted from 0. */
export type LrSchedule = (step: number) => number;

/** @throws OptionError naming `field` unless `value` is a finite number ≥ `least`. */
export function atLeast(value: number, least: number, field: string): number {
  if (!(Number.isFinite(value) && value >= least))
    throw new OptionError(`${field}: ${value} is not a number ≥ ${least}`);
  return value;
}
