/** Arithmetic of the quantizers on plain numbers, for engines that compute without tensors; the rest of it is in `@sp/quant/numeric`. */
export { bitIndex, sizeOf } from '../quantizer/broadcast.ts';
export { type Constraint, project } from '../quantizer/constraint.ts';
