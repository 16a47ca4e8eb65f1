import { SearchError } from '../errors.ts';
import { dominates, type Vector } from './dominance.ts';

/**
 * What part of the space up to a reference point a set of vectors dominates, all axes to be made small. Sweeps along the last axis and takes the
 * volume of what lies below in the others; exact for any number of axes, meant for few.
 *
 * @throws SearchError for vectors that are not as long as the reference
 */
export function hypervolume(vectors: readonly Vector[], reference: Vector): number {
  const wrong = vectors.find(({ length }) => length !== reference.length);
  if (wrong !== undefined) {
    throw new SearchError(
      `hypervolume: a vector of ${wrong.length} numbers and a reference of ${reference.length}; give as many`,
    );
  }
  return volume(
    vectors.filter((vector) => vector.every((value, j) => value < reference[j])),
    reference,
  );
}

function volume(vectors: readonly Vector[], reference: Vector): number {
  if (vectors.length === 0) return 0;
  const last = reference.length - 1;
  if (last === 0) return reference[0] - Math.min(...vectors.map(([value]) => value));
  const sorted = [...vectors].sort((a, b) => a[last] - b[last]);
  let sum = 0;
  let below: Vector[] = [];
  sorted.forEach((vector, j) => {
    const flat = vector.slice(0, last);
    if (!below.some((other) => dominates(other, flat))) {
      below = [...below.filter((other) => !dominates(flat, other)), flat];
    }
    const height = (sorted[j + 1]?.[last] ?? reference[last]) - vector[last];
    if (height > 0) sum += height * volume(below, reference.slice(0, last));
  });
  return sum;
}
