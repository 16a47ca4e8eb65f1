import { ceilLog2 } from '@sp/quant/numeric';
import type * as tf from '@tensorflow/tfjs';
import { allLayers } from '../model/walk.ts';
import { type DataType, dataTypeOf, float32, widest } from './data-type.ts';
import { additionEnergy, type Memory, memoryEnergy, multiplicationEnergy } from './energy-model.ts';
import { accumulatorOf, type Multiplier, multiplierOf } from './multiplier-type.ts';
import { QKerasActivationLayer } from './qkeras-activation.ts';
import { QKerasAdaptiveActivation } from './qkeras-adaptive-activation.ts';
import { QKerasAffine, type WeightName } from './qkeras-affine.ts';
import { QKerasAveragePooling } from './qkeras-average-pooling.ts';
import { QKerasBatchNormalization } from './qkeras-batch-normalization.ts';
import type { QKerasActivation } from './quantizer-argument.ts';
import type { QKerasQuantizer } from './quantizer-spec.ts';

/** Where a model's numbers are kept, for `qtools`. */
export interface QToolsOptions {
  /** Default `'sram'`. */
  readonly weights?: Memory;
  /** Default `'sram'`. */
  readonly activations?: Memory;
  /** Smallest memory on the chip, in bits. Default 2²⁷ (16 MiB), as in QKeras' examples. */
  readonly minSram?: number;
  /** Model inputs are read from, and outputs written to, memory beside the chip. Default false. */
  readonly readWriteOnIo?: boolean;
  /** Type of the model inputs. Default 8 bits, signed, no integer bits. */
  readonly source?: DataType;
}

/** Types and energy of one layer. */
export interface QToolsRow {
  readonly layer: string;
  readonly inputs: readonly DataType[];
  readonly output: DataType;
  /** One per linear step: a separable convolution has two. */
  readonly steps: readonly {
    readonly weight: WeightName;
    readonly weightType: DataType;
    readonly multiplier: Multiplier;
    readonly accumulator: DataType;
    readonly operations: number;
  }[];
  /** Picojoules for one row of data; `total` counts the parts that QKeras counts for this kind of layer. */
  readonly energy: {
    readonly inputs: number;
    readonly outputs: number;
    readonly parameters: number;
    readonly operations: number;
    readonly total: number;
  };
}

/** A weight without quantizer, and the model input: `quantized_bits(8,0,1)`. */
const byte: DataType = { kind: 'fixed', bits: 8, intBits: 1, signed: true };

/** Parts of the energy that count. */
const counted: Readonly<Record<string, readonly (keyof QToolsRow['energy'])[]>> = {
  QKerasActivation: ['outputs'],
  Activation: ['outputs'],
  QKerasAdaptiveActivation: ['outputs'],
  QKerasBatchNormalization: ['parameters'],
  BatchNormalization: ['parameters'],
  Add: ['operations'],
  Subtract: ['operations'],
  QMaxPooling2D: ['operations'],
  MaxPooling2D: ['operations'],
};

/**
 * QKeras' qtools: types of inputs, products, accumulators and results of every layer, and the energy of a row of data in
 * picojoules (`energySource`, hgq1 §5.3): multiplications and additions, and moving numbers. An estimate for choosing
 * between models, not of an FPGA.
 *
 * Unlike upstream separable convolutions are counted, and a sum keeps the fraction bits of all its terms.
 */
export function qtools(model: tf.LayersModel, options: QToolsOptions = {}): readonly QToolsRow[] {
  const { weights = 'sram', activations = 'sram', minSram = 2 ** 27, readWriteOnIo = false, source = byte } = options;
  const types = new Map<number, DataType>();
  const typeOf = (symbolic: tf.SymbolicTensor): DataType => types.get(symbolic.id) ?? source;
  const ends = new Set(model.outputs.map(({ id }) => id));
  const rows: QToolsRow[] = [];
  for (const layer of allLayers(model)) {
    if (layer.getClassName() === 'InputLayer') continue;
    const [node] = layer.inboundNodes;
    const inputs = node.inputTensors.map(typeOf);
    const steps = layer instanceof QKerasAffine ? stepsOf(layer, inputs[0]) : [];
    const output = outputOf(layer, inputs, steps);
    for (const tensor of node.outputTensors) types.set(tensor.id, output);
    const from = node.inputTensors.some(({ sourceLayer }) => sourceLayer.getClassName() === 'InputLayer');
    const to = node.outputTensors.some(({ id }) => ends.has(id));
    const move = (bits: number, isEnd: boolean): number => {
      if (!isEnd) return memoryEnergy(bits, activations, minSram);
      const inside = memoryEnergy(bits, 'sram', minSram);
      return readWriteOnIo ? memoryEnergy(bits, 'dram', minSram) + inside : inside;
    };
    const energy = {
      inputs: sum(node.inputTensors.map((tensor, k) => move(sizeOf(tensor.shape) * inputs[k].bits, from))),
      outputs: move(sizeOf(node.outputTensors[0].shape) * output.bits, to),
      parameters: sum(parameterBits(layer).map((bits) => memoryEnergy(bits, weights, minSram))),
      operations: operationEnergy(layer, inputs, output, steps),
    };
    const parts = counted[layer.getClassName()] ?? ['inputs', 'parameters', 'operations'];
    const total = sum(parts.map((part) => energy[part as keyof typeof energy]));
    rows.push({ layer: layer.name, inputs, output, steps, energy: { ...energy, total } });
  }
  return rows;
}

