import { isPowerOfTwo } from '@sp/quant/numeric';
import { placeFunction } from './index-expression.ts';

/** `⌊name / divisor⌋` for 0 ≤ name < limit without a divider: a shift, or the smallest multiply-and-shift that is right for all of them. */
export function smallQuotient(name: string, divisor: number, limit: number): string {
  if (divisor === 1) return name;
  if (divisor >= limit) return '0';
  if (isPowerOfTwo(divisor)) return `${name} >> ${Math.log2(divisor)}`;
  for (let shift = 1; ; shift++) {
    const factor = Math.ceil(2 ** shift / divisor);
    // The error grows with the number, so that the last multiples but one decide.
    let right = true;
    for (let value = limit - 1; value >= 0 && right; value--) {
      right = Math.floor((value * factor) / 2 ** shift) === Math.floor(value / divisor);
    }
    if (right) return `(${name} * ${factor}) >> ${shift}`;
  }
}

/** A function of a config struct that divides a number below `limit`; the parameter has no name when the result is always 0. */
export function quotientFunction(name: string, parameter: string, divisor: number, limit: number): string {
  return placeFunction(name, parameter, smallQuotient(parameter, divisor, limit));
}
