import type { LayerOptionName } from '../config/config.ts';
import type { ResolvedOptions } from '../config/resolve.ts';
import { ConfigError } from '../errors.ts';
import { listValidParallelFactors } from '../plan/factors.ts';
import type { Factors, NodeContext } from './kernel.ts';

/**
 * A parallel factor over `count` items: the first of `keys` that is set.
 *
 * @param otherwise when none is set; default all items
 * @throws ConfigError listing the legal factors
 */
export function parallelFactor(
  where: string,
  options: ResolvedOptions,
  keys: readonly LayerOptionName[],
  count: number,
  what: string,
  otherwise: number = count,
): number {
  const key = keys.find((candidate) => options.get(candidate) !== undefined);
  if (key === undefined) return otherwise;
  const factor = options.get(key) as number;
  if (count % factor === 0) return factor;
  throw new ConfigError(
    `${where}: ${options.origin(key)} does not divide its ${count} ${what}; legal: ${listValidParallelFactors(count).join(', ')}`,
  );
}

/** What `pixelFactor` takes: nothing with `io_stream`. */
export function pixelFactors({ ioType }: NodeContext, count: number): Factors {
  return ioType === 'io_stream' ? {} : { parallelizationFactor: listValidParallelFactors(count) };
}

/**
 * How many output pixels of an image are computed side by side; with `io_stream` they come one by one.
 *
 * @throws ConfigError listing the legal factors, or for a factor other than 1 of a stream
 */
export function pixelFactor(context: NodeContext, options: ResolvedOptions, count: number, otherwise: number): number {
  const where = `node "${context.node.name}"`;
  if (context.ioType === 'io_parallel') {
    return parallelFactor(where, options, ['parallelizationFactor'], count, 'output pixels', otherwise);
  }
  if ((options.get('parallelizationFactor') ?? 1) !== 1) {
    throw new ConfigError(
      `${where}: ${options.origin('parallelizationFactor')} has no effect with io_stream, where pixels come one by one; use 1, io_parallel, or leave it out`,
    );
  }
  return 1;
}
