import { names, type OptionNames } from './option-list.ts';
import { QConv, type QConvArgs, qConvOptions } from './q-conv.ts';

/** Convolution along one axis; see `qConv1D`. */
export class QConv1D extends QConv {
  static readonly className = 'QConv1D';
  static readonly options: OptionNames = names<QConvArgs>('filters', qConvOptions);

  constructor(args: QConvArgs) {
    super(args, 1);
  }
}

/**
 * Quantised convolution along one axis (hgq2 §5.2): `activation(conv(iq(x), kq(kernel)) + bq(bias))`,
 * `[batch, length, in] → [batch, length', filters]`. Channels last; strides or dilation, groups, and padding 'valid',
 * 'same' or 'causal'. The input is quantised before padding, so 'causal' also works with one format per position, which
 * the reference cannot (hgq2 §8.1, 15).
 *
 * @throws on sizes that are not whole, strides together with dilation, and windows larger than the input.
 * @example
 * const y = qConv1D({ filters: 8, kernelSize: 3, padding: 'causal', dilationRate: 2 }).apply(x);
 */
export function qConv1D(args: QConvArgs): QConv1D {
  return new QConv1D(args);
}
