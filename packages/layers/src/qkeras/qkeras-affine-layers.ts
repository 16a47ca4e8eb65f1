import { base, names, type OptionNames } from '../layers/option-list.ts';
import { QKerasAffine, type QKerasAffineArgs } from './qkeras-affine.ts';

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

/** QKeras' `QDense`. */
export class QKerasDense extends QKerasAffine {
  static override readonly className = 'QKerasDense';
  static readonly options: OptionNames = names<Affine<NotOfDense>>(
    'units',
    { ...shared, units: 0, kernelQuantizer: 0 },
    'qkerasDense',
  );
  constructor(args: QKerasAffineArgs) {
    super(args, 'Dense');
  }
}

/** QKeras' `QConv1D`. */
export class QKerasConv1D extends QKerasAffine {
  static override readonly className = 'QKerasConv1D';
  static readonly options: OptionNames = names<Affine<NotOfConv>>('filters', conv, 'qkerasConv1D');
  constructor(args: QKerasAffineArgs) {
    super(args, 'Conv1D');
  }
}

/** QKeras' `QConv2D`. */
export class QKerasConv2D extends QKerasAffine {
  static override readonly className = 'QKerasConv2D';
  static readonly options: OptionNames = names<Affine<NotOfConv>>('filters', conv, 'qkerasConv2D');
  constructor(args: QKerasAffineArgs) {
    super(args, 'Conv2D');
  }
}

/** QKeras' `QDepthwiseConv2D`. */
export class QKerasDepthwiseConv2D extends QKerasAffine {
  static override readonly className = 'QKerasDepthwiseConv2D';
  static readonly options: OptionNames = names<Affine<NotOfDepthwise>>(
    'kernelSize',
    depthwise,
    'qkerasDepthwiseConv2D',
  );
  constructor(args: QKerasAffineArgs) {
    super(args, 'DepthwiseConv2D');
  }
}

/** QKeras' `QSeparableConv1D`. */
export class QKerasSeparableConv1D extends QKerasAffine {
  static override readonly className = 'QKerasSeparableConv1D';
  static readonly options: OptionNames = names<Affine<NotOfSeparable>>('filters', separable, 'qkerasSeparableConv1D');
  constructor(args: QKerasAffineArgs) {
    super(args, 'SeparableConv1D');
  }
}

/** QKeras' `QSeparableConv2D`. */
export class QKerasSeparableConv2D extends QKerasAffine {
  static override readonly className = 'QKerasSeparableConv2D';
  static readonly options: OptionNames = names<Affine<NotOfSeparable>>('filters', separable, 'qkerasSeparableConv2D');
  constructor(args: QKerasAffineArgs) {
    super(args, 'SeparableConv2D');
  }
}

/**
 * QKeras' `QDense`: `activation(x · q(kernel) + q(bias))`. A kernel quantizer without alpha gets `alpha='auto_po2'`.
 *
 * @example
 * qkerasDense({ units: 10, kernelQuantizer: 'quantized_bits(4,0,1,alpha=1)', activation: 'quantized_relu(6,2)' });
 */
export const qkerasDense = (args: QKerasAffineArgs): QKerasDense => new QKerasDense(args);
/** QKeras' `QConv1D`; see `qkerasDense`. */
export const qkerasConv1D = (args: QKerasAffineArgs): QKerasConv1D => new QKerasConv1D(args);
/** QKeras' `QConv2D`; see `qkerasDense`. */
export const qkerasConv2D = (args: QKerasAffineArgs): QKerasConv2D => new QKerasConv2D(args);
/** QKeras' `QDepthwiseConv2D`; its quantizer is `depthwiseQuantizer`. */
export const qkerasDepthwiseConv2D = (args: QKerasAffineArgs): QKerasDepthwiseConv2D => new QKerasDepthwiseConv2D(args);
/** QKeras' `QSeparableConv1D`, with `depthwiseQuantizer` and `pointwiseQuantizer`. */
export const qkerasSeparableConv1D = (args: QKerasAffineArgs): QKerasSeparableConv1D => new QKerasSeparableConv1D(args);
/** QKeras' `QSeparableConv2D`, with `depthwiseQuantizer` and `pointwiseQuantizer`. */
export const qkerasSeparableConv2D = (args: QKerasAffineArgs): QKerasSeparableConv2D => new QKerasSeparableConv2D(args);
