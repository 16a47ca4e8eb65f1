import type * as tf from '@tensorflow/tfjs';
import { quantizerToConfig } from '../config/serialise.ts';
import { einsumCost } from '../ebops/einsum-cost.ts';
import type { LossTerm } from '../ebops/layer-loss.ts';
import type { CostFunction, CostOperand } from '../ebops/operand.ts';
import { LayerError } from '../layer-error.ts';
import { einsum } from '../ops/einsum.ts';
import { tensor } from '../ops/tf.ts';
import type { CallContext } from '../quantizer/call-context.ts';
import type { Quantizer } from '../quantizer/quantizer.ts';
import { adoptPart, shareInputQuantizer } from './adopt-part.ts';
import { type AttentionFuse, attentionOptions, type QMultiHeadAttentionArgs } from './attention-args.ts';
import { type AttentionConfigs, attentionConfigs } from './attention-configs.ts';
import { attentionEquations, outputProjection } from './attention-equations.ts';
import {
  type AttentionGeometry,
  type AttentionMask,
  attentionGeometry,
  causalMask,
  extents,
  type SizedEquation,
} from './attention-geometry.ts';
import { knownOptions } from './known-options.ts';
import { names, type OptionNames } from './option-list.ts';
import { QEinsumDense, type QEinsumDenseArgs } from './q-einsum-dense.ts';
import { allPositions, dataShapes, QLayer, type Shape } from './q-layer.ts';
import { QSoftmax } from './q-softmax.ts';
import { WeightSettings } from './weight-settings.ts';

/** The layers that an attention is made of. */
export interface AttentionParts {
  readonly query: QEinsumDense;
  readonly key: QEinsumDense;
  readonly value: QEinsumDense;
  readonly softmax: QSoftmax;
  readonly attention_output: QEinsumDense;
}

interface State extends AttentionGeometry {
  readonly parts: AttentionParts;
  readonly mask: AttentionMask | null;
  /** How many tensors the layer takes. */
  readonly inputs: number;
}

/** One each for query, value and key. */
export type Three<T> = readonly [query: T, value: T, key: T];

/** Attention with several heads; see `qMultiHeadAttention`. */
export class QMultiHeadAttention extends QLayer {
  static readonly className: string = 'QMultiHeadAttention';
  static readonly options: OptionNames = names<QMultiHeadAttentionArgs>('numHeads', attentionOptions);
  readonly numHeads: number;
  readonly keyDim: number;
  readonly valueDim: number;
  readonly useBias: boolean;
  readonly outputSizes: readonly number[] | null;
  readonly attentionAxes: readonly number[] | null;
  readonly useCausalMask: boolean;
  readonly fuse: AttentionFuse;
  readonly stableSoftmax: boolean;
  readonly softmaxAllowHeterogeneousTable: boolean;
  readonly parallelizationFactor: number;
  readonly weightSettings: WeightSettings;
  private readonly configs: AttentionConfigs;
  private state: State | null = null;

  constructor(given: QMultiHeadAttentionArgs) {
    const args = knownOptions(given, new.target);
    super(args);
    for (const option of ['numHeads', 'keyDim', 'valueDim', 'outputShape', 'attentionAxes'] as const) {
      const values = option === 'numHeads' || option === 'keyDim' ? [args[option]] : [args[option] ?? []].flat();
      if (values.some((value) => !Number.isInteger(value) || value < 1)) {
        throw this.problem(
          option,
          args[option],
          `${option} = ${JSON.stringify(args[option])}; expected whole numbers ≥ 1`,
        );
      }
    }
    this.numHeads = args.numHeads;
    this.keyDim = args.keyDim;
    this.valueDim = args.valueDim ?? args.keyDim;
    this.useBias = args.useBias ?? true;
    this.outputSizes = args.outputShape == null ? null : [args.outputShape].flat();
    this.attentionAxes = args.attentionAxes == null ? null : [args.attentionAxes].flat();
    this.useCausalMask = args.useCausalMask ?? false;
    this.fuse = args.fuse ?? 'none';
    if (!['none', 'kv', 'qkv'].includes(this.fuse)) {
      throw this.problem('fuse', this.fuse, `fuse = '${this.fuse}'; expected 'none', 'kv' or 'qkv'`);
    }
    this.stableSoftmax = args.stableSoftmax ?? true;
    this.softmaxAllowHeterogeneousTable = args.softmaxAllowHeterogeneousTable ?? false;
    this.parallelizationFactor = args.parallelizationFactor ?? allPositions;
    this.weightSettings = new WeightSettings(args, `Layer '${this.name}'`);
    this.configs = attentionConfigs(args, (option, given, place) => this.quantizer(option, given, place).config);
  }

