import { formatWidth, type GraphNode, type Weights } from '@sp/quant';
import { formatAt } from '@sp/quant/internal';
import { QGRU } from '../layers/q-gru.ts';
import type { QRecurrent } from '../layers/q-recurrent.ts';
import type { QSimpleRNN } from '../layers/q-simple-rnn.ts';
import { unaryFunction } from '../layers/unary-functions.ts';
import { hostValues } from '../ops/host-view.ts';
import { zeros } from '../ops/tf.ts';
import type { Quantizer } from '../quantizer/quantizer.ts';
import { activationFormats } from './activation-formats.ts';
import { lowerFunction, sameEverywhere } from './functions.ts';
import { constantLike } from './lower-affine.ts';
import { lowerActivationQuantizer, lowerOutputQuantizer, lowerWeights, refuseDivisor } from './lower-quantizer.ts';
import { widestAddress } from './lower-table.ts';
import { LowerError, type Lowered, type LowerScope, requireValue } from './lowered.ts';
import { partBuilder } from './uses.ts';
import { weightsOf } from './weights.ts';

/**
 * One step: from the input's part of the sums and the state in front of it (null: zeros) to the state behind it. Nodes
 * are named by the step's scope.
 */
type Step = (scope: LowerScope, input: GraphNode, state: Lowered | null) => Lowered;

/**
 * A recurrence, unrolled: nodes `.iq` and `.input` (the products with the kernel) for the whole sequence, then for every
 * step `.t0_row`, `.t0_paq`, …, joined as `.sequence` where the layer gives all steps.
 */
export function lowerQRecurrent(scope: LowerScope, layer: QRecurrent, [input]: readonly Lowered[]): readonly Lowered[] {
  const { name, units, iq } = layer;
  const options = { layer: name };
  const source = lowerActivationQuantizer(scope, input, iq == null ? null : ofSequences(iq), name, 'iq').node;
  refuseDivisor(source, name);
  const bias = inputBias(layer);
  const sums = scope.graph.dense(`${name}.input`, source, {
    kernel: lowerWeights(layer.kq, layer.kernel, name),
    ...(bias == null ? {} : { bias }),
    ...options,
  });
  const step = layer instanceof QGRU ? gruStep(layer) : simpleStep(layer as QSimpleRNN);
  let state: Lowered | null = null;
  const outputs: Lowered[] = [];
  for (const [count, t] of layer.order.entries()) {
    const at = { ...scope, graph: partBuilder(scope.graph, name, name, `t${count}_`) };
    const slice = at.graph.take(`${name}.slice`, sums, { axis: 0, indices: [t], ...options });
    const row = at.graph.reshape(`${name}.row`, slice, { shape: [sums.shape[1]], ...options });
    state = step(at, row, state);
    outputs.push(state);
  }
  const last = outputs[outputs.length - 1];
  const output = layer.returnSequences ? joined(scope, outputs, units, name) : last;
  const results = [lowerOutputQuantizer(scope, output, layer.oq, name)];
  if (!layer.returnState) return results;
  // A node is an output once only.
  const again = last.kind !== 'value' || layer.returnSequences || layer.oq != null;
  const final: Lowered = again
    ? last
    : { ...last, node: scope.graph.reshape(`${name}.last`, last.node, { shape: [units], ...options }) };
  return [...results, final];
}

function simpleStep(layer: QSimpleRNN): Step {
  const { name, sq, paq, rkq, activation } = layer;
  const options = { layer: name };
  const kernel = lowerWeights(rkq, layer.recurrentKernel, name);
  return (scope, input, before) => {
    const { graph } = scope;
    if (before?.kind === 'function' && sq == null) {
      throw new LowerError(
        name,
        `its activation '${activation}' gives a state that no quantizer rounds.`,
        "Set enableSq: true, or use activation 'linear': paqConf is a hard tanh.",
      );
    }
    const state = stateOf(scope, layer, sq, before);
    const sum =
      state == null
        ? input
        : graph.add(`${name}.add`, input, graph.dense(`${name}.recurrent`, state, { kernel, ...options }), options);
    const y = lowerActivationQuantizer(scope, { kind: 'value', node: sum }, paq, name, 'paq');
    return activatedStep(scope, layer, y.node, activation, 'activation');
  };
}

