import type { ConvArgs } from '../layers/conv-settings.ts';
import type { InitializerLike } from '../layers/initializer.ts';
import type { Names } from '../layers/option-list.ts';
import { type HLayerArgs, hLayerOptions } from './h-layer.ts';
import type { HQuantizerConfig } from './quantizer-config.ts';

/** Arguments HGQ v1's layers with a kernel share. */
export interface HKernelArgs extends HLayerArgs {
  /** Only `'linear'` (default) and `'relu'`; use `hActivation` for others. */
  readonly activation?: string | null;
  /** Default true. */
  readonly useBias?: boolean | null;
  /** Settings of the kernel's quantizer, on top of the defaults. */
  readonly kqConf?: Partial<HQuantizerConfig> | null;
  /** Fit the kernel's bit widths to its values at the start. Default true. */
  readonly doAdaptKernelBits?: boolean | null;
  readonly kernelInitializer?: InitializerLike | null;
  readonly biasInitializer?: InitializerLike | null;
  /** Kernel applications computed at once; scales a convolution's BOPs. Default 1; of dense layers only exported. */
  readonly parallelFactor?: number | null;
}

/** Their names. */
export const hKernelOptions: Names<HKernelArgs> = {
  ...hLayerOptions,
  activation: 0,
  useBias: 0,
  kqConf: 0,
  doAdaptKernelBits: 0,
  kernelInitializer: 0,
  biasInitializer: 0,
  parallelFactor: 0,
};

/** Batch normalisation folded into the layer. */
export interface HBatchNormArgs {
  /** Default 0.99. */
  readonly momentum?: number | null;
  /** Default 0.001. */
  readonly epsilon?: number | null;
  /** Default true; needs a bias. */
  readonly center?: boolean | null;
  /** Default true. */
  readonly scale?: boolean | null;
}

/** Their names. */
export const hBatchNormOptions: Names<HBatchNormArgs> = { momentum: 0, epsilon: 0, center: 0, scale: 0 };

/** What decides the kernel. */
export type KernelGeometry = { readonly units: number } | { readonly conv: ConvArgs; readonly rank: 1 | 2 };