  /** The layers it is made of. Known after the layer was built. */
  get parts(): AttentionParts {
    return this.builtState().parts;
  }

  /** Its own sums of products. Known after the layer was built. */
  get geometry(): AttentionGeometry {
    return this.builtState();
  }

  /** Zeros where a query must not look, ones elsewhere, batch included; null without a mask. */
  get mask(): AttentionMask | null {
    return this.builtState().mask;
  }

  override get beta(): number {
    return super.beta;
  }

  /** Also that of its parts. */
  override set beta(value: number) {
    super.beta = value;
    for (const part of this.allParts().values()) if (part.enableEbops) part.beta = value;
  }

  /** Of its own sums of products and of all parts, each cut to a whole number. */
  override get ebops(): number {
    return [...this.allParts().values()].reduce((sum, part) => sum + part.ebops, super.ebops);
  }

  override get lossTerms(): readonly LossTerm[] {
    const inner = [...this.allParts()].flatMap(([role, part]) =>
      part.lossTerms.map(({ name, value }) => ({ name: `${role}/${name}`, value })),
    );
    return [...super.lossTerms, ...inner];
  }

  /** Input quantizers that an input meets first. Known after the layer was built. */
  readersOf(index: number): readonly (Quantizer | null)[] {
    const { query, value, key } = this.firstReaders();
    const roles = threeOf(Array.from({ length: this.builtState().inputs }, (_, j) => j));
    return [query, value, key].filter((_, role) => roles[role] === index).map(({ iq }) => iq);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const [query] = this.checked(inputShape);
    return [...query.slice(0, -1), ...(this.outputSizes ?? [query[query.length - 1]])];
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { iqConf: _, ...config } = super.getConfig();
    const configs = Object.entries(this.configs).map(([option, value]) => [option, quantizerToConfig(value)]);
    return {
      ...config,
      numHeads: this.numHeads,
      keyDim: this.keyDim,
      valueDim: this.valueDim,
      useBias: this.useBias,
      outputShape: this.outputSizes == null ? null : [...this.outputSizes],
      attentionAxes: this.attentionAxes == null ? null : [...this.attentionAxes],
      useCausalMask: this.useCausalMask,
      fuse: this.fuse,
      ...this.weightSettings.config(),
      ...Object.fromEntries(configs),
      stableSoftmax: this.stableSoftmax,
      softmaxAllowHeterogeneousTable: this.softmaxAllowHeterogeneousTable,
      parallelizationFactor: this.parallelizationFactor,
    };
  }

  protected override buildInner(inputs: Shape[]): void {
    const [query, value, key] = this.projected(this.checked(inputs));
    const rank = query.length;
    const axes = this.axesOf(rank);
    const equations = attentionEquations(rank, axes);
    const inHeads = (shape: Shape, size: number): Shape => [...shape.slice(0, -1), this.numHeads, size];
    const heads = (role: 'query' | 'key' | 'value', shape: Shape): QEinsumDense => {
      const size = role === 'value' ? this.valueDim : this.keyDim;
      // A bias of the keys would add the same to all scores of a query.
      const biasAxes = this.useBias && role !== 'key' ? equations.heads.biasAxes : null;
      const outputShape = inHeads(shape, size).slice(1);
      return this.projection(role, { equation: equations.heads.equation, outputShape, biasAxes, enableOq: true });
    };
    const sizes = this.outputSizes ?? [query[rank - 1] as number];
    const { equation, biasAxes } = outputProjection(rank, sizes.length);
    const parts: AttentionParts = {
      query: heads('query', query),
      key: heads('key', key),
      value: heads('value', value),
      softmax: this.softmax(equations.softmaxAxes),
      attention_output: this.projection('attention_output', {
        equation,
        outputShape: [...query.slice(1, -1), ...sizes],
        biasAxes: this.useBias ? biasAxes : null,
        enableIq: true,
        enableOq: this.enableOq,
      }),
    };
    const { iq } = parts.value;
    if (iq != null && this.fuse !== 'none') shareInputQuantizer(parts.key, iq);
    if (iq != null && this.fuse === 'qkv') shareInputQuantizer(parts.query, iq);
    parts.value.build(value);
    parts.query.build(query);
    parts.key.build(key);
    const one = (shape: Shape, size: number): number[] => [1, ...(inHeads(shape, size).slice(1) as number[])];
    const inOne = { keys: one(key, this.keyDim), queries: one(query, this.keyDim), values: one(value, this.valueDim) };
    const geometry = attentionGeometry(equations, inOne, `Layer '${this.name}'`);
    const { scores } = geometry;
    parts.softmax.build([null, ...extents(scores, scores.output).slice(1)]);
    parts.attention_output.build(inHeads(query, this.valueDim));
    const mask = this.useCausalMask ? causalMask(scores) : null;
    if (mask != null && axes.join() !== '1') {
      throw this.problem(
        'useCausalMask',
        true,
        `useCausalMask with attentionAxes [${axes.join(', ')}]; expected the one axis 1`,
      );
    }
    this.state = { parts, mask, inputs: inputs.length, ...geometry };
  }

