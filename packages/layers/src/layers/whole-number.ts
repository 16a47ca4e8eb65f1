import { LayerError } from '../layer-error.ts';

/** A count of things: units, filters, groups. @throws LayerError naming the option unless it is whole and ≥ 1. */
export function wholeNumber(value: number, where: string, option: string): number {
  if (Number.isInteger(value) && value >= 1) return value;
  throw new LayerError(`${where}: ${option} = ${JSON.stringify(value)}; expected a whole number ≥ 1.`, {
    option,
    value,
  });
}
