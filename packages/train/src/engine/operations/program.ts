import {
  AveragePooling2DSparse,
  InputReduce,
  MaxPooling2DSparse,
  QConv2DSparse,
  QDense,
  type QLayer,
  type Quantizer,
} from '@sp/layers';
import {
  GlobalAveragePooling2DSparse,
  GlobalMaxPooling2DSparse,
  type OutputHead,
  outputHead,
  QuantizerLayer,
  SparseFlatten,
} from '@sp/layers/internal';
import type * as tf from '@tensorflow/tfjs';
import { type Buffer, buffer } from '../batch/buffer.ts';
import type { ListPlan, Window } from '../batch/image-lists.ts';
import { type Layout, siteLayout, vectorLayout } from '../batch/layout.ts';
import type { Memory } from '../memory/memory.ts';
import { type DataQuantizer, dataQuantizer } from '../quantizer/data-quantizer.ts';
import { type EngineQuantizer, engineQuantizer } from '../quantizer/engine-quantizer.ts';
import { type EngineWeight, engineWeight } from '../quantizer/engine-weight.ts';
import { type ImageQuantizer, imageQuantizer } from '../quantizer/image-quantizer.ts';
import type { EngineVariable, EngineVariables } from '../variables.ts';
import { type BitCost, convBitCost, denseBitCost } from './bit-cost.ts';
import { layerChain } from './chain.ts';
import { dense } from './dense.ts';
import type { Head } from './head.ts';
import type { Operation } from './operation.ts';
import { quantise } from './quantise.ts';
import { type Reduction, reduction } from './reduction.ts';
import { sparseConv } from './sparse-conv.ts';
import { sparsePool } from './sparse-pool.ts';

/** A model as operations in order. */
export interface Program {
  readonly plan: ListPlan;
  readonly reduction: Reduction;
  /** Everything, the reduction first. */
  readonly operations: readonly Operation[];
  /** What happens to a whole image before the reduction, with quantizers that never change. */
  readonly imageQuantizers: readonly ImageQuantizer[];
  /** Their formats. */
  readonly imageVariables: readonly EngineVariable[];
  readonly output: Buffer;
  /** Numbers per image in the output. */
  readonly outputs: number;
  /** What the model applies to the output last; the operations leave it to the loss and to predictions. */
  readonly head: Head | null;
  /** Whether a step must be one part, because a range that values depend on is that of the whole batch. */
  readonly needsWholeBatch: boolean;
}

/** Ends the compilation with a reason; never leaves this file. */
class Unsupported extends Error {}

/** Compiles the layers of a model, or says why it cannot. */
export function program(model: tf.LayersModel, variables: EngineVariables, memory: Memory): Program | string {
  const chain = layerChain(model);
  if (typeof chain === 'string') return chain;
  try {
    return new Compiler(model, variables, memory).compile(chain);
  } catch (error) {
    if (error instanceof Unsupported) return error.message;
    throw error;
  }
}

/** Walks along the chain; what it knows about the data between two layers are its fields. */
class Compiler {
  private readonly variables: EngineVariables;
  private readonly memory: Memory;
  private readonly operations: Operation[] = [];
  private readonly imageQuantizers: ImageQuantizer[] = [];
  private readonly imageVariables: EngineVariable[] = [];
  private readonly windows: Window[] = [];
  private readonly levels: { height: number; width: number }[] = [];
  private readonly cells: (readonly [number, number])[] = [];
  private readonly imageShape: readonly [number, number, number];
  private reduce: Reduction | null = null;
  private data: Buffer;
  private channels: number;
  /** Set behind flatten: elements per image. */
  private width: number | null = null;
  private layout: Layout;
  private needsWholeBatch = false;
  private readonly modelHead: OutputHead;

