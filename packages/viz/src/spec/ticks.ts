/**
 * Ticks of a logarithmic axis between two positive numbers: 1, 2 and 5 of each decade, or decades only over many
 * of them. At least one tick.
 */
export function logTicks(low: number, high: number): readonly number[] {
  const first = Math.floor(Math.log10(low));
  const last = Math.ceil(Math.log10(high));
  const factors = Math.log10(high / low) <= 3 ? [1, 2, 5] : [1];
  const stride = Math.max(1, Math.ceil((last - first) / 8));
  const ticks: number[] = [];
  for (let decade = first; decade <= last; decade += stride) {
    for (const factor of factors) {
      const tick = Number(`${factor}e${decade}`);
      if (tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9)) ticks.push(tick);
    }
  }
  return ticks.length > 0 ? ticks : [Number(Math.sqrt(low * high).toPrecision(3))];
}
