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
  // In this order whoever dominates a vector stands before it.
  let left = Array.from(vectors, (_, j) => j).sort((a, b) => lexical(vectors[a], vectors[b]) || a - b);
  const found: number[][] = [];
  for (let have = 0; left.length > 0 && have < enough; ) {
    const front: number[] = [];
    const rest: number[] = [];
    for (const j of left) (front.some((k) => dominates(vectors[k], vectors[j])) ? rest : front).push(j);
    found.push(front.sort((a, b) => a - b));
    have += front.length;
    left = rest;
  }
  return found;
}

function lexical(a: Vector, b: Vector): number {
  for (let j = 0; j < a.length; j++) if (a[j] !== b[j]) return a[j] - b[j];
  return 0;
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
