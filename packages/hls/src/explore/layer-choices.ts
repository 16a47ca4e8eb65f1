import { sizeOf } from '@sp/quant';
import type { LayerOptions } from '../config/config.ts';
import type { NodeContext } from '../kernels/kernel.ts';
import { canShareAtOnce } from '../kernels/product.ts';
import { listValidParallelFactors, listValidReuseFactors } from '../plan/factors.ts';

/** Most factors of one kind that are tried: spread evenly over the legal ones. */
const FACTORS = 8;

/** Ways to build one node that are worth a look; empty for nodes without options. Some may be illegal together, which `decide` says. */
export function layerChoices({ node, inputs, ioType }: NodeContext): readonly LayerOptions[] {
  const streamed = ioType === 'io_stream';
  switch (node.op) {
    case 'reduce':
      return (streamed ? (['stream'] as const) : (['prefix', 'tree', 'stream'] as const)).map((variant) => ({
        variant,
      }));
    case 'dense':
      return strategies(node.kernel.shape[0], node.kernel.shape[1], node.kernel.codes);
    case 'conv1d':
    case 'conv2d': {
      const dims = node.kernel.shape;
      const rows = dims.slice(0, -1).reduce((product, size) => product * size, 1);
      const matrices = strategies(rows, dims[dims.length - 1] / node.groups, node.kernel.codes);
      const pixels = streamed ? [1] : spread(listValidParallelFactors(sizeOf(node.shape.slice(0, -1))));
      return pixels.flatMap((parallelizationFactor) =>
        matrices.map((matrix) => (streamed ? matrix : { ...matrix, parallelizationFactor })),
      );
    }
    case 'pool1d':
    case 'pool2d':
      if (streamed) return [];
      return spread(listValidParallelFactors(sizeOf(node.shape.slice(0, -1)))).map((parallelizationFactor) => ({
        parallelizationFactor,
      }));
    case 'sparseConv2d': {
      const filters = spread(listValidParallelFactors(node.kernel.shape[3]));
      return spread(listValidParallelFactors(node.slots)).flatMap((pixelParallelFactor): LayerOptions[] => [
        { convArchitecture: 'gather', pixelParallelFactor },
        ...filters.map(
          (filtParallelFactor): LayerOptions => ({
            convArchitecture: 'pairs',
            pixelParallelFactor,
            filtParallelFactor,
          }),
        ),
      ]);
    }
    case 'sparsePool2d': {
      const channels = spread(listValidParallelFactors(node.shape[2]));
      return spread(listValidParallelFactors(node.slots)).flatMap((pixelParallelFactor) =>
        channels.map((chanParallelFactor) => ({ pixelParallelFactor, chanParallelFactor })),
      );
    }
    case 'sparseFlatten': {
      const [height, width] = inputs[0].node.shape;
      return spread(listValidParallelFactors(height * width)).map((parallelFactor) => ({ parallelFactor }));
    }
    case 'einsum':
      return spread(listValidParallelFactors(sizeOf(node.shape))).map((parallelizationFactor) => ({
        parallelizationFactor,
      }));
    default:
      return [];
  }
}

function strategies(inputs: number, outputs: number, codes: readonly number[]): LayerOptions[] {
  const reuse = listValidReuseFactors(inputs, outputs).filter((factor) => factor > 1);
  return [
    { strategy: 'latency' },
    ...(canShareAtOnce({ shape: [], codes, f: 0 }) ? [{ strategy: 'distributed_arithmetic' } as const] : []),
    ...spread(reuse).map((reuseFactor): LayerOptions => ({ strategy: 'resource', reuseFactor })),
  ];
}

function spread(values: readonly number[]): number[] {
  if (values.length <= FACTORS) return [...values];
  const step = (values.length - 1) / (FACTORS - 1);
  return [...new Set(Array.from({ length: FACTORS }, (_, j) => values[Math.round(j * step)]))];
}
