import { formatTable, type Weights } from '@sp/quant';
import { roundHalfEven } from '@sp/quant/numeric';
import * as tf from '@tensorflow/tfjs';
import { LayerError } from '../layer-error.ts';
import { initializerConfig, initializerOf } from '../layers/initializer.ts';
import type { Shape } from '../layers/q-layer.ts';
import { denseImage } from '../lower/dense-image.ts';
import { refuseDivisor } from '../lower/lower-quantizer.ts';
import { type Lowered, type LowerScope, requireValue } from '../lower/lowered.ts';
import { weightsOf } from '../lower/weights.ts';
import type { CallContext } from '../quantizer/call-context.ts';
import { type QuantizedTensor, shareOfZeros } from '../quantizer/quantized-tensors.ts';
import { minimalWidths } from './exact-bits.ts';
import type { HBatchNormArgs, HKernelArgs, KernelGeometry } from './h-kernel-args.ts';
import { HLayer } from './h-layer.ts';
import { HQuantizer } from './h-quantizer.ts';
import { inputBits } from './input-bits.ts';
import { KernelOperation } from './kernel-operation.ts';
import { getDefaultKqConf, hQuantizerConfig, savedConfig } from './quantizer-config.ts';
import { container, formatsOfValues } from './scalar-kif.ts';

interface BatchNorm {
  readonly gamma: tf.LayerVariable | null;
  readonly beta: tf.LayerVariable | null;
  readonly mean: tf.LayerVariable;
  readonly variance: tf.LayerVariable;
}

/** Dense layers and convolutions of HGQ v1, with or without a folded batch normalisation (hgq1 §2.4, §2.5, §2.7). */
export abstract class HKernelLayer extends HLayer {
  readonly kq: HQuantizer;
  readonly activation: 'linear' | 'relu';
  readonly useBias: boolean;
  readonly parallelFactor: number | null;
  private readonly args: HKernelArgs;
  private readonly operation: KernelOperation;
  /** A shift was asked for that a layer without bias does not have. */
  private readonly unshifted: boolean;
  private readonly norm: Required<{ [K in keyof HBatchNormArgs]: NonNullable<HBatchNormArgs[K]> }> | null;
  /** Input shape of the build. */
  private builtFor: Shape = [];
  private parts: {
    readonly kernel: tf.LayerVariable;
    readonly bias: tf.LayerVariable | null;
    readonly norm: BatchNorm | null;
  } | null = null;

  constructor(args: HKernelArgs, geometry: KernelGeometry, norm: HBatchNormArgs | null) {
    super(args);
    const where = `Layer '${this.name}'`;
    this.args = args;
    const activation = args.activation ?? 'linear';
    if (activation !== 'linear' && activation !== 'relu') {
      throw new LayerError(
        `${where}: activation = '${activation}'; expected 'linear' or 'relu'. Put hActivation behind the layer.`,
        { option: 'activation', value: activation },
      );
    }
    this.activation = activation;
    this.useBias = args.useBias ?? true;
    this.operation = new KernelOperation(geometry, this.name);
    this.parallelFactor = args.parallelFactor ?? (this.operation.isConv ? 1 : null);
    const conf = hQuantizerConfig(args.kqConf, getDefaultKqConf(), `${where}: kqConf`);
    this.kq = new HQuantizer(`${this.name}/kq`, conf, this.random);
    this.unshifted = norm != null && (norm.center ?? true) && !this.useBias;
    this.norm =
      norm == null
        ? null
        : {
            momentum: norm.momentum ?? 0.99,
            epsilon: norm.epsilon ?? 1e-3,
            center: (norm.center ?? true) && this.useBias,
            scale: norm.scale ?? true,
          };
  }

  override get positiveOnly(): boolean {
    return this.activation === 'relu';
  }

  override get hQuantizers(): readonly HQuantizer[] {
    return [this.kq, this.paq];
  }

  /** Whether it is a convolution. */
  get isConv(): boolean {
    return this.operation.isConv;
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    return this.operation.outputShape(inputShape as Shape);
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { norm } = this;
    return {
      ...super.getConfig(),
      ...this.operation.config,
      ...(norm == null ? {} : norm),
      activation: this.activation,
      useBias: this.useBias,
      kqConf: savedConfig(this.kq.config, `Layer '${this.name}': kqConf`),
      doAdaptKernelBits: this.args.doAdaptKernelBits ?? true,
      parallelFactor: this.parallelFactor,
      kernelInitializer: initializerConfig(initializerOf(this.args.kernelInitializer, 'glorotUniform', this.name)),
      biasInitializer: initializerConfig(initializerOf(this.args.biasInitializer, 'zeros', this.name)),
    };
  }