  constructor(model: tf.LayersModel, variables: EngineVariables, memory: Memory) {
    this.modelHead = outputHead(model);
    this.variables = variables;
    this.memory = memory;
    this.data = buffer(memory);
    const shape = model.inputs[0].shape.slice(1) as (number | null)[];
    if (shape.length !== 3 || shape.some((size) => size == null)) {
      throw new Unsupported(`the input [${shape.join(', ')}] is no image of fixed size`);
    }
    this.imageShape = shape as unknown as readonly [number, number, number];
    const [height, width, channels] = this.imageShape;
    this.levels.push({ height, width });
    this.channels = channels;
    this.layout = siteLayout(0, channels);
  }

  compile(chain: readonly tf.layers.Layer[]): Program {
    const head = this.headOf(chain[chain.length - 1]);
    for (const layer of chain) this.add(layer, head);
    if (this.reduce == null) throw new Unsupported('the model has no inputReduce');
    if (this.operations.length < 2 || this.width == null || this.layoutIsSites) {
      throw new Unsupported('the model does not end with a dense layer');
    }
    const { levels, cells, windows, reduce, operations, imageQuantizers, imageVariables, data, width } = this;
    const plan = { channels: this.imageShape[2], levels, cells, windows };
    const { needsWholeBatch } = this;
    return {
      plan,
      reduction: reduce,
      operations,
      imageQuantizers,
      imageVariables,
      output: data,
      outputs: width,
      head: head?.kind ?? null,
      needsWholeBatch,
    };
  }

  private layoutIsSites = true;

  /** The layer whose softmax or sigmoid ends the model. */
  private headOf(last: tf.layers.Layer): { readonly kind: Head; readonly layer: string } | null {
    const { kind, layer } = this.modelHead;
    return last.name === layer && (kind === 'softmax' || kind === 'sigmoid') ? { kind, layer } : null;
  }

  private add(layer: tf.layers.Layer, head: { readonly layer: string } | null): void {
    const isHead = head?.layer === layer.name;
    if (isHead && ['Activation', 'Softmax'].includes(layer.getClassName())) return;
    if (layer instanceof QuantizerLayer) this.addQuantizer(layer);
    else if (this.reduce == null) this.addReduction(layer);
    else if (layer instanceof SparseFlatten || layer.getClassName() === 'Flatten') this.addFlatten();
    else if (layer instanceof QDense) this.addDense(layer, isHead);
    else if (this.width != null) throw new Unsupported(`layer '${layer.name}' is a ${layer.getClassName()}`);
    else if (layer instanceof QConv2DSparse) this.addConv(layer);
    else if (layer instanceof AveragePooling2DSparse) this.addCellPool(layer, 'average');
    else if (layer instanceof MaxPooling2DSparse) this.addCellPool(layer, 'max');
    else if (layer instanceof GlobalAveragePooling2DSparse) this.addGlobalPool('average');
    else if (layer instanceof GlobalMaxPooling2DSparse) this.addGlobalPool('max');
    else throw new Unsupported(`layer '${layer.name}' is a ${layer.getClassName()}`);
  }

  private addReduction(layer: tf.layers.Layer): void {
    if (!(layer instanceof InputReduce)) {
      throw new Unsupported(`layer '${layer.name}' (${layer.getClassName()}) comes before inputReduce`);
    }
    this.reduce = reduction(layer, this.channels, this.variables, this.data, this.memory);
    this.operations.push(this.reduce);
  }

  private addQuantizer(layer: QuantizerLayer): void {
    const quantizer = this.quantizer(layer.iq);
    if (this.reduce == null) {
      const { config } = layer.iq as Quantizer;
      if (config.qType !== 'dummy' && config.trainable) {
        throw new Unsupported(`quantizer '${layer.name}' before inputReduce is trained`);
      }
      if (quantizer != null) this.imageQuantizers.push(imageQuantizer(quantizer, this.imageShape, this.memory));
      const names = config.qType === 'dummy' ? [] : ['k', 'i', config.qType === 'kbi' ? 'b' : 'f'];
      for (const name of names) this.imageVariables.push(this.variables.get(`${layer.name}/iq/${name}`));
      return;
    }
    this.addQuantise(quantizer);
  }

