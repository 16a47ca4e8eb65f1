/** Einsum equations of one projection, and the letters of its result that the bias has. */
export interface Projection {
  readonly equation: string;
  readonly biasAxes: string;
}

/** The equations of attention over data of one rank. Letters are Keras' (its attention is built of the same einsums). */
export interface AttentionEquations {
  /** Queries, keys and values: data and kernel to heads and their features. */
  readonly heads: Projection;
  /** Keys and queries to scores. */
  readonly scores: string;
  /** Axes of the scores over which the weights of a position add to 1. */
  readonly softmaxAxes: readonly number[];
  /** Weights and values to a mixture for every query. */
  readonly mixture: string;
}

const alphabet = 'abcdefghijklmnopqrstuvwxyz';

/**
 * @param rank of queries, keys and values, batch and features included
 * @param axes the positions that are attended to, between batch and features
 */
export function attentionEquations(rank: number, axes: readonly number[]): AttentionEquations {
  const data = alphabet.slice(0, rank);
  const [features, head, size] = [data.slice(-1), alphabet[rank], alphabet[rank + 1]];
  const positions = data.slice(0, -1);
  // Projected: batch, positions, heads, features.
  const target = alphabet.slice(0, rank + 1);
  const fresh = alphabet.slice(rank + 1);
  const source = [...target].map((label, axis) => (axes.includes(axis) ? fresh[axes.indexOf(axis)] : label)).join('');
  const shared = [...target].filter((_, axis) => !axes.includes(axis) && axis < rank).join('');
  const attended = (labels: string): string => axes.map((axis) => labels[axis]).join('');
  const scores = shared + attended(target) + attended(source);
  return {
    heads: { equation: `${data},${features}${head}${size}->${positions}${head}${size}`, biasAxes: head + size },
    scores: `${source},${target}->${scores}`,
    softmaxAxes: axes.map((_, j) => scores.length - axes.length + j),
    mixture: `${scores},${source}->${target}`,
  };
}

/** Heads and their features, of data of `rank`, to `sizes` axes of the result. */
export function outputProjection(rank: number, sizes: number): Projection {
  const target = alphabet.slice(0, rank + 1);
  const positions = target.slice(0, rank - 1);
  const result = alphabet.slice(rank + 1, rank + 1 + sizes);
  return { equation: `${target},${target.slice(-2)}${result}->${positions}${result}`, biasAxes: result };
}

/** The positions along `axes` to as many others, for all that is along other axes alike. */
export function positionProjection(rank: number, axes: readonly number[]): string {
  const data = alphabet.slice(0, rank);
  const fresh = alphabet.slice(rank, rank + axes.length);
  const result = [...data].map((label, axis) => (axes.includes(axis) ? fresh[axes.indexOf(axis)] : label)).join('');
  return `${data},${axes.map((axis) => data[axis]).join('')}${fresh}->${result}`;
}