  /** Fits the kernel's bit widths to its values (hgq1 §1.6), e.g. after kernels were set by hand. */
  adaptKernelBits(): void {
    this.kq.adapt(this.weightParts().kernel.read());
  }

  /** Kernel and bias as deployed: quantised, the normalisation folded in, half a step added where hardware truncates. */
  deployed(): { readonly kernel: tf.Tensor; readonly bias: Float32Array | null } {
    const { kernel, bias } = this.folded();
    const quantised = this.kq.call(kernel, 'inference');
    if (bias == null) return { kernel: quantised, bias: null };
    const bits = this.paq.biasBits();
    const alive = this.aliveChannels(bias.size);
    const rounds = this.paq.strategy !== 'floor' && this.biasCoversRounding;
    const values = this.paq.callBias(bias, 'inference').dataSync<'float32'>();
    const half = (c: number): number => (rounds ? 2 ** (-roundHalfEven(bits[bits.length === 1 ? 0 : c]) - 1) : 0);
    return { kernel: quantised, bias: values.map((value, c) => (alive[c] ? value + half(c) : 0)) };
  }

  /** Whether adding half a step to the bias rounds every value: one bit width for all, or per channel. */
  get biasCoversRounding(): boolean {
    if (!this.useBias) return false;
    const { shape } = this.paq;
    const size = shape.reduce((product, extent) => product * extent, 1);
    return size === 1 || (size === shape.at(-1) && size === this.bitsShapeOf().at(-1));
  }

  /** Bits of the quantised kernel without sign: exact ones, or the approximate, differentiable ones of a training step. */
  kernelBits(exact: boolean): tf.Tensor {
    const { kernel } = this.folded();
    const values = (exact ? null : this.trainingKernel) ?? this.kq.call(kernel, 'inference').dataSync<'float32'>();
    return exact
      ? tf.tensor(minimalWidths(values), kernel.shape, 'float32')
      : this.kq.approximateKernel(values, kernel.shape);
  }

  /** Each weight in the smallest format that holds it, as its bits are counted; the bias in one format. */
  override quantizedTensors(): readonly QuantizedTensor[] {
    const { kernel, bias } = this.deployed();
    const values = kernel.dataSync<'float32'>().slice();
    const { shape } = kernel;
    kernel.dispose();
    const weights: QuantizedTensor = {
      role: 'weights',
      shape,
      formats: formatsOfValues(values, shape),
      zeros: shareOfZeros(values),
    };
    const biases: readonly QuantizedTensor[] =
      bias == null
        ? []
        : [
            {
              role: 'bias',
              shape: [bias.length],
              formats: formatTable([1], container(Array.from(bias))),
              zeros: shareOfZeros(bias),
            },
          ];
    return [weights, ...biases, ...super.quantizedTensors()];
  }

  override countBops(exact: boolean): tf.Scalar {
    const bits = inputBits(this, exact);
    const weights = this.kernelBits(exact);
    const products = this.operation.apply(bits, weights);
    const sum = tf.sum(products);
    if (!this.operation.isConv) return sum as tf.Scalar;
    const positions = this.bitsShapeOf()
      .slice(1, -1)
      .reduce((product, extent) => product * extent, 1);
    return tf.div(tf.mul(sum, this.parallelFactor ?? 1), positions) as tf.Scalar;
  }

  lowerInto(scope: LowerScope, [input]: readonly Lowered[]): readonly Lowered[] {
    this.requireTraced();
    const { name } = this;
    if (this.unshifted) {
      const message = 'its batch normalisation has no bias to shift with: center is off (give useBias: true).';
      scope.report({ kind: 'warning', layer: name, message });
    }
    const source = requireValue(input, name).node;
    refuseDivisor(source, name);
    const node = this.operation.lower(scope, denseImage(scope, source, name), this.lowerWeights());
    if (this.activation === 'linear') return [this.lowerQuantizer(scope, { kind: 'value', node })];
    const { k, i, f } = this.paq.exact(false);
    const round = this.hardwareRounding;
    // One format for all, fine enough that truncating to it first loses nothing (hgq1 §4.2).
    const to = { k: Math.max(...k) as 0 | 1, i: Math.max(...i), f: Math.max(...f) + (round === 'RND' ? 1 : 0) };
    const modes = { overflow: scope.overflow, layer: name };
    const first = scope.graph.requantize(`${name}.quantizer`, node, { to, round: 'TRN', ...modes });
    const relu = scope.graph.relu(`${name}.relu`, first, { layer: name });
    const second = this.formats(this.paq.exact(true));
    return [
      { kind: 'value', node: scope.graph.requantize(`${name}.relu_quantizer`, relu, { to: second, round, ...modes }) },
    ];
  }

