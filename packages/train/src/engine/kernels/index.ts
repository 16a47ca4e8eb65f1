export { copy, sum } from './arrays.ts';
export { denseBits } from './bit-cost.ts';
export { activate, activateBackward, convolve, correlate, maskBackward } from './conv.ts';
export { denseBackward, denseForward } from './dense.ts';
export { followRange, updateFormats } from './formats.ts';
export { sigmoidBackward, sigmoidForward, softmaxBackward, softmaxForward } from './head.ts';
export { sigmoidCrossEntropy, softmaxCrossEntropy, squaredError } from './loss.ts';
export { momentumStep } from './momentum.ts';
export { findNeighbours, lookUpNeighbours } from './neighbours.ts';
export {
  averageBackward,
  averageForward,
  maxBackward,
  maxForward,
  poolMask,
  poolMaskBackward,
} from './pool.ts';
export {
  divide,
  raiseMagnitudes,
  roundAll,
  roundBackward,
  saturateAll,
  saturateBackward,
  siteIndex,
  wrapAll,
} from './quantise.ts';
export { maskedIntensity, reduceBackward, reduceForward, softKeep, softKeepBackward } from './reduce.ts';
export { gatherSites } from './sites.ts';
export {
  adamStep,
  addInto,
  addScaled,
  bitGradients,
  clamp,
  clear,
  countNotFinite,
  narrow,
  refresh,
  saturateEach,
  saturateEachBackward,
  widen,
} from './vector.ts';