function gruStep(layer: QGRU): Step {
  const { name, units, resetAfter, sq, paq, praq, rhq, rkq } = layer;
  const options = { layer: name };
  const kernel = lowerWeights(rkq, layer.recurrentKernel, name);
  const [gateKernel, candidateKernel] = [columns(kernel, 0, 2 * units), columns(kernel, 2 * units, 3 * units)];
  const bias = stateBias(layer);
  return (scope, input, before) => {
    const { graph } = scope;
    const slice = (x: GraphNode, from: number, to: number, step: string): GraphNode =>
      graph.take(`${name}.${step}`, x, { axis: 0, indices: range(from, to), ...options });
    const plus = (a: GraphNode, b: GraphNode | null, step: string): GraphNode =>
      b == null ? a : graph.add(`${name}.${step}`, a, b, options);
    const quantised = (x: Lowered, quantizer: Quantizer, role: string): GraphNode =>
      lowerActivationQuantizer(scope, x, quantizer, name, role).node;
    const products = (x: GraphNode, matrix: Weights, step: string, b: Weights | null = null): GraphNode =>
      graph.dense(`${name}.${step}`, x, { kernel: matrix, ...(b == null ? {} : { bias: b }), ...options });

    const state = stateOf(scope, layer, sq, before);
    const whole = !resetAfter
      ? null
      : state != null
        ? products(state, kernel, 'recurrent', bias)
        : bias == null
          ? null
          : graph.constant(`${name}.recurrent`, bias, options);
    const stateGates = resetAfter
      ? whole && slice(whole, 0, 2 * units, 'stateGates')
      : state && products(state, gateKernel, 'stateGates');
    const gateSum = plus(slice(input, 0, 2 * units, 'inputGates'), stateGates, 'gates');
    const gates = quantised(
      activatedStep(scope, layer, gateSum, layer.recurrentActivation, 'recurrentActivation'),
      praq,
      'praq',
    );
    const [update, reset] = [slice(gates, 0, units, 'update'), slice(gates, units, 2 * units, 'reset')];

    const inner = resetAfter
      ? whole && slice(whole, 2 * units, 3 * units, 'stateCandidate')
      : state && graph.mul(`${name}.resetState`, reset, state, options);
    const rounded =
      inner == null ? ofZeros(scope, layer, rhq, 'rhq') : quantised({ kind: 'value', node: inner }, rhq, 'rhq');
    const recurrent =
      rounded &&
      (resetAfter ? graph.mul(`${name}.gated`, reset, rounded, options) : products(rounded, candidateKernel, 'gated'));
    const candidateSum = plus(slice(input, 2 * units, 3 * units, 'inputCandidate'), recurrent, 'candidate');
    const candidate = quantised(activatedStep(scope, layer, candidateSum, layer.activation, 'activation'), paq, 'paq');

    const rest = graph.scaleOffset(`${name}.rest`, update, {
      scale: constantLike(update, -1),
      offset: constantLike(update, 1),
      ...options,
    });
    const fresh = graph.mul(`${name}.fresh`, rest, candidate, options);
    const kept = state && graph.mul(`${name}.kept`, update, state, options);
    return { kind: 'value', node: plus(fresh, kept, 'state') };
  };
}

/** The state in front of a step as it enters the products; null where it is 0. */
function stateOf(scope: LowerScope, layer: QRecurrent, sq: Quantizer | null, before: Lowered | null): GraphNode | null {
  if (before == null) return sq == null ? null : ofZeros(scope, layer, sq, 'sq');
  return sq == null
    ? requireValue(before, layer.name).node
    : lowerActivationQuantizer(scope, before, sq, layer.name, 'sq').node;
}

