import type { LayerOptionName, LayerOptions } from '../config/config.ts';
import type { NodeContext } from '../kernels/kernel.ts';
import { canShareAtOnce } from '../kernels/product.ts';
import { kernelOf } from '../kernels/registry.ts';

/** Most factors of one kind that are tried: spread evenly over the legal ones. */
const FACTORS = 8;

/** Ways to build one node that are worth a look; empty for nodes without options. Some may be illegal together, which `decide` says. */
export function layerChoices(context: NodeContext): readonly LayerOptions[] {
  const { node, ioType } = context;
  const factors = kernelOf(node).factors?.(context) ?? {};
  const ways = (option: LayerOptionName): LayerOptions[] =>
    spread(factors[option] ?? []).map((value): LayerOptions => ({ [option]: value }));
  switch (node.op) {
    case 'reduce':
      return (ioType === 'io_stream' ? (['stream'] as const) : (['prefix', 'tree', 'stream'] as const)).map(
        (variant) => ({ variant }),
      );
    case 'dense':
    case 'conv1d':
    case 'conv2d': {
      const reuse = spread((factors.reuseFactor ?? []).filter((factor) => factor > 1));
      const matrices: LayerOptions[] = [
        { strategy: 'latency' },
        ...(canShareAtOnce(node.kernel) ? [{ strategy: 'distributed_arithmetic' } as const] : []),
        ...reuse.map((reuseFactor): LayerOptions => ({ strategy: 'resource', reuseFactor })),
      ];
      return together(ways('parallelizationFactor'), matrices);
    }
    case 'sparseConv2d':
      return together(ways('pixelParallelFactor'), [
        { convArchitecture: 'gather' },
        ...ways('filtParallelFactor').map((way): LayerOptions => ({ convArchitecture: 'pairs', ...way })),
      ]);
    default:
      return together(...(Object.keys(factors) as LayerOptionName[]).map(ways));
  }
}

/** Every way of the first with every way of the next; lists without ways do not count. */
function together(...lists: readonly (readonly LayerOptions[])[]): readonly LayerOptions[] {
  const all = lists.filter((list) => list.length > 0);
  if (all.length === 0) return [];
  return all.reduce((ways, list) => ways.flatMap((way) => list.map((next) => ({ ...way, ...next }))));
}

function spread(values: readonly number[]): number[] {
  if (values.length <= FACTORS) return [...values];
  const step = (values.length - 1) / (FACTORS - 1);
  return [...new Set(Array.from({ length: FACTORS }, (_, j) => values[Math.round(j * step)]))];
}