  private addQuantise(quantizer: EngineQuantizer | null): void {
    const output = buffer(this.memory);
    this.operations.push(quantise(this.dataQuantizer(quantizer, true), this.layout, this.data, output));
    this.data = output;
  }

  private addFlatten(): void {
    if (this.width != null) return;
    const { height, width } = this.levels[this.levels.length - 1];
    this.width = height * width * this.channels;
  }

  private addCellPool(layer: AveragePooling2DSparse | MaxPooling2DSparse, kind: 'average' | 'max'): void {
    const { height, width } = this.levels[this.levels.length - 1];
    if (!layer.isCellular(height, width)) {
      throw new Unsupported(`pooling '${layer.name}' has strides or a padding beyond whole cells`);
    }
    this.addPool(layer.poolSize, kind);
  }

  private addGlobalPool(kind: 'average' | 'max'): void {
    const { height, width } = this.levels[this.levels.length - 1];
    this.addPool([height, width], kind);
    this.addFlatten();
  }

  private addPool(cell: readonly [number, number], kind: 'average' | 'max'): void {
    const level = this.levels.length - 1;
    const { height, width } = this.levels[level];
    this.levels.push({ height: Math.floor(height / cell[0]), width: Math.floor(width / cell[1]) });
    this.cells.push(cell);
    const output = buffer(this.memory);
    const { channels, data: input } = this;
    this.operations.push(sparsePool({ kind, level, cell, channels, input, output }, this.memory));
    this.data = output;
    this.layout = siteLayout(level + 1, this.channels);
  }

  private addConv(layer: QConv2DSparse): void {
    const { channels } = this;
    const { filters, name, parallelizationFactor } = layer;
    this.refuseBeyondInitial(layer);
    if (layer.oq != null) {
      throw new Unsupported(`convolution '${name}' quantises its sums (enableOq), which needs whole images`);
    }
    const isRelu = this.isRelu(layer.activation, name);
    const level = this.levels.length - 1;
    const { height, width } = this.levels[level];
    if (layer.embedding != null) {
      throw new Unsupported(`convolution '${name}' has an even kernel, a dilation or groups`);
    }
    const [kernelHeight, kernelWidth] = layer.kernelSize;
    const quantizers = this.quantizersOf(layer);
    const output = buffer(this.memory);
    const settings = {
      level,
      window: this.window({ level, kernelHeight, kernelWidth }),
      channels,
      filters,
      isRelu,
      input: this.data,
      output,
      iq: this.dataQuantizer(quantizers.iq, true),
      kernel: engineWeight(this.variables.get(`${name}/kernel`), quantizers.kq, this.memory),
      bias: this.bias(layer, quantizers.bq),
    };
    const conv = sparseConv(settings, this.memory);
    const positions = height * width;
    const share = (parallelizationFactor > 0 ? parallelizationFactor : positions) / positions;
    const shape = { height, width, channels, kernelHeight, kernelWidth, filters };
    const cost = this.cost(layer, (scale) =>
      convBitCost(shape, [quantizers.iq, quantizers.kq], share, scale, this.memory),
    );
    this.operations.push(withPenalties(conv, [quantizers.iq, quantizers.kq, quantizers.bq], cost));
    this.data = output;
    this.channels = filters;
    this.layout = siteLayout(level, filters);
  }

