import type { GraphNode } from '@sp/quant';
import { FirmwareError } from '../errors.ts';
import { constantKernel } from './constant.ts';
import { denseKernel } from './dense.ts';
import { reluKernel } from './elementwise.ts';
import { inputKernel } from './input.ts';
import type { Kernel } from './kernel.ts';
import { reduceKernel } from './reduce.ts';
import { requantizeKernel } from './requantize.ts';
import { sparseConv2dKernel } from './sparse-conv2d.ts';
import { sparseFlattenKernel } from './sparse-flatten.ts';
import { sparsePool2dKernel } from './sparse-pool2d.ts';

const ALL: readonly Kernel[] = [
  inputKernel,
  constantKernel,
  requantizeKernel,
  reduceKernel,
  sparseConv2dKernel,
  sparsePool2dKernel,
  sparseFlattenKernel,
  denseKernel,
  reluKernel,
] as readonly Kernel[];

/** Every kind of node that has a kernel, by `op`. */
export const kernels: ReadonlyMap<string, Kernel> = new Map(ALL.map((kernel) => [kernel.op, kernel]));

/**
 * The kernel of a node.
 *
 * @throws FirmwareError naming the node, its kind, and what is supported
 */
export function kernelOf(node: GraphNode): Kernel {
  const kernel = kernels.get(node.op);
  if (kernel === undefined) {
    throw new FirmwareError(
      `node "${node.name}" is a ${node.op}, for which there is no C++ kernel; supported: ${[...kernels.keys()].join(', ')}`,
    );
  }
  return kernel;
}
