import { base, names, type OptionNames } from '../layers/option-list.ts';
import type { QKerasActivationArgs } from './qkeras-activation.ts';
import type { QKerasAdaptiveActivationArgs } from './qkeras-adaptive-activation.ts';
import type { QKerasAffineArgs } from './qkeras-affine.ts';
import type { QKerasAveragePoolingArgs } from './qkeras-average-pooling.ts';
import type { QKerasBatchNormalizationArgs } from './qkeras-batch-normalization.ts';

type Affine<Without extends keyof QKerasAffineArgs> = Omit<QKerasAffineArgs, Without>;

const shared = {
  ...base,
  useBias: 0,
  activation: 0,
  biasQuantizer: 0,
  kernelInitializer: 0,
  biasInitializer: 0,
  seed: 0,
} as const;
const window = { kernelSize: 0, strides: 0, padding: 0, dilationRate: 0, dataFormat: 0 } as const;
type NotOfConv = 'units' | 'depthMultiplier' | 'depthwiseQuantizer' | 'pointwiseQuantizer';
const conv = { ...shared, ...window, filters: 0, groups: 0, kernelQuantizer: 0 } as const;
type NotOfSeparable = 'units' | 'groups' | 'kernelQuantizer';
const separable = {
  ...shared,
  ...window,
  filters: 0,
  depthMultiplier: 0,
  depthwiseQuantizer: 0,
  pointwiseQuantizer: 0,
} as const;
type NotOfDense = Exclude<NotOfConv, 'units'> | 'filters' | 'groups' | keyof typeof window;
type NotOfDepthwise = NotOfSeparable | 'filters' | 'pointwiseQuantizer';
const depthwise = { ...shared, ...window, depthMultiplier: 0, depthwiseQuantizer: 0 } as const;

/** Options of QKeras' layers, by the name that they are saved under. */
export const qkerasOptionNames: Readonly<Record<string, OptionNames>> = {
  QKerasActivation: names<QKerasActivationArgs>('activation', { ...base, activation: 0, seed: 0 }, 'qkerasActivation'),
  QKerasAdaptiveActivation: names<QKerasAdaptiveActivationArgs>(
    'activation',
    { ...base, activation: 0, totalBits: 0, symmetric: 0, emaDecay: 0, reluNegativeSlope: 0 },
    'qkerasAdaptiveActivation',
  ),
  QKerasAveragePooling2D: names<QKerasAveragePoolingArgs>(
    'poolSize',
    { ...base, poolSize: 0, strides: 0, padding: 0, dataFormat: 0, averageQuantizer: 0, activation: 0 },
    'qkerasAveragePooling2D',
  ),
  QKerasBatchNormalization: names<QKerasBatchNormalizationArgs>(
    'momentum',
    {
      ...base,
      momentum: 0,
      epsilon: 0,
      center: 0,
      scale: 0,
      gammaQuantizer: 0,
      betaQuantizer: 0,
      meanQuantizer: 0,
      varianceQuantizer: 0,
      inverseQuantizer: 0,
    },
    'qkerasBatchNormalization',
  ),
  QKerasConv1D: names<Affine<NotOfConv>>('filters', conv, 'qkerasConv1D'),
  QKerasConv2D: names<Affine<NotOfConv>>('filters', conv, 'qkerasConv2D'),
  QKerasDense: names<Affine<NotOfDense>>('units', { ...shared, units: 0, kernelQuantizer: 0 }, 'qkerasDense'),
  QKerasDepthwiseConv2D: names<Affine<NotOfDepthwise>>('kernelSize', depthwise, 'qkerasDepthwiseConv2D'),
  QKerasGlobalAveragePooling2D: names<Omit<QKerasAveragePoolingArgs, 'poolSize' | 'strides' | 'padding'>>(
    'averageQuantizer',
    { ...base, dataFormat: 0, averageQuantizer: 0, activation: 0 },
    'qkerasGlobalAveragePooling2D',
  ),
  QKerasSeparableConv1D: names<Affine<NotOfSeparable>>('filters', separable, 'qkerasSeparableConv1D'),
  QKerasSeparableConv2D: names<Affine<NotOfSeparable>>('filters', separable, 'qkerasSeparableConv2D'),
};
