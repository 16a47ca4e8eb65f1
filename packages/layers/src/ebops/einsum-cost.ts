import type { Cost } from './cost.ts';

/**
 * `Σ B_0 · B_1 · …` over all letters of an einsum: the bit products of every multiplication (hgq2 §4.2: QEinsum).
 *
 * @param operands letters of each operand
 * @param sizes length of each letter; the batch has 1
 */
export function einsumCost(
  operands: readonly string[],
  sizes: ReadonlyMap<string, number>,
  bits: readonly Float64Array[],
): Cost {
  // A letter of one operand alone can be summed there; the products need only run over the others.
  const counts = (label: string): number => operands.filter((labels) => labels.includes(label)).length;
  const shared = [...sizes.keys()].filter((label) => counts(label) > 1).join('');
  const projected = operands.map((labels) => [...labels].filter((label) => shared.includes(label)).join(''));
  const toProjection = operands.map((labels, o) => indexOf(labels, projected[o], sizes));
  const sums = operands.map((_, o) => {
    const sum = new Float64Array(volume(projected[o], sizes));
    for (let j = 0; j < bits[o].length; j++) sum[toProjection[o][j]] += bits[o][j];
    return sum;
  });
  const slopes = sums.map((sum) => new Float64Array(sum.length));
  const fromShared = projected.map((labels) => indexOf(shared, labels, sizes));
  const points = volume(shared, sizes);
  let value = 0;
  for (let p = 0; p < points; p++) {
    const factors = sums.map((sum, o) => sum[fromShared[o][p]]);
    value += factors.reduce((product, factor) => product * factor, 1);
    for (const [o, slope] of slopes.entries()) {
      slope[fromShared[o][p]] += factors.reduce((product, factor, t) => (t === o ? product : product * factor), 1);
    }
  }
  const gradients = bits.map((operand, o) => operand.map((_, j) => slopes[o][toProjection[o][j]]));
  return { value, gradients };
}

/** Number of elements of a tensor with these letters. */
export function volume(labels: string, sizes: ReadonlyMap<string, number>): number {
  return [...labels].reduce((product, label) => product * (sizes.get(label) ?? 1), 1);
}

/** For each element of a tensor with letters `from`, its place in one with letters `to`; other letters are ignored. */
function indexOf(from: string, to: string, sizes: ReadonlyMap<string, number>): Int32Array {
  const extents = [...from].map((label) => sizes.get(label) ?? 1);
  const strides = [...from].map((label) => {
    const axis = to.indexOf(label);
    return axis < 0 ? 0 : volume(to.slice(axis + 1), sizes);
  });
  const index = new Int32Array(volume(from, sizes));
  for (let j = 0; j < index.length; j++) {
    let rest = j;
    for (let axis = extents.length - 1; axis >= 0; axis--) {
      index[j] += (rest % extents[axis]) * strides[axis];
      rest = Math.floor(rest / extents[axis]);
    }
  }
  return index;
}
