import * as tf from '@tensorflow/tfjs';
import { layerDefaults } from '../config/layer-config-scope.ts';
import type { Place, QuantizerConfig, QuantizerOptions } from '../config/quantizer-settings.ts';
import { quantizerToConfig, resolveQuantizer } from '../config/serialise.ts';
import { type LossPart, type LossTerm, layerLoss, monoL1Part } from '../ebops/layer-loss.ts';
import { type CostFunction, type CostOperand, costOf, costPart, currentCost } from '../ebops/operand.ts';
import { LayerError } from '../layer-error.ts';
import { tidy } from '../ops/tf.ts';
import { type CallContext, callContext } from '../quantizer/call-context.ts';
import { makeQuantizer } from '../quantizer/make-quantizer.ts';
import type { AddVariable, Quantizer } from '../quantizer/quantizer.ts';
import { StateVariable } from '../quantizer/state-variable.ts';
import type { LayerArgs } from './layer-args.ts';
import { base, type Names } from './option-list.ts';
import { SingleOutputLayer } from './output-layers.ts';
import { ownTensors } from './own-tensors.ts';

/** A shape with the batch axis first; `null` = unknown size. */
export type Shape = (number | null)[];

/** A quantizer config, or the parts of one that differ from the defaults in force. */
export type QuantizerLike = QuantizerConfig | QuantizerOptions;

/** Arguments common to all quantised layers. Defaults come from `layerConfigScope`. */
export interface QLayerArgs extends LayerArgs {
  /** Count EBOPs and add `beta · ebopsFactor · EBOPs` to the loss. Default: as in scope, and only with input quantizer. */
  readonly enableEbops?: boolean | null;
  /** Initial weight of the EBOPs in the loss; see the property `beta`. */
  readonly beta0?: number | null;
  /** Quantise inputs. */
  readonly enableIq?: boolean | null;
  /** Quantise outputs. */
  readonly enableOq?: boolean | null;
  /** Input quantizer; place `datalane`. */
  readonly iqConf?: QuantizerLike | null;
  /** Output quantizer; place `datalane`. */
  readonly oqConf?: QuantizerLike | null;
  /** Multiplies the layer's EBOPs, in the loss and in the read-out. Default 1. */
  readonly ebopsFactor?: number | null;
}

/** Their names. */
export const qLayerOptions: Names<QLayerArgs> = {
  ...base,
  enableIq: 0,
  enableOq: 0,
  iqConf: 0,
  oqConf: 0,
  enableEbops: 0,
  beta0: 0,
  ebopsFactor: 0,
};

/**
 * Base of all quantised layers: input quantizer → the layer's own operation on quantised weights → output quantizer
 * (hgq2 §5.1).
 *
 * EBOPs and regularisers are a loss closure of tfjs-layers over the bit variables: stock `model.fit` adds it, a hand-written loop
 * adds `model.calculateLosses()`. tfjs evaluates it once per use of the layer in the model, after the forward pass, so it
 * sees the ranges of this very step. `evaluate` does not include it.
 */
export abstract class QLayer extends SingleOutputLayer {
  readonly enableEbops: boolean;
  readonly enableIq: boolean;
  readonly enableOq: boolean;
  readonly beta0: number;
  /** Multiplies the layer's EBOPs; may be changed at any time. */
  ebopsFactor: number;
  /** Input quantizer, or null when disabled. */
  readonly iq: Quantizer | null;
  /** Output quantizer, or null when disabled. */
  readonly oq: Quantizer | null;
  private betaState: StateVariable | null = null;
  private readonly lossParts: LossPart[] = [];

  constructor(args: QLayerArgs) {
    super(args);
    const defaults = layerDefaults();
    this.enableIq = args.enableIq ?? defaults.enableIq;
    this.enableOq = args.enableOq ?? defaults.enableOq;
    this.enableEbops = args.enableEbops ?? (defaults.enableEbops && this.enableIq);
    this.beta0 = this.nonNegative('beta0', args.beta0 ?? defaults.beta0);
    this.ebopsFactor = this.nonNegative('ebopsFactor', args.ebopsFactor ?? 1);
    if (this.enableEbops && this.costNeedsIq && !this.enableIq) {
      throw new LayerError(
        `Layer '${this.name}': enableEbops needs the input quantizer. Set enableIq: true or enableEbops: false.`,
        { option: 'enableEbops', value: true },
      );
    }
    this.iq = this.enableIq && this.hasOwnIq ? this.quantizer('iq', args.iqConf, 'datalane') : null;
    this.oq = this.enableOq ? this.quantizer('oq', args.oqConf, 'datalane') : null;
  }

