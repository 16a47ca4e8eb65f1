import { formatTable } from '@sp/quant';
import type { FormatTable } from '@sp/quant/internal';
import { seededRandom } from '@sp/quant/numeric';
import * as tf from '@tensorflow/tfjs';
import { LayerError } from '../layer-error.ts';
import { knownOptions } from '../layers/known-options.ts';
import type { LayerArgs } from '../layers/layer-args.ts';
import { base, type Names } from '../layers/option-list.ts';
import type { Shape } from '../layers/q-layer.ts';
import type { Lowered, LowerScope } from '../lower/lowered.ts';
import { LowerError, requireValue } from '../lower/lowered.ts';
import type { SelfLowering } from '../lower/self-lowering.ts';
import { type CallContext, callContext } from '../quantizer/call-context.ts';
import type { HasQuantizedTensors, QuantizedTensor } from '../quantizer/quantized-tensors.ts';
import type { KifArrays } from './exact-bits.ts';
import { HQuantizer } from './h-quantizer.ts';
import { getDefaultPaqConf, type HQuantizerConfig, hQuantizerConfig, savedConfig } from './quantizer-config.ts';

/** Arguments all H-layers share. */
export interface HLayerArgs extends LayerArgs {
  /** Settings of the quantizer of the (pre-)activation, on top of the defaults. */
  readonly paqConf?: Partial<HQuantizerConfig> | null;
  /** Weight of the layer's BOPs in the loss. Default 0. */
  readonly beta?: number | null;
  /** Start of the random numbers of random rounding. Default 0. */
  readonly seed?: number | null;
}

/** Their names. */
export const hLayerOptions: Names<HLayerArgs> = { ...base, paqConf: 0, beta: 0, seed: 0 };

/** Base of HGQ v1's layers with a quantizer of their result (hgq1 §2.1). */
export abstract class HLayer extends tf.layers.Layer implements SelfLowering, HasQuantizedTensors {
  readonly paq: HQuantizer;
  readonly seed: number;
  protected readonly random: () => number;
  private readonly beta0: number;
  private variables: { readonly beta: tf.LayerVariable; readonly bops: tf.LayerVariable } | null = null;

  constructor(args: HLayerArgs) {
    super(knownOptions(args, new.target));
    this.seed = args.seed ?? 0;
    this.random = seededRandom(this.seed);
    const conf = hQuantizerConfig(args.paqConf, getDefaultPaqConf(), `Layer '${this.name}': paqConf`);
    this.paq = new HQuantizer(`${this.name}/paq`, conf, this.random);
    this.beta0 = args.beta ?? 0;
    if (!(Number.isFinite(this.beta0) && this.beta0 >= 0)) {
      throw new LayerError(`Layer '${this.name}': beta = ${args.beta}; expected a finite number ≥ 0.`, {
        option: 'beta',
        value: args.beta,
      });
    }
  }

  /** Weight of the layer's BOPs in the loss; may be changed during training. */
  get beta(): number {
    return this.variables == null ? this.beta0 : this.variables.beta.read().dataSync()[0];
  }

  set beta(value: number) {
    if (this.variables == null)
      throw new LayerError(`Layer '${this.name}': set beta after the model is built.`, { option: 'beta' });
    this.variables.beta.write(tf.scalar(value));
  }

  /** BOPs of the last training step, or of the last trace. */
  get bops(): number {
    return this.variables?.bops.read().dataSync()[0] ?? 0;
  }

  set bops(value: number) {
    this.variables?.bops.write(tf.scalar(value));
  }

  /** Whether a relu follows the quantizer: then negative values cost no bits. */
  get positiveOnly(): boolean {
    return false;
  }

  /** Quantizers whose bit widths are regularised. */
  get hQuantizers(): readonly HQuantizer[] {
    return [this.paq];
  }