  protected override buildInner(inputShape: Shape | Shape[]): void {
    const shape = inputShape as Shape;
    const channels = this.computeOutputShape(shape).at(-1) as number;
    const where = `Layer '${this.name}'`;
    const kernelShape = this.operation.kernelShape(shape);
    this.builtFor = shape;
    const kernel = this.addWeight(
      'kernel',
      [...kernelShape],
      'float32',
      initializerOf(this.args.kernelInitializer, 'glorotUniform', where),
    );
    const bias = this.useBias
      ? this.addWeight('bias', [channels], 'float32', initializerOf(this.args.biasInitializer, 'zeros', where))
      : null;
    const factor = this.operation.isConv ? (this.parallelFactor ?? 1) : 1;
    this.kq.build(kernelShape, 'kernel_bw', this.addBits, factor);
    const { rndStrategy } = this.kq.config;
    this.kq.strategy = rndStrategy === 'auto' ? 'standard_round' : rndStrategy;
    this.parts = { kernel, bias, norm: this.norm == null ? null : this.buildNorm(channels) };
    if ((this.args.doAdaptKernelBits ?? true) && !this.adaptsLate) this.adaptKernelBits();
  }

  protected override resolvedStrategy(): HQuantizer['strategy'] {
    const { rndStrategy } = this.paq.config;
    if (rndStrategy !== 'auto') return rndStrategy;
    return this.biasCoversRounding ? 'standard_round' : 'floor';
  }

  /** With a bias that covers the rounding hardware truncates. */
  protected override get hardwareRounding(): 'TRN' | 'RND' {
    return this.paq.strategy === 'floor' || this.biasCoversRounding ? 'TRN' : 'RND';
  }

  /** Dense layers with a normalisation fit their bit widths to the first training batch instead. */
  private get adaptsLate(): boolean {
    return this.norm != null && !this.operation.isConv;
  }

  protected forward([x]: tf.Tensor[], context: CallContext): tf.Tensor {
    if (context === 'training' && this.adaptsLate && (this.args.doAdaptKernelBits ?? true)) this.adaptToBatch(x);
    const { kernel, bias } =
      context === 'training' && this.norm != null && this.trainable ? this.foldedByBatch(x) : this.folded();
    const quantised = this.kq.call(kernel, context);
    this.trainingKernel = context === 'training' ? quantised.dataSync<'float32'>().slice() : null;
    const y = this.operation.apply(x, quantised);
    const z = this.paq.call(bias == null ? y : tf.add(y, this.paq.callBias(bias, context)), context);
    return this.activation === 'relu' ? tf.relu(z) : z;
  }

  /** Quantised kernel of the running training step, for its BOPs. */
  private trainingKernel: Float32Array | null = null;

  /**
   * Bit widths, if they are still what they were at the start, from the kernel as the normalisation will scale it: by the
   * spread of the layer's results with the kernel not yet quantised (hgq1 §2.7).
   */
  private adaptToBatch(x: tf.Tensor): void {
    const { initBw } = this.kq.config;
    if (!this.kq.fbw.dataSync<'float32'>().every((f) => f === Math.fround(initBw))) return;
    const { kernel, bias } = this.folded();
    const y = this.operation.apply(x, kernel);
    const z = this.paq.call(bias == null ? y : tf.add(y, this.paq.callBias(bias, 'inference')), 'inference');
    const result = this.activation === 'relu' ? tf.relu(z) : z;
    const { variance } = tf.moments(result, result.shape.map((_, axis) => axis).slice(0, -1));
    const { kernel: own, norm } = this.weightParts();
    const deviation = tf.sqrt(tf.add(variance, (this.norm as NonNullable<typeof this.norm>).epsilon));
    this.kq.adapt(tf.mul(own.read(), tf.div(norm?.gamma?.read() ?? 1, deviation)));
  }

