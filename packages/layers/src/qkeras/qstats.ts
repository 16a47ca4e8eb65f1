import * as tf from '@tensorflow/tfjs';
import { allLayers } from '../model/walk.ts';
import { qkerasQuantizer } from './make-quantizer.ts';
import { QKerasActivationLayer } from './qkeras-activation.ts';
import { QKerasAffine, type WeightName } from './qkeras-affine.ts';
import type { QKerasQuantizer } from './quantizer-spec.ts';

/** What multiplies a weight with an input. */
export type Operation = 'mult' | 'barrel' | 'adder' | 'mux' | 'xor' | 'and' | 'fmult';

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

/** `qstats` as text, with totals. */
export function printQStats(model: tf.LayersModel): string {
  const rows = qstats(model);
  const weights = rows.flatMap((row) => row.weights.map((entry) => ({ ...entry, layer: row.layer })));
  const total = weights.reduce((sum, { count, bits }) => sum + count * bits, 0);
  const count = weights.reduce((sum, entry) => sum + entry.count, 0);
  const zeros = weights.reduce((sum, entry) => sum + entry.zeros * entry.count, 0);
  const line = (name: string, value: string): string => `    ${name.padEnd(30)}: ${value}`;
  return [
    'Number of operations in model:',
    ...rows.map(({ layer, operations, type }) => line(layer, `${String(operations).padEnd(6)}(${type})`)),
    'Weight profiling:',
    ...weights.map((entry) =>
      line(`${entry.layer}_${entry.weight}`, `${String(entry.count).padEnd(6)}(${entry.bits}-bit unit)`),
    ),
    line('Total bits', String(total)),
    'Weight sparsity:',
    ...weights.map((entry) => line(`${entry.layer}_${entry.weight}`, entry.zeros.toFixed(4))),
    line('Total sparsity', (count === 0 ? 0 : zeros / count).toFixed(4)),
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

function operationOf(w: Kind, x: Kind): Operation {
  const modes = [w.mode, x.mode];
  if (modes.includes('float')) return 'fmult';
  if (w.mode === 'po2' && x.mode === 'po2') return 'adder';
  if (w.mode === 'binary' && x.mode === 'binary') return 'xor';
  if (w.mode === 'bit' || x.mode === 'bit') return 'and';
  if (modes.includes('ternary') || modes.includes('binary')) return 'mux';
  return modes.includes('po2') ? 'barrel' : 'mult';
}

function kindOf(q: QKerasQuantizer | null): Kind {
  switch (q?.name) {
    case 'quantized_bits':
    case 'quantized_linear':
      // Two symmetric bits are −1, 0 and 1.
      if (q.bits === 2 && q.symmetric && q.keepNegative) return { mode: 'ternary', bits: 2, signed: true };
      return { mode: 'fixed', bits: q.bits, signed: q.keepNegative };
    case 'quantized_relu':
      return { mode: 'fixed', bits: q.bits, signed: q.negativeSlope !== 0 };
    case 'quantized_ulaw':
    case 'quantized_tanh':
    case 'quantized_hswish':
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
