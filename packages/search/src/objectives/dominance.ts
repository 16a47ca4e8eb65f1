/** Vectors of numbers that are all to be made small: who beats whom. */
export type Vector = readonly number[];

/** Whether `a` is nowhere worse than `b` and somewhere better. */
export function dominates(a: Vector, b: Vector): boolean {
  let better = false;
  for (let j = 0; j < a.length; j++) {
    if (a[j] > b[j]) return false;
    if (a[j] < b[j]) better = true;
  }
  return better;
}

/**
 * Fronts of vectors (Deb et al. 2002): the first holds those that nothing dominates, the next those that only the first dominates, and so on. Indices,
 * each front in rising order.
 *
 * @param enough fronts are made until so many indices are in them; default all
 */
export function fronts(vectors: readonly Vector[], enough: number = vectors.length): readonly (readonly number[])[] {
  const count = vectors.length;
  const beatenBy = new Int32Array(count);
  const beats: number[][] = Array.from({ length: count }, () => []);
  for (let a = 0; a < count; a++) {
    for (let b = a + 1; b < count; b++) {
      const order = compare(vectors[a], vectors[b]);
      if (order === 0) continue;
      const [winner, loser] = order < 0 ? [a, b] : [b, a];
      beats[winner].push(loser);
      beatenBy[loser]++;
    }
  }
  const found: number[][] = [];
  let current = Array.from({ length: count }, (_, j) => j).filter((j) => beatenBy[j] === 0);
  for (let have = 0; current.length > 0 && have < enough; ) {
    found.push(current);
    have += current.length;
    const next: number[] = [];
    for (const a of current) for (const b of beats[a]) if (--beatenBy[b] === 0) next.push(b);
    current = next.sort((x, y) => x - y);
  }
  return found;
}

/** −1 if `a` dominates `b`, 1 if `b` dominates `a`, else 0. */
function compare(a: Vector, b: Vector): -1 | 0 | 1 {
  let [less, more] = [false, false];
  for (let j = 0; j < a.length; j++) {
    if (a[j] < b[j]) less = true;
    else if (a[j] > b[j]) more = true;
    if (less && more) return 0;
  }
  return less ? -1 : more ? 1 : 0;
}

/** How lonely each vector of a front is: the sum over the axes of the distance of its neighbours, infinite at the ends (Deb et al. 2002). */
export function crowding(vectors: readonly Vector[]): Float64Array {
  const distance = new Float64Array(vectors.length);
  for (let axis = 0; axis < (vectors[0]?.length ?? 0); axis++) {
    const order = Array.from(vectors, (_, j) => j).sort((a, b) => vectors[a][axis] - vectors[b][axis] || a - b);
    const low = vectors[order[0]][axis];
    const span = vectors[order[order.length - 1]][axis] - low;
    distance[order[0]] = Number.POSITIVE_INFINITY;
    distance[order[order.length - 1]] = Number.POSITIVE_INFINITY;
    if (span === 0) continue;
    for (let j = 1; j < order.length - 1; j++) {
      distance[order[j]] += (vectors[order[j + 1]][axis] - vectors[order[j - 1]][axis]) / span;
    }
  }
  return distance;
}