  /** Weight of the EBOPs in the loss; set it during training to move along the cost–accuracy front. */
  get beta(): number {
    return this.betaState == null ? this.beta0 : this.betaState.values[0];
  }

  set beta(value: number) {
    if (!this.enableEbops)
      throw new LayerError(`Layer '${this.name}': it does not count EBOPs, so it has no beta. Set enableEbops: true.`, {
        option: 'beta',
        value,
      });
    if (this.betaState == null)
      throw new LayerError(`Layer '${this.name}': set beta after the model is built, or give beta0.`, {
        option: 'beta',
        value,
      });
    this.betaState.assign(new Float32Array([this.nonNegative('beta', value)]));
  }

  /**
   * Effective bit operations at the current bit widths, times `ebopsFactor`, cut to a whole number; 0 when disabled.
   * The reference reports the value of the last training batch before its update.
   */
  get ebops(): number {
    if (!this.enableEbops || !this.built) return 0;
    return Math.trunc(currentCost(this.costOperands(), this.costFunction()) * this.ebopsFactor);
  }

  /**
   * EBOPs that each weight of the kernel brings at the current bit widths, row-major: its bits times those of the inputs it meets, times
   * `ebopsFactor`. Null for layers without a kernel, or that count no EBOPs.
   */
  kernelEbops(): Float64Array | null {
    const operands = this.enableEbops && this.built ? this.costOperands() : [];
    const kernel = operands.findIndex(({ quantizer }) => quantizer === this.quantizers.get('kq'));
    if (kernel < 0) return null;
    const { bits, cost } = costOf(operands, this.costFunction());
    // The cost is linear in the bits of each operand.
    return cost.gradients[kernel].map((slope, j) => slope * bits[kernel][j] * this.ebopsFactor);
  }

  /** What the layer adds to the loss now, term by term: regularisers of bit widths, and `beta · ebopsFactor · EBOPs`. */
  get lossTerms(): readonly LossTerm[] {
    return this.lossParts.map((part) => ({ name: part.name, value: part.evaluate().value }));
  }

  /** The layer's quantizers by role: iq, kq, bq, oq, …; present ones only. */
  get quantizers(): ReadonlyMap<string, Quantizer> {
    const named = Object.entries({ iq: this.iq, ...this.innerQuantizers(), oq: this.oq });
    return new Map(named.filter((entry): entry is [string, Quantizer] => entry[1] != null));
  }

