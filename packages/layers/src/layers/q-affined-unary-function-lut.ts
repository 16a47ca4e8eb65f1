import * as tf from '@tensorflow/tfjs';
import { LayerError } from '../layer-error.ts';
import { add, mul } from '../ops/tf.ts';
import { applyUnary, evaluate, type UnaryFunction } from '../ops/unary-function.ts';
import type { CallContext } from '../quantizer/call-context.ts';
import { names, type OptionNames } from './option-list.ts';
import type { Shape } from './q-layer.ts';
import { QUnaryFunctionLUT, type QUnaryFunctionLUTArgs, unaryFunctionOptions } from './q-unary-function-lut.ts';

/** `oq(f(iq(x) · scale + bias))` by table; see `qAffinedUnaryFunctionLUT`. */
export class QAffinedUnaryFunctionLUT extends QUnaryFunctionLUT {
  static override readonly className = 'QAffinedUnaryFunctionLUT';
  static override readonly options: OptionNames = names<QUnaryFunctionLUTArgs>('activation', unaryFunctionOptions);
  private affine: { readonly scale: tf.LayerVariable; readonly bias: tf.LayerVariable } | null = null;

  override get tabled(): UnaryFunction {
    const [scale, bias] = [this.weightTensors.scale, this.weightTensors.bias].map((w) => w.read().dataSync()[0]);
    return { ...this.unary, value: (x) => evaluate(this.unary, Math.fround(Math.fround(x * scale) + bias)) };
  }

  protected override buildInner(inputs: Shape[]): void {
    super.buildInner(inputs);
    const [scale, bias] = [tf.initializers.ones(), tf.initializers.zeros()];
    this.affine = {
      scale: this.addWeight('scale', [1], 'float32', scale),
      bias: this.addWeight('bias', [1], 'float32', bias),
    };
  }

  protected override forward([input]: tf.Tensor[], context: CallContext): tf.Tensor {
    const { scale, bias } = this.weightTensors;
    return applyUnary(this.unary, add(mul(this.quantisedInput(input, context), scale.read()), bias.read()));
  }

  private get weightTensors(): NonNullable<typeof this.affine> {
    if (this.affine == null)
      throw new LayerError(`Layer '${this.name}' is used before it was built. Apply it to an input first.`);
    return this.affine;
  }
}

/**
 * A function by table behind a trained affine map: `oq(f(iq(x) · scale + bias))` with one trained `scale` (initially 1)
 * and one `bias` (0), both part of the table in firmware (hgq2 §5.2, QAffinedUnaryFunctionLUT). Otherwise as
 * `qUnaryFunctionLUT`.
 *
 * @throws as `qUnaryFunctionLUT`.
 * @example
 * const y = qAffinedUnaryFunctionLUT({ activation: 'tanh', iqConf: { i0: 2, f0: 4 } }).apply(x);
 */
export function qAffinedUnaryFunctionLUT(args: QUnaryFunctionLUTArgs): QAffinedUnaryFunctionLUT {
  return new QAffinedUnaryFunctionLUT(args);
}