  protected override forward(inputs: tf.Tensor[], context: CallContext): tf.Tensor {
    const { parts, mask, scores, mixture } = this.builtState();
    const [query, value, key] = this.project(threeOf(inputs), context);
    const queries = called(parts.query, [query], context);
    const keys = called(parts.key, [key], context);
    const values = called(parts.value, [value], context);
    const products = einsum(scores, [keys, queries]);
    const masked = mask == null ? [products] : [products, tensor(mask.values, [...mask.shape])];
    const weights = called(parts.softmax, masked, context);
    return called(parts.attention_output, [einsum(mixture, [weights, values])], context);
  }

  protected override innerQuantizers(): Readonly<Record<string, Quantizer | null>> {
    const borrowed = { none: [], kv: ['key/iq'], qkv: ['key/iq', 'query/iq'] }[this.fuse] as readonly string[];
    const all = [...this.allParts()].flatMap(([role, part]) =>
      [...part.quantizers].map(([name, quantizer]) => [`${role}/${name}`, quantizer] as const),
    );
    return Object.fromEntries(all.filter(([name]) => !borrowed.includes(name)));
  }

  protected override get costNeedsIq(): boolean {
    return false;
  }

  protected override get hasOwnIq(): boolean {
    return false;
  }

  /** Keys, queries, weights, values. */
  protected override costOperands(): readonly CostOperand[] {
    const { parts, scores, mixture } = this.builtState();
    const operand = (part: QLayer, equation: SizedEquation, index: number): CostOperand => ({
      quantizer: part.oq as Quantizer,
      shape: extents(equation, equation.operands[index]),
    });
    return [
      operand(parts.key, scores, 0),
      operand(parts.query, scores, 1),
      operand(parts.softmax, mixture, 0),
      operand(parts.value, mixture, 1),
    ];
  }

  protected override costFunction(): CostFunction {
    const { scores, mixture } = this.builtState();
    const factor = this.parallelizationFactor > 0 ? this.parallelizationFactor : 1;
    return ([key, query, weights, value]) => {
      const first = einsumCost(scores.operands, scores.sizes, [key, query]);
      const second = einsumCost(mixture.operands, mixture.sizes, [weights, value]);
      return {
        value: factor * (first.value + second.value),
        gradients: [...first.gradients, ...second.gradients].map((gradient) => gradient.map((g) => factor * g)),
      };
    };
  }

  /** Shapes of query, value and key as the projections to heads see them. */
  protected projected(shapes: Three<Shape>): Three<Shape> {
    return shapes;
  }

  /** As `projected`, of tensors. */
  protected project(tensors: Three<tf.Tensor>, _context: CallContext): Three<tf.Tensor> {
    return tensors;
  }

  /** The parts that query, value and key meet first. */
  protected firstReaders(): Readonly<Record<'query' | 'value' | 'key', QEinsumDense>> {
    return this.parts;
  }

  /** All parts by role; none before the layer is built. */
  protected allParts(): ReadonlyMap<string, QLayer> {
    return new Map(Object.entries(this.state?.parts ?? {}));
  }

  /** A new part with a kernel, on the layer's quantizer configs. */
  protected projection(
    role: string,
    args: Pick<QEinsumDenseArgs, 'equation' | 'outputShape' | 'biasAxes' | 'enableIq' | 'enableOq'>,
  ): QEinsumDense {
    const { qkvoIqConf, qkvoKqConf, qkvoBqConf, qkvoOqConf } = this.configs;
    const enableIq = args.enableIq ?? this.enableIq;
    const part = new QEinsumDense({
      ...args,
      name: `${this.name}/${role}`,
      enableIq,
      enableEbops: this.enableEbops && enableIq,
      beta0: this.beta0,
      parallelizationFactor: this.parallelizationFactor,
      ...this.weightSettings.config(),
      iqConf: qkvoIqConf,
      kqConf: qkvoKqConf,
      bqConf: qkvoBqConf,
      oqConf: qkvoOqConf,
    });
    return adoptPart(this, role, part);
  }