function stepsOf(layer: QKerasAffine, input: DataType): QToolsRow['steps'] {
  const stages = layer.stageSizes;
  let x = input;
  return stages.map(({ weight, operations, fanIn }, index) => {
    const weightType = weightTypeOf(layer.quantizers.get(weight) ?? null);
    const multiplier = multiplierOf(weightType, x);
    const last = index === stages.length - 1;
    const bias = last && layer.useBias ? weightTypeOf(layer.quantizers.get('bias') ?? null) : null;
    const accumulator = accumulatorOf(multiplier.type, fanIn, bias);
    x = accumulator;
    return { weight, weightType, multiplier, accumulator, operations };
  });
}

function weightTypeOf(q: QKerasQuantizer | null): DataType {
  return q == null ? byte : dataTypeOf(q);
}

function outputOf(layer: tf.layers.Layer, inputs: readonly DataType[], steps: QToolsRow['steps']): DataType {
  const activated = (activation: QKerasActivation, before: DataType): DataType => {
    if (activation.kind === 'quantizer') return dataTypeOf(activation.quantizer);
    return activation.name === 'linear' ? before : float32;
  };
  if (layer instanceof QKerasAffine) return activated(layer.activation, steps[steps.length - 1].accumulator);
  if (layer instanceof QKerasActivationLayer) return activated(layer.activation, inputs[0]);
  if (layer instanceof QKerasAveragePooling) return activated(layer.activation, inputs[0]);
  if (layer instanceof QKerasAdaptiveActivation) return dataTypeOf(layer.quantizer);
  switch (layer.getClassName()) {
    case 'Add':
      return widest(inputs, ceilLog2(inputs.length));
    case 'Concatenate':
    case 'Maximum':
    case 'Minimum':
      return inputs.length === 1 ? inputs[0] : widest(inputs);
    case 'Multiply':
      return inputs.reduce((product, input) => multiplierOf(product, input).type);
    case 'Activation': {
      const { activation } = layer.getConfig() as { readonly activation: string };
      return activation === 'linear' ? inputs[0] : float32;
    }
    case 'Flatten':
    case 'Reshape':
    case 'Permute':
    case 'Dropout':
      return inputs[0];
    default:
      return /Pool/.test(layer.getClassName()) ? inputs[0] : float32;
  }
}

/** Bits of each of a layer's weights. */
function parameterBits(layer: tf.layers.Layer): readonly number[] {
  if (layer instanceof QKerasAffine) {
    return [...layer.quantizers].map(([name, q]) => layer.sizeOfWeight(name) * weightTypeOf(q).bits);
  }
  if (layer instanceof QKerasBatchNormalization) {
    const { gammaQuantizer, betaQuantizer, meanQuantizer, varianceQuantizer } = layer.quantizers;
    const channels = sizeOf(layer.weights[0].shape, 0);
    return [gammaQuantizer, betaQuantizer, meanQuantizer, varianceQuantizer].flatMap((q) =>
      q == null ? [] : [channels * dataTypeOf(q).bits],
    );
  }
  // A moving range is no parameter of inference.
  if (layer instanceof QKerasAdaptiveActivation) return [];
  return layer.weights.map((weight) => sizeOf(weight.shape, 0) * float32.bits);
}

function operationEnergy(
  layer: tf.layers.Layer,
  inputs: readonly DataType[],
  output: DataType,
  steps: QToolsRow['steps'],
): number {
  if (steps.length > 0) {
    return sum(
      steps.map(
        ({ multiplier, accumulator, operations }) =>
          operations * (multiplicationEnergy(multiplier) + additionEnergy(accumulator)),
      ),
    );
  }
  const size = sizeOf(layer.inboundNodes[0].outputTensors[0].shape);
  switch (layer.getClassName()) {
    case 'Add':
    case 'Subtract':
      return (inputs.length - 1) * size * additionEnergy(output);
    case 'Multiply':
      return (inputs.length - 1) * size * multiplicationEnergy(multiplierOf(inputs[0], inputs[1]));
    // In floating point, whatever the parameters: the quotient γ/√(σ² + ε) has no short type.
    case 'QKerasBatchNormalization':
      return 2 * size * multiplicationEnergy(multiplierOf(float32, float32));
    default:
      return 0;
  }
}

function sizeOf(shape: readonly (number | null)[], from = 1): number {
  return shape.slice(from).reduce<number>((product, extent) => product * (extent ?? 1), 1);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
