import type * as tf from '@tensorflow/tfjs';
import type { CostFunction, CostOperand } from '../ebops/operand.ts';
import type { CallContext } from '../quantizer/call-context.ts';
import type { Quantizer } from '../quantizer/quantizer.ts';
import { knownOptions } from './known-options.ts';
import type { LayerArgs } from './layer-args.ts';
import { base, names, type OptionNames } from './option-list.ts';
import { QLayer, type QuantizerLike, quantizerConfigOf, type Shape } from './q-layer.ts';

/** Arguments of `quantizer`. */
export interface QuantizerLayerArgs extends LayerArgs {
  /** What to quantise to; place `datalane` unless it says otherwise. */
  readonly config?: QuantizerLike | null;
}

/** A quantizer as a layer of its own; see `quantizer`. */
export class QuantizerLayer extends QLayer {
  static readonly className = 'Quantizer';
  static readonly options: OptionNames = names<QuantizerLayerArgs>('config', { ...base, config: 0 });

  constructor(args: QuantizerLayerArgs = {}) {
    const { config, ...rest } = knownOptions(args, new.target);
    super({ ...rest, enableEbops: false, enableIq: true, enableOq: false, iqConf: config ?? null });
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape | Shape[] {
    return inputShape;
  }

  override getConfig(): tf.serialization.ConfigDict {
    // What `quantizer` takes; what it sets itself is left out.
    const { known } = QuantizerLayer.options;
    const options = Object.entries(super.getConfig()).filter(([option]) => known.includes(option));
    return { ...Object.fromEntries(options), config: quantizerConfigOf(this.iq) };
  }

  protected override buildInner(): void {}

  protected override forward([x]: tf.Tensor[], context: CallContext): tf.Tensor {
    return this.quantisedInput(x, context);
  }

  protected override innerQuantizers(): Readonly<Record<string, Quantizer | null>> {
    return {};
  }

  protected override costOperands(): readonly CostOperand[] {
    return [];
  }

  protected override costFunction(): CostFunction {
    return () => ({ value: 0, gradients: [] });
  }
}

/**
 * Quantises its input (hgq2 §2.6); costs no EBOPs. Any shape; the output has the input's.
 *
 * @example
 * const q = quantizer({ config: { i0: 1, f0: 7, overflowMode: 'SAT', heterogeneousAxis: [] } }).apply(x);
 */
export function quantizer(args: QuantizerLayerArgs = {}): QuantizerLayer {
  return new QuantizerLayer(args);
}
