export { integerBits } from './exact-bits.ts';
export { type HCallback, hCalibratedBops, hFreeBops, hResetMinMax } from './h-callbacks.ts';
export type { HBatchNormArgs, HKernelArgs } from './h-kernel-args.ts';
export { HKernelLayer } from './h-kernel-layer.ts';
export {
  HConv1D,
  HConv1DBatchNorm,
  HConv2D,
  HConv2DBatchNorm,
  type HConvArgs,
  HDense,
  type HDenseArgs,
  HDenseBatchNorm,
  hConv1D,
  hConv1DBatchNorm,
  hConv2D,
  hConv2DBatchNorm,
  hDense,
  hDenseBatchNorm,
} from './h-kernel-layers.ts';
export { HLayer, type HLayerArgs } from './h-layer.ts';
export { HQuantizer } from './h-quantizer.ts';
export { HActivation, type HActivationArgs, HAdd, HQuantize, hActivation, hAdd, hQuantize } from './h-simple-layers.ts';
export { type HTraceOptions, hLayers, hParallelFactors, hTraceMinMax } from './h-trace-min-max.ts';
export { type LegacyTypesOptions, type LegacyTypesRow, legacyTypes } from './legacy-types.ts';
export {
  type PPoolingArgs,
  pAveragePooling1D,
  pAveragePooling2D,
  pConcatenate,
  pDropout,
  pFlatten,
  pMaxPooling1D,
  pMaxPooling2D,
  pPermute,
  pReshape,
} from './passive-layers.ts';
export {
  type BitRegularizer,
  getDefaultKqConf,
  getDefaultPaqConf,
  type HQuantizerConfig,
  type RoundStrategy,
  type SkipDims,
  setDefaultKqConf,
  setDefaultPaqConf,
} from './quantizer-config.ts';
export { registerHgq1Layers } from './register-hgq1-layers.ts';
export { type PerElement, Signature, type SignatureArgs, signature } from './signature.ts';
export { type ProxyNote, type ProxyOptions, toProxyModel, widthReport } from './to-proxy-model.ts';