  private buildNorm(channels: number): BatchNorm {
    const { center, scale } = this.norm as NonNullable<typeof this.norm>;
    const [zeros, ones] = [tf.initializers.zeros(), tf.initializers.ones()];
    return {
      beta: center ? this.addWeight('bn_beta', [channels], 'float32', zeros) : null,
      gamma: scale ? this.addWeight('bn_gamma', [channels], 'float32', ones) : null,
      mean: this.addWeight('moving_mean', [channels], 'float32', zeros, undefined, false),
      variance: this.addWeight('moving_variance', [channels], 'float32', ones, undefined, false),
    };
  }

  /** Weights before quantisation, the normalisation folded in with the moving statistics. */
  private folded(): { readonly kernel: tf.Tensor; readonly bias: tf.Tensor | null } {
    const { kernel, bias, norm } = this.weightParts();
    if (norm == null || this.norm == null) return { kernel: kernel.read(), bias: bias?.read() ?? null };
    return this.foldedWith(norm.mean.read(), norm.variance.read());
  }

  private foldedWith(
    mean: tf.Tensor,
    variance: tf.Tensor,
  ): { readonly kernel: tf.Tensor; readonly bias: tf.Tensor | null } {
    const { kernel, bias, norm } = this.weightParts();
    const { epsilon } = this.norm as NonNullable<typeof this.norm>;
    const deviation = tf.div(1, tf.sqrt(tf.add(variance, epsilon)));
    const scale = norm?.gamma == null ? deviation : tf.mul(norm.gamma.read(), deviation);
    const factor = norm?.gamma == null ? null : scale;
    const fused = factor == null ? kernel.read() : tf.mul(kernel.read(), factor);
    if (bias == null) return { kernel: fused, bias: null };
    if (norm?.beta == null) return { kernel: fused, bias: bias.read() };
    const shifted = tf.sub(bias.read(), mean);
    return { kernel: fused, bias: tf.add(factor == null ? shifted : tf.mul(shifted, factor), norm.beta.read()) };
  }

  /** A training step uses, and remembers in the moving averages, the statistics of its batch (mathematically right: hgq1 D7). */
  private foldedByBatch(x: tf.Tensor): { readonly kernel: tf.Tensor; readonly bias: tf.Tensor | null } {
    const { kernel, bias, norm } = this.weightParts();
    const { momentum } = this.norm as NonNullable<typeof this.norm>;
    const z = this.operation.apply(x, kernel.read());
    const { mean: centre, variance } = tf.moments(z, z.shape.map((_, axis) => axis).slice(0, -1));
    const mean = bias == null ? centre : tf.add(centre, bias.read());
    for (const [moving, now] of [
      [norm?.mean, mean],
      [norm?.variance, variance],
    ] as const) {
      moving?.write(tf.add(tf.mul(moving.read(), momentum), tf.mul(now, 1 - momentum)));
    }
    return this.foldedWith(mean, variance);
  }

  private lowerWeights(): { readonly kernel: Weights; readonly bias?: Weights } {
    const where = `Layer '${this.name}'`;
    const { kernel, bias } = this.deployed();
    const weights = weightsOf(kernel.dataSync<'float32'>(), kernel.shape, where);
    kernel.dispose();
    return { kernel: weights, ...(bias == null ? {} : { bias: weightsOf(bias, [bias.length], where) }) };
  }

  /** Channels that are not 0 everywhere by their formats. */
  private aliveChannels(channels: number): boolean[] {
    if (!this.paq.traced) return new Array<boolean>(channels).fill(true);
    const { k, i, f } = this.paq.exact(this.positiveOnly);
    const own = this.paq.shape.at(-1) as number;
    const alive = new Array<boolean>(channels).fill(false);
    for (let j = 0; j < k.length; j++) {
      if (k[j] + i[j] + f[j] <= 0) continue;
      if (own === 1) alive.fill(true);
      else alive[j % own] = true;
    }
    return alive;
  }

  /** `[1, …]` shape of the result, also while the layer is being built. */
  private bitsShapeOf(): readonly number[] {
    return [1, ...(this.operation.outputShape(this.builtFor).slice(1) as number[])];
  }

  private weightParts(): NonNullable<typeof this.parts> {
    if (this.parts == null) throw new LayerError(`Layer '${this.name}': it has no weights yet. Build the model first.`);
    return this.parts;
  }
}