/** What a quantizer with an affine map makes of zeros, as a constant; null for zeros. */
function ofZeros(scope: LowerScope, layer: QRecurrent, quantizer: Quantizer, role: string): GraphNode | null {
  const { name, units } = layer;
  if (quantizer.config.qType !== 'dummy' && quantizer.config.qType !== 'float') activationFormats(quantizer, name);
  const zero = zeros([1, units]);
  const result = quantizer.call(zero, 'inference');
  const values = hostValues(result).slice();
  result.dispose();
  zero.dispose();
  if (values.every((value) => value === 0)) return null;
  return scope.graph.constant(`${name}.${role}`, weightsOf(values, [units], `Layer '${name}'`), { layer: name });
}

/** An activation inside a step. Any but linear and relu stays a function, of which the next quantizer makes a table. */
function activatedStep(
  scope: LowerScope,
  layer: QRecurrent,
  x: GraphNode,
  activation: string,
  option: 'activation' | 'recurrentActivation',
): Lowered {
  const { name } = layer;
  if (activation === 'linear') return { kind: 'value', node: x };
  if (activation === 'relu') {
    return { kind: 'value', node: scope.graph.relu(`${name}.${option}`, x, { layer: name }) };
  }
  if (activation === 'softmax') {
    throw new LowerError(name, `${option} 'softmax' has no exact integer form.`, "Use 'linear' or 'relu'.");
  }
  const width = Math.max(...x.format.f.map((_, j) => formatWidth(formatAt(x.format, j))));
  if (width > widestAddress && scope.precisionOf(layer) == null) {
    const preset = option === 'activation' ? 'paqConf is a hard tanh' : 'praqConf is a hard sigmoid';
    throw new LowerError(
      name,
      `${option} '${activation}' works on sums of ${width} bits; a table takes ${widestAddress} address bits at most.`,
      `Use 'linear' (${preset}), fewer bits in iqConf, kqConf, rkqConf and sqConf, or give precision.`,
    );
  }
  const functions = sameEverywhere(unaryFunction(activation, name), x.shape.length);
  // A step may have two of them.
  const inside = { ...scope, graph: partBuilder(scope.graph, name, name, `${option}_`) };
  return lowerFunction(inside, layer, { kind: 'value', node: x }, functions, activation);
}

/** All steps below each other. */
function joined(scope: LowerScope, outputs: readonly Lowered[], units: number, layer: string): Lowered {
  const rows = outputs.map((output, t) => {
    const { node } = output.kind === 'function' ? output : requireValue(output, layer);
    return scope.graph.reshape(`${layer}.t${t}_output`, node, { shape: [1, units], layer });
  });
  const node = rows.length === 1 ? rows[0] : scope.graph.concat(`${layer}.sequence`, rows, { axis: 0, layer });
  const [first] = outputs;
  if (first.kind !== 'function') return { kind: 'value', node };
  const { functions } = first;
  return { ...first, node, functions: { ...functions, shape: [1, ...functions.shape] } };
}

/** A quantizer of single steps as one of whole sequences, whose steps share its formats. */
function ofSequences(quantizer: Quantizer): Quantizer {
  return Object.create(quantizer, {
    formats: {
      value: (dropBatch: boolean) => {
        const formats = quantizer.formats(dropBatch);
        return formats && { ...formats, shape: [1, ...formats.shape] };
      },
    },
  });
}

function inputBias(layer: QRecurrent): Weights | null {
  const whole = biasOf(layer);
  return whole == null || whole.shape.length === 1 ? whole : row(whole, 0);
}

function stateBias(layer: QGRU): Weights | null {
  const whole = biasOf(layer);
  if (whole == null || !layer.resetAfter) return null;
  const bias = row(whole, 1);
  return bias.codes.every((code) => code === 0) ? null : bias;
}

function biasOf({ bq, bias, name }: QRecurrent): Weights | null {
  return bq == null || bias == null ? null : lowerWeights(bq, bias, name);
}

function row({ shape: [, size], codes, f }: Weights, index: number): Weights {
  return { shape: [size], codes: codes.slice(index * size, (index + 1) * size), f };
}

function columns({ shape: [rows, width], codes, f }: Weights, from: number, to: number): Weights {
  return { shape: [rows, to - from], codes: codes.filter((_, j) => j % width >= from && j % width < to), f };
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from }, (_, j) => from + j);
}
