import type { ConvArgs } from '../layers/conv-settings.ts';
import { knownOptions } from '../layers/known-options.ts';
import type { HBatchNormArgs, HKernelArgs } from './h-kernel-args.ts';
import { HKernelLayer } from './h-kernel-layer.ts';

/** Arguments of `hDense`. */
export interface HDenseArgs extends HKernelArgs {
  readonly units: number;
}

/** Arguments of `hConv1D` and `hConv2D`. */
export type HConvArgs = HKernelArgs & ConvArgs;

/** HGQ v1's `HDense`. */
export class HDense extends HKernelLayer {
  static readonly className = 'HDense';
  constructor(args: HDenseArgs) {
    super(knownOptions(args, new.target), { units: args.units }, null);
  }
}

/** HGQ v1's `HConv1D`. */
export class HConv1D extends HKernelLayer {
  static readonly className = 'HConv1D';
  constructor(args: HConvArgs) {
    super(knownOptions(args, new.target), { conv: args, rank: 1 }, null);
  }
}

/** HGQ v1's `HConv2D`. */
export class HConv2D extends HKernelLayer {
  static readonly className = 'HConv2D';
  constructor(args: HConvArgs) {
    super(knownOptions(args, new.target), { conv: args, rank: 2 }, null);
  }
}

/** HGQ v1's `HDenseBatchNorm`. */
export class HDenseBatchNorm extends HKernelLayer {
  static readonly className = 'HDenseBatchNorm';
  constructor(args: HDenseArgs & HBatchNormArgs) {
    super(knownOptions(args, new.target), { units: args.units }, args);
  }
}

/** HGQ v1's `HConv1DBatchNorm`. */
export class HConv1DBatchNorm extends HKernelLayer {
  static readonly className = 'HConv1DBatchNorm';
  constructor(args: HConvArgs & HBatchNormArgs) {
    super(knownOptions(args, new.target), { conv: args, rank: 1 }, args);
  }
}

/** HGQ v1's `HConv2DBatchNorm`. */
export class HConv2DBatchNorm extends HKernelLayer {
  static readonly className = 'HConv2DBatchNorm';
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
