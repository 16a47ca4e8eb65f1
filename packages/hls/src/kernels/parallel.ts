import type { LayerOptionName } from '../config/config.ts';
import type { ResolvedOptions } from '../config/resolve.ts';
import { ConfigError } from '../errors.ts';
import { listValidParallelFactors } from '../plan/factors.ts';

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
