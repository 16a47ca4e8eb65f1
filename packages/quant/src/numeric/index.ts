/**
 * Rounding, wrapping, fewest bits and windows along an axis: the arithmetic that layers, engine and interpreter have in common. For the packages of this
 * repository; users quantise with `quantize` of `@sp/quant`.
 *
 * @module
 */
export { bitLength } from './bit-length.ts';
export { minimalIntegerBitsForFraction, minimalIntegerBitsForWidth } from './minimal-bits.ts';
export {
  ceilLog2,
  clip,
  floorLog2,
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
export { samePads, windowCount } from './window-axis.ts';
