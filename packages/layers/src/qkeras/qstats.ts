import * as tf from '@tensorflow/tfjs';
import { allLayers } from '../model/walk.ts';
import { energySource } from './energy-model.ts';
import { qkerasQuantizer } from './make-quantizer.ts';
import { QKerasActivationLayer } from './qkeras-activation.ts';
import { QKerasAffine, type WeightName } from './qkeras-affine.ts';
import { type QToolsOptions, qtools } from './qtools.ts';
import type { QKerasQuantizer } from './quantizer-spec.ts';

/** What multiplies a weight with an input. */
export type Operation = 'mult' | 'barrel' | 'adder' | 'mux' | 'xor' | 'fmult';

/** Weights of one kind in a layer. */
export interface QStatsWeights {
  readonly weight: WeightName;
  readonly count: number;
  /** Bits of one; 32 without a quantizer. */
  readonly bits: number;
  /** Share of those that are 0 once quantised. */
  readonly zeros: number;
}

/** One layer of `qstats`. */
export interface QStatsRow {
  readonly layer: string;
  /** Multiplications of weights and inputs for one row of data. */
  readonly operations: number;
  readonly operation: Operation;
  readonly weightBits: number;
  readonly inputBits: number;
  /** As QKeras writes it: `smult_6_8`. */
  readonly type: string;
  readonly weights: readonly QStatsWeights[];
}

/** What a quantizer's values are: QKeras' modes 0 … 5. */
interface Kind {
  readonly mode: 'fixed' | 'po2' | 'ternary' | 'binary' | 'bit' | 'float';
  readonly bits: number;
  readonly signed: boolean;
}

const float: Kind = { mode: 'float', bits: 32, signed: true };

/**
 * Operations, bits and zeros of a QKeras model, layer by layer (QKeras' `print_qstats`, hgq1 §5.3). Model inputs count as
 * `quantized_relu(8,0)` unless quantised. Separable and depthwise layers are counted by their real kernels, which upstream
 * counts wrongly.
 */
export function qstats(model: tf.LayersModel): readonly QStatsRow[] {
  return allLayers(model).flatMap((layer) => (layer instanceof QKerasAffine ? [rowOf(layer)] : []));
}

/**
 * `qstats` as text with totals, as QKeras' `print_qstats` prints it, and the energy of a row of data by layer (`qtools`).
 *
 * @param options where the model's numbers are kept
 */
export function printQStats(model: tf.LayersModel, options: QToolsOptions = {}): string {
  const rows = qstats(model);
  const weights = rows.flatMap((row) => row.weights.map((entry) => ({ ...entry, layer: row.layer })));
  const total = weights.reduce((sum, { count, bits }) => sum + count * bits, 0);
  const count = weights.reduce((sum, entry) => sum + entry.count, 0);
  const zeros = weights.reduce((sum, entry) => sum + entry.zeros * entry.count, 0);
  const line = (name: string, value: string): string => `    ${name.padEnd(30)}: ${value}`;
  const types = new Map<string, number>();
  for (const { type, operations } of rows) types.set(type, (types.get(type) ?? 0) + operations);
  const energies = qtools(model, options).filter(({ energy }) => energy.total > 0);
  const picojoules = energies.reduce((sum, { energy }) => sum + energy.total, 0);
  return [
    'Number of operations in model:',
    ...rows.map(({ layer, operations, type }) => line(layer, `${String(operations).padEnd(6)}(${type})`)),
    'Number of operation types in model:',
    ...[...types].sort(([a], [b]) => (a < b ? -1 : 1)).map(([type, operations]) => line(type, String(operations))),
    'Weight profiling:',
    ...weights.map((entry) =>
      line(`${entry.layer}_${entry.weight}`, `${String(entry.count).padEnd(6)}(${entry.bits}-bit unit)`),
    ),
    line('Total bits', String(total)),
    'Weight sparsity:',
    ...weights.map((entry) => line(`${entry.layer}_${entry.weight}`, entry.zeros.toFixed(4))),
    line('Total sparsity', (count === 0 ? 0 : zeros / count).toFixed(4)),
    `Energy of one row of data in pJ (${energySource}):`,
    ...energies.map(({ layer, energy }) => line(layer, energy.total.toFixed(2))),
    line('Total energy', picojoules.toFixed(2)),
  ].join('\n');
}