  private addDense(layer: QDense, isHead: boolean): void {
    const { units, name } = layer;
    this.refuseBeyondInitial(layer);
    const inputs = this.width;
    if (inputs == null) throw new Unsupported(`dense layer '${name}' works on images: flatten before it`);
    const isRelu = !isHead && this.isRelu(layer.activation, name);
    const quantizers = this.quantizersOf(layer);
    const output = buffer(this.memory);
    const settings = {
      units,
      isRelu,
      layout: this.layout,
      input: this.data,
      output,
      iq: this.dataQuantizer(quantizers.iq, false),
      kernel: engineWeight(this.variables.get(`${name}/kernel`), quantizers.kq, this.memory),
      bias: this.bias(layer, quantizers.bq),
    };
    const operation = dense(settings, this.memory);
    const share = layer.parallelizationFactor > 0 ? layer.parallelizationFactor : 1;
    const operands = [quantizers.iq, quantizers.kq, quantizers.bq] as const;
    const cost = this.cost(layer, (scale) => denseBitCost([inputs, units], operands, share, scale, this.memory));
    this.operations.push(withPenalties(operation, operands, cost));
    this.data = output;
    this.width = units;
    this.layout = vectorLayout(units);
    this.layoutIsSites = false;
    this.addOutputQuantizer(layer);
  }

  private addOutputQuantizer(layer: QLayer): void {
    const oq = this.quantizer(layer.oq);
    if (oq != null) this.addQuantise(oq);
  }

  private dataQuantizer(quantizer: EngineQuantizer | null, exact: boolean): DataQuantizer {
    const { height, width } = this.levels[this.levels.length - 1];
    const shape = this.width == null ? [1, height, width, this.channels] : [1, this.width];
    if (quantizer?.needsWholeBatch === true) this.needsWholeBatch = true;
    return dataQuantizer({ quantizer, shape, exact, layout: this.layout, input: this.data }, this.memory);
  }

  /** Losses and limits of the weights themselves belong to tfjs objects, which only tfjs can ask. */
  private refuseBeyondInitial({ name, weightSettings }: QConv2DSparse | QDense): void {
    const [option] = weightSettings.beyondInitial;
    if (option !== undefined) throw new Unsupported(`layer '${name}' has a ${option}, which tfjs computes`);
  }

  private quantizersOf(layer: QConv2DSparse | QDense): Record<'iq' | 'kq' | 'bq', EngineQuantizer | null> {
    return { iq: this.quantizer(layer.iq), kq: this.quantizer(layer.kq), bq: this.quantizer(layer.bq) };
  }

  private quantizer(quantizer: Quantizer | null): EngineQuantizer | null {
    if (quantizer == null) return null;
    const compiled = engineQuantizer(quantizer, this.variables, this.memory);
    if (typeof compiled === 'string') throw new Unsupported(compiled);
    return compiled;
  }

  private bias(layer: QConv2DSparse | QDense, quantizer: EngineQuantizer | null): EngineWeight | null {
    if (!layer.useBias) return null;
    return engineWeight(this.variables.get(`${layer.name}/bias`), quantizer, this.memory);
  }

  private cost(layer: QLayer, make: (scale: () => number) => BitCost): BitCost | null {
    if (!layer.enableEbops) return null;
    const { values } = this.variables.get(`${layer.name}/beta`);
    return make(() => values.view[0] * layer.ebopsFactor);
  }

  private window(wanted: Window): number {
    const known = this.windows.findIndex(
      ({ level, kernelHeight, kernelWidth }) =>
        level === wanted.level && kernelHeight === wanted.kernelHeight && kernelWidth === wanted.kernelWidth,
    );
    if (known >= 0) return known;
    return this.windows.push(wanted) - 1;
  }

  private isRelu(activation: string, name: string): boolean {
    if (activation !== 'relu' && activation !== 'linear') {
      throw new Unsupported(`layer '${name}' has the activation ${activation}`);
    }
    return activation === 'relu';
  }
}

/** An operation with the loss terms of its layer's quantizers. */
function withPenalties(
  operation: Operation,
  quantizers: readonly (EngineQuantizer | null)[],
  cost: BitCost | null,
): Operation {
  return {
    ...operation,
    finish(batch) {
      // First what follows ranges and needs the formats that the values had; the cost then counts the new ones.
      let sum = operation.finish(batch) + (cost?.evaluate() ?? 0);
      for (const quantizer of quantizers) sum += quantizer?.finish() ?? 0;
      return sum;
    },
  };
}
