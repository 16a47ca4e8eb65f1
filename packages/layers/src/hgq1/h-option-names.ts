import { base, type Names, names, type OptionNames } from '../layers/option-list.ts';
import type { HBatchNormArgs, HKernelArgs } from './h-kernel-args.ts';
import type { HConvArgs, HDenseArgs } from './h-kernel-layers.ts';
import type { HLayerArgs } from './h-layer.ts';
import type { HActivationArgs } from './h-simple-layers.ts';
import type { SignatureArgs } from './signature.ts';

const quantised: Names<HLayerArgs> = { ...base, paqConf: 0, beta: 0, seed: 0 };
const kernel: Names<HKernelArgs> = {
  ...quantised,
  activation: 0,
  useBias: 0,
  kqConf: 0,
  doAdaptKernelBits: 0,
  kernelInitializer: 0,
  biasInitializer: 0,
  parallelFactor: 0,
};
const dense: Names<HDenseArgs> = { ...kernel, units: 0 };
const conv: Names<HConvArgs> = {
  ...kernel,
  filters: 0,
  kernelSize: 0,
  strides: 0,
  padding: 0,
  dilationRate: 0,
  groups: 0,
  dataFormat: 0,
};
const norm: Names<HBatchNormArgs> = { momentum: 0, epsilon: 0, center: 0, scale: 0 };

/** Options of HGQ v1's layers, by the name that they are saved under. */
export const hOptionNames: Readonly<Record<string, OptionNames>> = {
  HActivation: names<HActivationArgs>('activation', { ...quantised, activation: 0 }),
  HAdd: names<HLayerArgs>('paqConf', quantised),
  HConv1D: names<HConvArgs>('filters', conv),
  HConv1DBatchNorm: names<HConvArgs & HBatchNormArgs>('filters', { ...conv, ...norm }),
  HConv2D: names<HConvArgs>('filters', conv),
  HConv2DBatchNorm: names<HConvArgs & HBatchNormArgs>('filters', { ...conv, ...norm }),
  HDense: names<HDenseArgs>('units', dense),
  HDenseBatchNorm: names<HDenseArgs & HBatchNormArgs>('units', { ...dense, ...norm }),
  HQuantize: names<HLayerArgs>('paqConf', quantised),
  HSignature: names<SignatureArgs>('keepNegative', { ...base, keepNegative: 0, bits: 0, intBits: 0 }, 'signature'),
};
