import type { GraphNode, Weights } from '@sp/quant';
import { QDot, type QEinsum } from '../layers/q-einsum.ts';
import type { QEinsumDense } from '../layers/q-einsum-dense.ts';
import { denseImage } from './dense-image.ts';
import { isFloat, weightCodes } from './float-weights.ts';
import { lowerProduct } from './lower-dense.ts';
import { denseImages, lowerBinaryChain, quantisedInputs } from './lower-merge.ts';
import { lowerActivationQuantizer, refuseDivisor } from './lower-quantizer.ts';
import type { Lowered, LowerScope } from './lowered.ts';

/** Sum of products of activations as nodes `.iq`, `.iq_1`, …, `.einsum`, `.oq`; several inputs from left to right. */
export function lowerContraction(
  scope: LowerScope,
  layer: QEinsum | QDot,
  inputs: readonly Lowered[],
): readonly Lowered[] {
  const { name, writtenEquation } = layer;
  const values = quantisedInputs(scope, layer, inputs);
  for (const { node } of values) refuseDivisor(node, name);
  const operands = writtenEquation.operands.map(withoutBatch);
  const output = withoutBatch(writtenEquation.output);
  const node =
    output === '' && layer instanceof QDot
      ? dotProduct(scope, values, name)
      : contractAll(scope, denseImages(scope, values, name), operands, output, name);
  return [lowerActivationQuantizer(scope, { kind: 'value', node }, layer.oq, name, 'oq')];
}

/**
 * Einsum with a trained kernel. Where no letter is shared by input, kernel and result it is a matrix product, as nodes
 * `.rows`, `.dense`, `.arranged` around a dense node; otherwise an einsum with a constant.
 */
export function lowerQEinsumDense(
  scope: LowerScope,
  layer: QEinsumDense,
  [input]: readonly Lowered[],
): readonly Lowered[] {
  const { name, kq, bq, kernel, bias } = layer;
  const { graph } = scope;
  const source = lowerActivationQuantizer(scope, input, layer.iq, name, 'iq').node;
  refuseDivisor(source, name);
  const x = denseImage(scope, source, name);
  const { operands, output } = layer.writtenEquation;
  const [inputs, weights] = [withoutBatch(operands[0]), operands[1]];
  const result = withoutBatch(output);
  const float = isFloat(kq);
  const codes = weightCodes(scope, layer, kq, kernel.read(), 'weight');
  const matrix = asMatrix(inputs, weights, result);
  let node =
    matrix == null
      ? graph.einsum(`${name}.einsum`, x, graph.constant(`${name}.kernel`, codes, { layer: name }), {
          equation: `${inputs},${weights}->${result}`,
          layer: name,
        })
      : matrixProduct(scope, x, codes, { inputs, weights, result, ...matrix }, name);
  if (bias != null) {
    const offset = graph.constant(`${name}.bias`, weightCodes(scope, layer, bq, bias.read(), 'bias'), { layer: name });
    node = graph.add(`${name}.add`, node, offset, { layer: name });
  }
  return [lowerProduct(scope, layer, node, float)];
}

/** Letters of a matrix product: which ones are summed, and which ones only the kernel has. */
interface MatrixLetters {
  readonly summed: string;
  readonly columns: string;
}

function asMatrix(inputs: string, weights: string, result: string): MatrixLetters | null {
  const shared = [...weights].filter((label) => inputs.includes(label));
  if (shared.some((label) => result.includes(label))) return null;
  if ([...inputs].some((label) => !shared.includes(label) && !result.includes(label))) return null;
  return { summed: shared.join(''), columns: [...weights].filter((label) => !shared.includes(label)).join('') };
}

function matrixProduct(
  scope: LowerScope,
  x: GraphNode,
  kernel: Weights,
  letters: MatrixLetters & { readonly inputs: string; readonly weights: string; readonly result: string },
  layer: string,
): GraphNode {
  const { inputs, weights, result, summed, columns } = letters;
  const { graph } = scope;
  const rows = [...inputs].filter((label) => !summed.includes(label)).join('');
  const sizes = new Map([...inputs].map((label, axis) => [label, x.shape[axis]]));
  for (const [axis, label] of [...weights].entries()) sizes.set(label, kernel.shape[axis]);
  const extents = (labels: string): number[] => [...labels].map((label) => sizes.get(label) as number);
  const size = (labels: string): number => extents(labels).reduce((product, extent) => product * extent, 1);
  const ordered = arranged(scope, `${layer}.order`, x, inputs, rows + summed, layer);
  const flat = reshaped(scope, `${layer}.rows`, ordered, [...extents(rows), size(summed)], layer);
  const matrix = {
    shape: [size(summed), size(columns)],
    codes: arrangedCodes(kernel, weights, summed + columns),
    f: kernel.f,
  };
  const dense = graph.dense(`${layer}.dense`, flat, { kernel: matrix, layer });
  const split = reshaped(scope, `${layer}.columns`, dense, extents(rows + columns), layer);
  return arranged(scope, `${layer}.arranged`, split, rows + columns, result, layer);
}

/** Sum of products of all operands, two at a time, from left to right. */
function contractAll(
  scope: LowerScope,
  nodes: readonly GraphNode[],
  operands: readonly string[],
  output: string,
  layer: string,
): GraphNode {
  let labels = operands[0];
  let node = nodes[0];
  for (let next = 1; next < nodes.length; next++) {
    const needed = [output, ...operands.slice(next + 1)].join('');
    const both = [...new Set(labels + operands[next])].filter((label) => needed.includes(label)).join('');
    const target = next === nodes.length - 1 ? output : both;
    const suffix = next === 1 ? '' : `_${next - 1}`;
    node = scope.graph.einsum(`${layer}.einsum${suffix}`, node, nodes[next], {
      equation: `${labels},${operands[next]}->${target}`,
      layer,
    });
    labels = target;
  }
  return node;
}

/** `[n] · [n] → [1]`. */
function dotProduct(scope: LowerScope, values: Parameters<typeof lowerBinaryChain>[2], layer: string): GraphNode {
  const product = lowerBinaryChain(scope, 'mul', values, layer).node;
  return scope.graph.sumOver(`${layer}.sum`, product, { axes: [0], keepDims: true, layer });
}

function arranged(
  scope: LowerScope,
  name: string,
  x: GraphNode,
  labels: string,
  wanted: string,
  layer: string,
): GraphNode {
  if (labels === wanted) return x;
  return scope.graph.transpose(name, x, { perm: [...wanted].map((label) => labels.indexOf(label)), layer });
}

function reshaped(scope: LowerScope, name: string, x: GraphNode, shape: readonly number[], layer: string): GraphNode {
  return x.shape.join() === shape.join() ? x : scope.graph.reshape(name, x, { shape, layer });
}

/** Kernel codes with the axes in another order. */
function arrangedCodes({ shape, codes }: Weights, labels: string, wanted: string): readonly number[] {
  const strides = [...labels].map((_, axis) => shape.slice(axis + 1).reduce((product, extent) => product * extent, 1));
  const axes = [...wanted].map((label) => labels.indexOf(label));
  return codes.map((_, j) => {
    let rest = j;
    let from = 0;
    for (const axis of [...axes].reverse()) {
      from += (rest % shape[axis]) * strides[axis];
      rest = Math.floor(rest / shape[axis]);
    }
    return codes[from];
  });
}

function withoutBatch(labels: string): string {
  return labels.slice(1);
}
