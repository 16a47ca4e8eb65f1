/**
 * Reuse factors that the resource strategy can build for a matrix of `inputs × outputs` (`hls4ml §2.3`): they divide the products, and the
 * multipliers that work at the same time cover whole outputs (factor below `inputs`) or whole inputs (factor a multiple of `inputs`).
 *
 * @example listValidReuseFactors(16, 12) // [1, 2, 4, 8, 16, 32, 48, 64, 96, 192]
 */
export function listValidReuseFactors(inputs: number, outputs: number): number[] {
  const products = inputs * outputs;
  return divisors(products).filter((factor) => {
    const multipliers = Math.ceil(products / Math.min(inputs, factor));
    return (multipliers % outputs === 0 || factor >= inputs) && (factor % inputs === 0 || factor < inputs);
  });
}

/**
 * Legal parallel factors of a loop over `count` items (slots, filters, channels, pixels): its divisors (`hls4ml §2.4`), so that all groups
 * are full.
 *
 * @example listValidParallelFactors(12) // [1, 2, 3, 4, 6, 12]
 */
export function listValidParallelFactors(count: number): number[] {
  return divisors(count);
}

function divisors(count: number): number[] {
  const low: number[] = [];
  const high: number[] = [];
  for (let d = 1; d * d <= count; d++) {
    if (count % d !== 0) continue;
    low.push(d);
    if (d * d !== count) high.unshift(count / d);
  }
  return [...low, ...high];
}
