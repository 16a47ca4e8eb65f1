import type { Condition, Range } from '@sp/train/internal';
import { real, whole } from '@sp/train/tune';

/** Options of a parameter that is a number. */
export interface NumberOptions {
  /** What to try first. */
  readonly default?: number;
  /** When it exists: only beside these values of a parameter before it. Default: always. */
  readonly when?: Condition;
}

/** A whole number from `low` to `high`, ends included. @throws OptionError for ends that are no range of whole numbers */
export function integer(low: number, high: number, options: NumberOptions = {}): Range {
  return whole(low, high, options);
}

/** A real number from `low` to `high`. @throws OptionError for ends that are no range */
export function float(low: number, high: number, options: NumberOptions = {}): Range {
  return real(low, high, options);
}

/** A real number > 0 of which factors count: 1 … 10 is as wide as 10 … 100. @throws OptionError for ends that are no range of positive numbers */
export function log(low: number, high: number, options: NumberOptions = {}): Range {
  return real(low, high, { ...options, scale: 'log' });
}
