import type { ConvArgs } from '../layers/conv-settings.ts';
import { knownOptions } from '../layers/known-options.ts';
import { type Names, names, type OptionNames } from '../layers/option-list.ts';
import { type HBatchNormArgs, type HKernelArgs, hBatchNormOptions, hKernelOptions } from './h-kernel-args.ts';
import { HKernelLayer } from './h-kernel-layer.ts';

/** Arguments of `hDense`. */
export interface HDenseArgs extends HKernelArgs {
  readonly units: number;
}

const dense: Names<HDenseArgs> = { ...hKernelOptions, units: 0 };

/** Arguments of `hConv1D` and `hConv2D`. */
export type HConvArgs = HKernelArgs & ConvArgs;

const conv: Names<HConvArgs> = {
  ...hKernelOptions,
  filters: 0,
  kernelSize: 0,
  strides: 0,
  padding: 0,
  dilationRate: 0,
  groups: 0,
  dataFormat: 0,
};

/** HGQ v1's `HDense`. */
export class HDense extends HKernelLayer {
  static readonly className = 'HDense';
  static readonly options: OptionNames = names<HDenseArgs>('units', dense);
  constructor(args: HDenseArgs) {
    super(knownOptions(args, new.target), { units: args.units }, null);
  }
}

/** HGQ v1's `HConv1D`. */
export class HConv1D extends HKernelLayer {
  static readonly className = 'HConv1D';
  static readonly options: OptionNames = names<HConvArgs>('filters', conv);
  constructor(args: HConvArgs) {
    super(knownOptions(args, new.target), { conv: args, rank: 1 }, null);
  }
}

/** HGQ v1's `HConv2D`. */
export class HConv2D extends HKernelLayer {
  static readonly className = 'HConv2D';
  static readonly options: OptionNames = names<HConvArgs>('filters', conv);
  constructor(args: HConvArgs) {
    super(knownOptions(args, new.target), { conv: args, rank: 2 }, null);
  }
}

/** HGQ v1's `HDenseBatchNorm`. */
export class HDenseBatchNorm extends HKernelLayer {
  static readonly className = 'HDenseBatchNorm';
  static readonly options: OptionNames = names<HDenseArgs & HBatchNormArgs>('units', {
    ...dense,
    ...hBatchNormOptions,
  });
  constructor(args: HDenseArgs & HBatchNormArgs) {
    super(knownOptions(args, new.target), { units: args.units }, args);
  }
}

/** HGQ v1's `HConv1DBatchNorm`. */
export class HConv1DBatchNorm extends HKernelLayer {
  static readonly className = 'HConv1DBatchNorm';
  static readonly options: OptionNames = names<HConvArgs & HBatchNormArgs>('filters', {
    ...conv,
    ...hBatchNormOptions,
  });
  constructor(args: HConvArgs & HBatchNormArgs) {
    super(knownOptions(args, new.target), { conv: args, rank: 1 }, args);
  }
}

/** HGQ v1's `HConv2DBatchNorm`. */
export class HConv2DBatchNorm extends HKernelLayer {
  static readonly className = 'HConv2DBatchNorm';
  static readonly options: OptionNames = names<HConvArgs & HBatchNormArgs>('filters', {
    ...conv,
    ...hBatchNormOptions,
  });
  constructor(args: HConvArgs & HBatchNormArgs) {
    super(knownOptions(args, new.target), { conv: args, rank: 2 }, args);
  }
}

/**
 * HGQ v1's `HDense`: quantised kernel and bias, quantised pre-activation, relu or nothing.
 *
 * @example
 * hDense({ units: 16, activation: 'relu', beta: 1e-5, kqConf: { initBw: 4 } });
 */
export const hDense = (args: HDenseArgs): HDense => new HDense(args);
/** HGQ v1's `HConv1D`; see `hDense`. */
export const hConv1D = (args: HConvArgs): HConv1D => new HConv1D(args);
/** HGQ v1's `HConv2D`; see `hDense`. */
export const hConv2D = (args: HConvArgs): HConv2D => new HConv2D(args);
/** HGQ v1's `HDenseBatchNorm`, with the fusion as mathematics has it (hgq1 D7). */
export const hDenseBatchNorm = (args: HDenseArgs & HBatchNormArgs): HDenseBatchNorm => new HDenseBatchNorm(args);
/** HGQ v1's `HConv1DBatchNorm`; see `hDenseBatchNorm`. */
export const hConv1DBatchNorm = (args: HConvArgs & HBatchNormArgs): HConv1DBatchNorm => new HConv1DBatchNorm(args);
/** HGQ v1's `HConv2DBatchNorm`; see `hDenseBatchNorm`. */
export const hConv2DBatchNorm = (args: HConvArgs & HBatchNormArgs): HConv2DBatchNorm => new HConv2DBatchNorm(args);
