/**
 * Rounding, limits and wrapping, fewest bits, windows along an axis, places in tensors, einsum
 * equations: the arithmetic that layers, engine and interpreter have in common. For the packages of
 * this repository; users quantise with `quantize` of `@sp/quant`.
 *
 * @module
 */
export { bitLength } from './bit-length.ts';
export {
  type EinsumLoops,
  type Equation,
  einsumLoops,
  einsumOffsets,
  letterLengths,
  letterSteps,
  repeatsLetter,
  splitEquation,
  strayLetter,
} from './einsum-equation.ts';
export { greatestCommonDivisor, leastCommonMultiple, oddPart, powerOfTwoIn } from './integers.ts';
export {
  fractionBits,
  minimalIntegerBitsForFraction,
  minimalIntegerBitsForWidth,
  minimalIntegerBitsOfRange,
} from './minimal-bits.ts';
export { mapPositions, stridesOf } from './positions.ts';
export {
  ceilLog2,
  clip,
  floorLog2,
  isPowerOfTwo,
  limitPerFractionBit,
  limitPerIntegerBit,
  reflectInto,
  roundHalfDown,
  roundHalfEven,
  roundHalfIn,
  roundHalfOut,
  roundHalfUp,
  wrapInto,
} from './reals.ts';
export { type RoundFunction, roundFunction } from './round-function.ts';
export { seededRandom } from './seeded-random.ts';
export { positionUnder, samePads, type WindowAxis, windowCount, windowSpans } from './window-axis.ts';
