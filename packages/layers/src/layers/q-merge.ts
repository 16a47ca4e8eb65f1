import type * as tf from '@tensorflow/tfjs';
import type { QuantizerConfig } from '../config/quantizer-settings.ts';
import { quantizerToConfig, resolveQuantizer } from '../config/serialise.ts';
import type { CostOperand } from '../ebops/operand.ts';
import { LayerError } from '../layer-error.ts';
import type { CallContext } from '../quantizer/call-context.ts';
import { makeQuantizer } from '../quantizer/make-quantizer.ts';
import type { Quantizer } from '../quantizer/quantizer.ts';
import { knownOptions } from './known-options.ts';
import { type Names, without } from './option-list.ts';
import { dataShapes, QLayer, type QLayerArgs, type QuantizerLike, qLayerOptions, type Shape } from './q-layer.ts';

/** Arguments of layers with several inputs. */
export interface QMergeArgs extends Omit<QLayerArgs, 'iqConf'> {
  /** Input quantizers: one config for all inputs, or one per input; place `datalane`. */
  readonly iqConfs?: QuantizerLike | readonly QuantizerLike[] | null;
}

/** Their names. */
export const qMergeOptions: Names<QMergeArgs> = { ...without(qLayerOptions, 'iqConf'), iqConfs: 0 };

/**
 * Base of the layers with several inputs: each has its own input quantizer (hgq2 §5.1). Roles: `iq` for the first input,
 * `iq_1`, `iq_2`, … for the others.
 */
export abstract class QMerge extends QLayer {
  private readonly iqConfigs: readonly QuantizerConfig[];
  private further: readonly Quantizer[] = [];

  constructor(args: QMergeArgs) {
    const { iqConfs, ...rest } = knownOptions(args, new.target);
    const given = isList(iqConfs) ? iqConfs : [iqConfs ?? null];
    // Scopes around the layer are in force now, when the number of inputs is not known yet.
    const configs = given.map((config) => resolveQuantizer(config, 'datalane'));
    super({ ...rest, iqConf: configs[0] });
    this.iqConfigs = configs;
  }

  /** The input quantizers in the order of the inputs; empty when disabled. Known after the layer was built. */
  get iqs(): readonly Quantizer[] {
    return this.iq == null ? [] : [this.iq, ...this.further];
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { iqConf: _, ...config } = super.getConfig();
    const list = this.iqConfigs.map(quantizerToConfig);
    return { ...config, iqConfs: list.length === 1 ? list[0] : list };
  }

  /** Result for quantised inputs. */
  protected abstract merge(inputs: readonly tf.Tensor[]): tf.Tensor;

  /** Refuses numbers and shapes of inputs that the operation is not made for. Shapes have `null` for the batch only. */
  protected abstract checkInputs(inputs: readonly Shape[]): void;

  protected override buildInner(inputs: Shape[]): void {
    const shapes = this.knownShapes(inputs);
    this.checkInputs(shapes);
    if (this.iqConfigs.length !== 1 && this.iqConfigs.length !== shapes.length) {
      throw new LayerError(
        `Layer '${this.name}': ${this.iqConfigs.length} iqConfs for ${shapes.length} inputs. Give one, or one per input.`,
        { option: 'iqConfs', value: this.iqConfigs.length },
      );
    }
    if (this.iq == null) return;
    this.further = shapes.slice(1).map((shape, index) => {
      const role = `iq_${index + 1}`;
      const quantizer = makeQuantizer(this.iqConfigs[index + 1] ?? this.iqConfigs[0], `${this.name}/${role}`);
      quantizer.build(shape, this.variablesOf(role));
      return quantizer;
    });
  }

  protected override forward(inputs: tf.Tensor[], context: CallContext): tf.Tensor {
    const { iqs } = this;
    return this.merge(iqs.length === 0 ? inputs : inputs.map((x, index) => iqs[index].call(x, context)));
  }

  protected override innerQuantizers(): Readonly<Record<string, Quantizer | null>> {
    return Object.fromEntries(this.further.map((quantizer, index) => [`iq_${index + 1}`, quantizer]));
  }

  /** Operands with the given shapes, one per input. */
  protected operandsOf(shapes: readonly (readonly number[])[]): readonly CostOperand[] {
    return this.iqs.map((quantizer, index) => ({ quantizer, shape: shapes[index] }));
  }

  /** The shapes of all inputs. @throws naming the layer if a size is not known or there is only one input. */
  protected knownShapes(inputShape: Shape | Shape[]): readonly Shape[] {
    const shapes = dataShapes(inputShape);
    if (!Array.isArray(inputShape[0]) || shapes.length < 2) {
      throw new LayerError(`Layer '${this.name}': it takes two or more inputs: layer.apply([a, b]).`);
    }
    const open = shapes.find((shape) => shape.slice(1).some((extent) => extent == null));
    if (open != null)
      throw new LayerError(
        `Layer '${this.name}': input shape [${open.join(', ')}] is not fixed. Give all sizes but the batch.`,
      );
    return shapes;
  }
}

function isList(value: QMergeArgs['iqConfs']): value is readonly QuantizerLike[] {
  return Array.isArray(value);
}
