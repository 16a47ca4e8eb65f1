/** Arithmetic of the quantizers on plain numbers, for engines that compute without tensors. */
export { bitIndex, sizeOf } from '../quantizer/broadcast.ts';
export { type Constraint, project } from '../quantizer/constraint.ts';
export { minimalIntegerBitsForFraction, minimalIntegerBitsForWidth } from '../quantizer/minimal-bits.ts';
export { roundFunction, roundHalfEven } from '../quantizer/rounding.ts';
