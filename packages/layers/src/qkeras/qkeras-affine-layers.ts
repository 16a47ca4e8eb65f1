import { QKerasAffine, type QKerasAffineArgs } from './qkeras-affine.ts';

/** QKeras' `QDense`. */
export class QKerasDense extends QKerasAffine {
  static override readonly className = 'QKerasDense';
  constructor(args: QKerasAffineArgs) {
    super(args, 'Dense');
  }
}

/** QKeras' `QConv1D`. */
export class QKerasConv1D extends QKerasAffine {
  static override readonly className = 'QKerasConv1D';
  constructor(args: QKerasAffineArgs) {
    super(args, 'Conv1D');
  }
}

/** QKeras' `QConv2D`. */
export class QKerasConv2D extends QKerasAffine {
  static override readonly className = 'QKerasConv2D';
  constructor(args: QKerasAffineArgs) {
    super(args, 'Conv2D');
  }
}

/** QKeras' `QDepthwiseConv2D`. */
export class QKerasDepthwiseConv2D extends QKerasAffine {
  static override readonly className = 'QKerasDepthwiseConv2D';
  constructor(args: QKerasAffineArgs) {
    super(args, 'DepthwiseConv2D');
  }
}

/** QKeras' `QSeparableConv1D`. */
export class QKerasSeparableConv1D extends QKerasAffine {
  static override readonly className = 'QKerasSeparableConv1D';
  constructor(args: QKerasAffineArgs) {
    super(args, 'SeparableConv1D');
  }
}

/** QKeras' `QSeparableConv2D`. */
export class QKerasSeparableConv2D extends QKerasAffine {
  static override readonly className = 'QKerasSeparableConv2D';
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
