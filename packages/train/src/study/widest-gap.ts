/** Two neighbouring values with nothing between them. */
export interface Gap {
  readonly from: number;
  readonly to: number;
}

/** How far from the value the gap may lie, as a factor. */
const reach = 1.25;
/** Narrower gaps, as a share of the value, are where a sample happens to hold none. */
const narrow = 0.05;

/**
 * The widest gap within a quarter of a value, the nearest of equal ones; undefined if there is none to speak of: where noise and signal overlap, values
 * lie close together.
 *
 * @param sorted different values > 0, ascending
 * @param least width that a gap has to have at least
 */
export function widestGap(sorted: ArrayLike<number>, value: number, least = 0): Gap | undefined {
  let best: Gap | undefined;
  for (let j = 0; j < sorted.length; j++) {
    const gap = { from: j === 0 ? 0 : sorted[j - 1], to: sorted[j] };
    // Below all values there is room where nothing has to be told apart, unless the value is there already.
    if (j === 0 && value >= gap.to) continue;
    if (gap.to < value / reach || gap.from > value * reach || !(widthOf(gap) >= Math.max(least, narrow * value)))
      continue;
    // Equal steps, as of 8-bit pixels, differ in their last bits.
    const wider = best === undefined ? 1 : widthOf(gap) / widthOf(best) - 1;
    if (best === undefined || wider > 1e-4 || (wider > -1e-4 && distance(gap, value) < distance(best, value)))
      best = gap;
  }
  return best;
}

function widthOf({ from, to }: Gap): number {
  return to - from;
}

function distance({ from, to }: Gap, value: number): number {
  return Math.abs((from + to) / 2 - value);
}
