import type { NumberArray } from '../data/typed-array.ts';
import { OptionError } from '../option-error.ts';

/** An array in a file of which parts can be read, along its first axis. */
export interface ArrayReader {
  /** Name of the file. */
  readonly source: string;
  /** Name of the array within the file, for errors. */
  readonly field: string;
  readonly shape: readonly number[];
  /** Rows `start … end − 1` of the first axis, in a new array. */
  read(start: number, end: number): Promise<NumberArray['data']>;
  /** Closes the file; nothing can be read afterwards. May be called twice. */
  close(): Promise<void>;
}

/** @throws OptionError unless `0 ≤ start ≤ end ≤ length`. */
export function checkRows(start: number, end: number, length: number, where: string): void {
  if (!(Number.isInteger(start) && Number.isInteger(end) && start >= 0 && start <= end && end <= length)) {
    throw new OptionError(`${where}: there are no rows ${start} … ${end - 1} among ${length}`);
  }
}