  override build(inputShape: Shape | Shape[]): void {
    if (this.enableEbops) {
      const beta = this.addWeight(
        'beta',
        [],
        'float32',
        tf.initializers.constant({ value: this.beta0 }),
        undefined,
        false,
      );
      this.betaState = new StateVariable(beta);
    }
    const inputs = dataShapes(inputShape);
    this.iq?.build(this.quantisedInputShape(inputs), this.variablesOf('iq'));
    this.buildInner(inputs);
    this.oq?.build(dataShapes(this.computeOutputShape(inputShape))[0], this.variablesOf('oq'));
    if (this.enableEbops) {
      for (const cost of this.costTerms()) {
        this.lossParts.push(costPart(this.costOperands(), cost, () => this.beta * this.ebopsFactor));
      }
    }
    if (this.lossParts.length > 0) this.addLoss(() => layerLoss(this.lossParts));
    this.built = true;
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: { [key: string]: unknown }): tf.Tensor | tf.Tensor[] {
    return tidy(() => {
      const context = callContext(kwargs);
      const y = this.forward(ownTensors(inputs, this.name), context);
      return this.oq == null || this.quantisesInside ? y : this.oq.call(y, context);
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      ...super.getConfig(),
      enableEbops: this.enableEbops,
      beta0: this.beta0,
      enableIq: this.enableIq,
      enableOq: this.enableOq,
      ebopsFactor: this.ebopsFactor,
      iqConf: quantizerConfigOf(this.iq),
      oqConf: quantizerConfigOf(this.oq),
    };
  }

  /** Whether the cost depends on the input quantizer. */
  protected get costNeedsIq(): boolean {
    return true;
  }

  /** Whether the layer quantises its input itself; else the layers that it is made of do. */
  protected get hasOwnIq(): boolean {
    return true;
  }

  /** Whether `forward` applies the output quantizer itself, somewhere inside. */
  protected get quantisesInside(): boolean {
    return false;
  }

  /** The layer's operation up to, not including, the output quantizer. */
  protected abstract forward(inputs: tf.Tensor[], context: CallContext): tf.Tensor;

  /** Creates weights and the quantizers other than iq and oq. `inputs`: shapes with `null` as batch size. */
  protected abstract buildInner(inputs: Shape[]): void;

  /** Quantizers other than iq and oq. */
  protected abstract innerQuantizers(): Readonly<Record<string, Quantizer | null>>;

  /** What the cost depends on, in the order `costFunction` expects. */
  protected abstract costOperands(): readonly CostOperand[];

  protected abstract costFunction(): CostFunction;

  /** The cost as the terms that stand in the loss one by one. */
  protected costTerms(): readonly CostFunction[] {
    return [this.costFunction()];
  }

  /** Shape of what iq quantises. */
  protected quantisedInputShape(inputs: Shape[]): Shape {
    return inputs[0];
  }

  /** Makes a quantizer of this layer; call it in the constructor, where the scopes around the layer are in force. */
  protected quantizer(role: string, given: QuantizerLike | null | undefined, place: Place): Quantizer {
    return makeQuantizer(configOf(given, place, `Layer '${this.name}': ${role}Conf`), `${this.name}/${role}`);
  }

  /** The iq's output, or `x` itself without iq. */
  protected quantisedInput(x: tf.Tensor, context: CallContext): tf.Tensor {
    return this.iq == null ? x : this.iq.call(x, context);
  }

  /** @throws unless a weight of the loss is a number from 0; others would reward bits, or make the loss NaN. */
  private nonNegative(name: string, value: number): number {
    if (Number.isFinite(value) && value >= 0) return value;
    throw new LayerError(`Layer '${this.name}': ${name} = ${value}; expected a finite number ≥ 0.`, {
      option: name,
      value,
    });
  }

  /** Lets a quantizer own variables of this layer, named `role/…`. */
  protected variablesOf(role: string): AddVariable {
    return ({ name, shape, initial, trainable, constraint, monoL1 }) => {
      const initializer = tf.initializers.constant({ value: initial });
      const weight = this.addWeight(`${role}/${name}`, [...shape], 'float32', initializer, undefined, trainable);
      const state = new StateVariable(weight, constraint);
      if (trainable && monoL1 !== 0) this.lossParts.push(monoL1Part(`${role}/${name}`, state, monoL1));
      return state;
    };
  }
}

/** Parallelization factors count from 1; −1 means all positions at once (hgq2 §4.2). */
export const allPositions = -1;

/** Shapes as a list, batch axis unknown. */
export function dataShapes(shape: Shape | Shape[]): Shape[] {
  const list = (Array.isArray(shape[0]) ? shape : [shape]) as Shape[];
  return list.map(([, ...rest]) => [null, ...rest]);
}

/** A quantizer's settings for `getConfig`. */
export function quantizerConfigOf(quantizer: Quantizer | null): tf.serialization.ConfigDict | null {
  return quantizer == null ? null : quantizerToConfig(quantizer.config);
}

/** @throws naming the layer: a configuration alone does not know whose it is. */
function configOf(given: QuantizerLike | null | undefined, place: Place, where: string): QuantizerConfig {
  try {
    return resolveQuantizer(given, place);
  } catch (cause) {
    if (!(cause instanceof LayerError)) throw cause;
    const { message, option, value } = cause;
    throw new LayerError(`${where}: ${message}`, { ...(option != null && { option }), value, cause });
  }
}