  override build(inputShape: Shape | Shape[]): void {
    this.buildInner(inputShape);
    const output = this.computeOutputShape(inputShape) as Shape;
    this.paq.build([1, ...(output.slice(1) as number[])], 'activation_bw', this.addBits);
    this.paq.strategy = this.resolvedStrategy();
    const constant = (name: string, value: number): tf.LayerVariable =>
      this.addWeight(name, [], 'float32', tf.initializers.constant({ value }), undefined, false);
    this.variables = { beta: constant('beta', this.beta0), bops: constant('bops', 0) };
    this.addLoss(() => this.lossTerm());
    this.built = true;
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape | Shape[] {
    return inputShape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: { [key: string]: unknown }): tf.Tensor {
    return tf.tidy(() => this.forward([inputs].flat(), callContext(kwargs)));
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      ...super.getConfig(),
      paqConf: savedConfig(this.paq.config, `Layer '${this.name}': paqConf`),
      beta: this.beta,
      seed: this.seed,
    };
  }

  /** `[1, …]` shape of the output. */
  get bitsShape(): readonly number[] {
    return [1, ...((this.outputShape as Shape).slice(1) as number[])];
  }

  /** BOPs by approximate bits (differentiable, of the running training step) or exact ones. */
  countBops(_exact: boolean): tf.Scalar {
    return tf.scalar(0);
  }

  abstract lowerInto(scope: LowerScope, inputs: readonly Lowered[]): readonly Lowered[];
  protected abstract forward(inputs: tf.Tensor[], context: CallContext): tf.Tensor;
  protected buildInner(_inputShape: Shape | Shape[]): void {}

  /** What `auto` means without a bias: floor. */
  protected resolvedStrategy(): HQuantizer['strategy'] {
    const { rndStrategy } = this.paq.config;
    return rndStrategy === 'auto' ? 'floor' : rndStrategy;
  }

  protected readonly addBits = (
    name: string,
    shape: readonly number[],
    initial: number,
    trainable: boolean,
  ): tf.LayerVariable =>
    this.addWeight(name, [...shape], 'float32', tf.initializers.constant({ value: initial }), undefined, trainable);

  /** Rounding of the final cast in hardware. */
  protected get hardwareRounding(): 'TRN' | 'RND' {
    return this.paq.strategy === 'floor' ? 'TRN' : 'RND';
  }

  /** The quantizer on a value, or as the format of an input. */
  protected lowerQuantizer(scope: LowerScope, input: Lowered): Lowered {
    const format = this.formats(this.paq.exact(false));
    const modes = { round: this.hardwareRounding, overflow: scope.overflow };
    if (input.kind === 'open') return scope.input(input, format, modes);
    const { node } = requireValue(input, this.name);
    const quantised = scope.graph.requantize(`${this.name}.quantizer`, node, {
      to: format,
      ...modes,
      layer: this.name,
    });
    return { kind: 'value', node: quantised };
  }

  /** What its quantizer gives, once traced. */
  quantizedTensors(): readonly QuantizedTensor[] {
    if (!this.paq.traced) return [];
    const formats = this.formats(this.paq.exact(this.positiveOnly));
    return [{ role: 'output', shape: this.bitsShape.slice(1), formats }];
  }

  /** A table for the graph, which has no batch. */
  protected formats({ k, i, f }: KifArrays): FormatTable {
    return formatTable(this.paq.shape.slice(1), { k: Array.from(k), i: Array.from(i), f: Array.from(f) });
  }

  /** @throws LowerError instead of the quantizer's complaint when the range is not known */
  protected requireTraced(): void {
    if (this.paq.traced) return;
    throw new LowerError(
      this.name,
      'it has seen no data since its range was reset.',
      'Run hTraceMinMax(model, data) first.',
    );
  }

  private lossTerm(): tf.Scalar {
    return tf.tidy(() => {
      const regularisers = this.hQuantizers.flatMap((quantizer) => quantizer.penalties());
      // Before the first recorded step bits are not known: no cost rather than infinity.
      const bops = this.paq.traced ? this.countBops(false) : tf.scalar(0);
      this.bops = bops.dataSync()[0];
      return tf.addN([tf.mul(bops, this.beta), ...regularisers]) as tf.Scalar;
    });
  }
}
