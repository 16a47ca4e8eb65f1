export { integerBits } from './exact-bits.ts';
export { hCalibratedBops, hFreeBops, hResetMinMax } from './h-callbacks.ts';
export { HKernelLayer } from './h-kernel-layer.ts';
export {
  HConv1D,
  HConv1DBatchNorm,
  HConv2D,
  HConv2DBatchNorm,
  HDense,
  HDenseBatchNorm,
  hConv1D,
  hConv1DBatchNorm,
  hConv2D,
  hConv2DBatchNorm,
  hDense,
  hDenseBatchNorm,
} from './h-kernel-layers.ts';
export { HActivation, HAdd, HQuantize, hActivation, hAdd, hQuantize } from './h-simple-layers.ts';
export { hLayers, hParallelFactors, hTraceMinMax } from './h-trace-min-max.ts';
export { legacyTypes } from './legacy-types.ts';
export {
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
export { getDefaultKqConf, getDefaultPaqConf, setDefaultKqConf, setDefaultPaqConf } from './quantizer-config.ts';
export { registerHgq1Layers } from './register-hgq1-layers.ts';
export { Signature, signature } from './signature.ts';
export { toProxyModel, widthReport } from './to-proxy-model.ts';
