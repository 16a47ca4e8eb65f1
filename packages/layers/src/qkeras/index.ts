export { analyzeAccumulator, analyzeAccumulatorFromSample } from './analyze-accumulator.ts';
export { bnFold } from './bn-fold.ts';
export { energySource } from './energy-model.ts';
export { qkerasQuantizer } from './make-quantizer.ts';
export { modelQuantize } from './model-quantize.ts';
export { qkerasActivation } from './qkeras-activation.ts';
export { qkerasAdaptiveActivation } from './qkeras-adaptive-activation.ts';
export { QKerasAffine } from './qkeras-affine.ts';
export {
  qkerasConv1D,
  qkerasConv2D,
  qkerasDense,
  qkerasDepthwiseConv2D,
  qkerasSeparableConv1D,
  qkerasSeparableConv2D,
} from './qkeras-affine-layers.ts';
export { qkerasAveragePooling2D, qkerasGlobalAveragePooling2D } from './qkeras-average-pooling.ts';
export { qkerasBatchNormalization } from './qkeras-batch-normalization.ts';
export { printQStats, qstats } from './qstats.ts';
export { qtools } from './qtools.ts';
export { qkerasQuantize } from './quantize.ts';
export { getInternalSigmoid, setInternalSigmoid } from './quantize-tensor.ts';
export { quantizerLimits } from './quantizer-limits.ts';
export { parseQuantizer, printQuantizer, QuantizerStringError } from './quantizer-string.ts';
export { registerQKerasLayers } from './register-qkeras-layers.ts';
export { forgivingFactor, qnoiseAt } from './schedules.ts';
