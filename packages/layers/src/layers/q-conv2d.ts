import { names, type OptionNames } from './option-list.ts';
import { QConv, type QConvArgs, qConvOptions } from './q-conv.ts';

/** Convolution of images; see `qConv2D`. */
export class QConv2D extends QConv {
  static readonly className = 'QConv2D';
  static readonly options: OptionNames = names<QConvArgs>('filters', qConvOptions);

  constructor(args: QConvArgs) {
    super(args, 2);
  }
}

/**
 * Quantised convolution of dense images (hgq2 §5.2): `activation(conv(iq(x), kq(kernel)) + bq(bias))`,
 * `[batch, H, W, in] → [batch, H', W', filters]`. Channels last; strides or dilation, groups (as many as channels: a
 * depthwise convolution), padding 'valid' or 'same'. For sparse images use `qConv2DSparse`.
 *
 * By default EBOPs count the bias as HGQ2 does, at input positions; see `biasEbops`.
 *
 * @throws on sizes that are not whole, strides together with dilation, and windows larger than the image.
 * @example
 * const y = qConv2D({ filters: 8, kernelSize: 3, strides: 2, activation: 'relu' }).apply(x);
 */
export function qConv2D(args: QConvArgs): QConv2D {
  return new QConv2D(args);
}