function rowOf(layer: QKerasAffine): QStatsRow {
  const kernel = [...layer.quantizers].find(([name]) => name !== 'bias') as [WeightName, QKerasQuantizer | null];
  const w = kindOf(kernel[1]);
  const x = inputKind(layer.inboundNodes[0].inputTensors[0]);
  const operation = operationOf(w, x);
  return {
    layer: layer.name,
    operations: layer.multiplications,
    operation,
    weightBits: w.bits,
    inputBits: x.bits,
    type: `${w.signed || x.signed ? 's' : 'u'}${operation}_${w.bits}_${x.bits}`,
    weights: [...layer.quantizers].map(([weight, quantizer]) => {
      const tensor = tf.tidy(() => layer.quantised(weight).clone());
      const values = tensor.dataSync<'float32'>();
      tensor.dispose();
      const zeros = values.reduce((sum, value) => sum + (value === 0 ? 1 : 0), 0);
      return { weight, count: values.length, bits: kindOf(quantizer).bits, zeros: zeros / values.length };
    }),
  };
}

/** QKeras' table: rows are kinds of weights, columns kinds of inputs, both in the order of `modes`. */
const operationTable: readonly (readonly Operation[])[] = [
  ['mult', 'barrel', 'mux', 'mux', 'mux', 'fmult'],
  ['barrel', 'adder', 'mux', 'xor', 'mux', 'fmult'],
  ['mux', 'mux', 'mux', 'mux', 'xor', 'fmult'],
  ['mux', 'xor', 'mux', 'xor', 'xor', 'fmult'],
  ['mux', 'mux', 'xor', 'xor', 'xor', 'fmult'],
  ['fmult', 'fmult', 'fmult', 'fmult', 'fmult', 'fmult'],
];
const modes: readonly Kind['mode'][] = ['fixed', 'po2', 'ternary', 'binary', 'bit', 'float'];

function operationOf(w: Kind, x: Kind): Operation {
  return operationTable[modes.indexOf(w.mode)][modes.indexOf(x.mode)];
}

function kindOf(q: QKerasQuantizer | null): Kind {
  switch (q?.name) {
    case 'quantized_bits':
    case 'quantized_linear':
    case 'quantized_ulaw':
    case 'quantized_hswish':
      // QKeras takes two bits, one of them an integer bit, for −1, 0 and 1.
      return { mode: q.bits === 2 && q.integer === 1 ? 'ternary' : 'fixed', bits: q.bits, signed: true };
    case 'quantized_relu':
      return { mode: q.bits === 1 && q.integer === 1 ? 'bit' : 'fixed', bits: q.bits, signed: q.negativeSlope !== 0 };
    case 'quantized_tanh':
      return { mode: 'fixed', bits: q.bits, signed: true };
    case 'quantized_sigmoid':
      return { mode: 'fixed', bits: q.bits, signed: false };
    case 'quantized_po2':
      return { mode: 'po2', bits: q.bits, signed: true };
    case 'quantized_relu_po2':
      return { mode: 'po2', bits: q.bits, signed: q.negativeSlope !== 0 };
    case 'ternary':
    case 'stochastic_ternary':
      return { mode: 'ternary', bits: 2, signed: true };
    case 'binary':
    case 'stochastic_binary':
      // Also of 0 and 1, as QKeras counts.
      return { mode: 'binary', bits: 1, signed: true };
    case 'bernoulli':
      return { mode: 'bit', bits: 1, signed: false };
    default:
      return float;
  }
}

/** The quantizer in front of a layer, through layers that only move values. */
function inputKind(symbolic: tf.SymbolicTensor): Kind {
  const layer = symbolic.sourceLayer;
  if (layer instanceof QKerasActivationLayer || layer instanceof QKerasAffine) {
    const { activation } = layer;
    return activation.kind === 'quantizer' ? kindOf(activation.quantizer) : float;
  }
  if (layer.getClassName() === 'InputLayer') return kindOf(qkerasQuantizer('quantized_relu', { bits: 8 }));
  if (/Flatten|Reshape|Permute|Dropout|Pooling/.test(layer.getClassName())) {
    return inputKind(layer.inboundNodes[0].inputTensors[0]);
  }
  if (/^(Concatenate|Add)$/.test(layer.getClassName())) {
    const kinds = layer.inboundNodes[0].inputTensors.map(inputKind);
    return kinds.reduce((widest, kind) => (kind.bits > widest.bits ? kind : widest));
  }
  return float;
}