  /** Axes of the positions attended to. */
  protected axesOf(rank: number): readonly number[] {
    const axes = this.attentionAxes ?? Array.from({ length: rank - 2 }, (_, j) => j + 1);
    if (axes.length > 0 && new Set(axes).size === axes.length && axes.every((axis) => axis <= rank - 2)) return axes;
    throw this.problem(
      'attentionAxes',
      axes,
      `attentionAxes = [${axes.join(', ')}] of data of rank ${rank}; expected different axes between batch (0) and features (${rank - 1})`,
    );
  }

  protected problem(option: string, value: unknown, text: string): LayerError {
    return new LayerError(`Layer '${this.name}': ${text}.`, { option, value });
  }

  private softmax(axis: readonly number[]): QSoftmax {
    const { configs } = this;
    const part = new QSoftmax({
      name: `${this.name}/softmax`,
      axis,
      stable: this.stableSoftmax,
      enableIq: false,
      enableOq: true,
      enableEbops: this.enableEbops && this.stableSoftmax,
      beta0: this.beta0,
      expIqConf: configs.softmaxExpIqConf,
      expOqConf: configs.softmaxExpOqConf,
      invIqConf: configs.softmaxInvIqConf,
      invOqConf: configs.softmaxInvOqConf,
      oqConf: configs.softmaxOqConf,
      allowHeterogeneousTable: this.softmaxAllowHeterogeneousTable,
      inputScaler: 1 / Math.sqrt(this.keyDim),
    });
    return adoptPart(this, 'softmax', part);
  }

  /** Shapes of query, value and key. @throws unless there are one to three inputs that fit together. */
  private checked(inputShape: Shape | Shape[]): Three<Shape> {
    const inputs = dataShapes(inputShape);
    const [query, value, key] = threeOf(inputs);
    const fixed = inputs.every((shape) => shape.length > 2 && shape.slice(1).every((extent) => extent != null));
    const fits =
      value.length === query.length && value.slice(1, -1).join() === key.slice(1, -1).join() && inputs.length <= 3;
    if (fixed && fits) return [query, value, key];
    throw this.problem(
      'inputs',
      inputs,
      `inputs ${JSON.stringify(inputs)}; expected query, [query, value] or [query, value, key] of shapes [batch, positions…, features] with fixed sizes, value and key with the same positions`,
    );
  }

  private builtState(): State {
    if (this.state == null)
      throw new LayerError(`Layer '${this.name}' is used before it was built. Apply it to an input first.`);
    return this.state;
  }
}

/** Query, value and key: the value is the query, and the key the value, where they are not given. */
export function threeOf<T>([query, value = query, key = value]: readonly T[]): Three<T> {
  return [query, value, key];
}

/** A part's output in a context. */
export function called(part: QLayer, inputs: tf.Tensor[], context: CallContext): tf.Tensor {
  return part.call(inputs, { training: context === 'training', tracing: context === 'tracing' }) as tf.Tensor;
}

/**
 * Quantised attention with several heads (hgq2 §5.3), of `query`, `[query, value]` or `[query, value, key]` with shapes
 * `[batch, positions…, features]`; the result has the query's positions. All projections are `qEinsumDense` with
 * input quantizers; queries, keys and values are quantised too. The weights are `qSoftmax` of keys · queries, with
 * `1 / √keyDim` inside its table of exponentials, and quantised; the output projection works on weights · values.
 *
 * With `enableOq` the output is quantised by `qkvoOqConf` and then by `oqConf`, as in the reference. EBOPs are those of
 * both sums of products and of all parts (`parts`), which have a β each; setting `beta` sets all.
 *
 * Apply it to one tensor for self-attention, not to that tensor twice. `useCausalMask` takes the weights of what comes
 * later away; the largest score that a stable softmax subtracts is that of all positions, as in the reference.
 *
 * @throws if numbers are not whole, axes do not exist, or the inputs do not fit together
 * @example
 * const y = qMultiHeadAttention({ numHeads: 2, keyDim: 4 }).apply(tokens);
 */
export function qMultiHeadAttention(args: QMultiHeadAttentionArgs): QMultiHeadAttention {
  return new QMultiHeadAttention(args);
}
