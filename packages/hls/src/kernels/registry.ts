import type { GraphNode } from '@sp/quant';
import { FirmwareError } from '../errors.ts';
import { argmaxKernel } from './argmax.ts';
import { binaryKernel } from './binary.ts';
import { constantKernel } from './constant.ts';
import { conv1dKernel, conv2dKernel } from './conv.ts';
import { denseKernel } from './dense.ts';
import { einsumKernel } from './einsum.ts';
import { reluKernel } from './elementwise.ts';
import { extensionKernelOf } from './extensions.ts';
import { inputKernel } from './input.ts';
import { type Decisions, isConstant, type Kernel, type NodeContext } from './kernel.ts';
import { concatKernel, padKernel, reshapeKernel, takeKernel, transposeKernel } from './layout.ts';
import { lutKernel } from './lut.ts';
import { overAxesKernel } from './over-axes.ts';
import { pool1dKernel, pool2dKernel } from './pool.ts';
import { reduceKernel } from './reduce.ts';
import { requantizeKernel } from './requantize.ts';
import { leakyReluKernel, scaleOffsetKernel } from './scale-offset.ts';
import { sparseConv2dKernel } from './sparse-conv2d.ts';
import { sparseFlattenKernel } from './sparse-flatten.ts';
import { sparsePool2dKernel } from './sparse-pool2d.ts';

/** One kernel per kind of node; the compiler sees to it that none is missing. */
const KERNELS = {
  input: inputKernel,
  constant: constantKernel,
  requantize: requantizeKernel,
  reduce: reduceKernel,
  sparseConv2d: sparseConv2dKernel,
  sparsePool2d: sparsePool2dKernel,
  sparseFlatten: sparseFlattenKernel,
  dense: denseKernel,
  conv1d: conv1dKernel,
  conv2d: conv2dKernel,
  pool1d: pool1dKernel,
  pool2d: pool2dKernel,
  relu: reluKernel,
  leakyRelu: leakyReluKernel,
  scaleOffset: scaleOffsetKernel,
  lut: lutKernel,
  argmax: argmaxKernel,
  add: binaryKernel('add'),
  sub: binaryKernel('sub'),
  mul: binaryKernel('mul'),
  max: binaryKernel('max'),
  min: binaryKernel('min'),
  concat: concatKernel,
  sumOver: overAxesKernel('sumOver'),
  meanOver: overAxesKernel('meanOver'),
  maxOver: overAxesKernel('maxOver'),
  minOver: overAxesKernel('minOver'),
  reshape: reshapeKernel,
  transpose: transposeKernel,
  take: takeKernel,
  pad: padKernel,
  einsum: einsumKernel,
} satisfies Record<Exclude<GraphNode['op'], 'extension'>, unknown>;

/** Every kind of node that has a kernel, by `op`. */
export const kernels: ReadonlyMap<string, Kernel> = new Map(Object.entries(KERNELS) as unknown as [string, Kernel][]);

/**
 * The kernel of a node.
 *
 * @throws FirmwareError naming the node, its kind, and what is supported
 */
export function kernelOf(node: GraphNode): Kernel {
  if (node.op === 'extension') return extensionKernelOf(node) as unknown as Kernel;
  const kernel = kernels.get(node.op);
  if (kernel === undefined) {
    throw new FirmwareError(
      `node "${node.name}" is a ${node.op}, for which there is no C++ kernel; supported: ${[...kernels.keys()].join(', ')}`,
    );
  }
  return kernel;
}

/** Whether a node computes while its packets arrive; otherwise its stage collects whole values first. */
export function passesPackets(context: NodeContext, decisions: Decisions): boolean {
  const kernel = kernelOf(context.node);
  if (context.inputs.some(isConstant) && (!kernel.constantOperands || context.inputs.every(isConstant))) return false;
  return kernel.streams?.(context, decisions) ?? false;
}
