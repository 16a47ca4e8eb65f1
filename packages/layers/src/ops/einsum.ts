import type * as tf from '@tensorflow/tfjs';
import { axisSum } from './axis-sum.ts';
import type { Equation } from './einsum-equation.ts';
import { matMul, reshape, transpose } from './tf.ts';

/**
 * Sum of products of tensors. Two operands at a time become one matrix product, which every backend computes fast and
 * whose gradient it knows; operands are taken from left to right.
 */
export function einsum({ operands, output }: Equation, tensors: readonly tf.Tensor[]): tf.Tensor {
  let labels = operands[0];
  let result = tensors[0];
  for (let next = 1; next < tensors.length; next++) {
    const last = next === tensors.length - 1;
    const needed = last ? output : [output, ...operands.slice(next + 1)].join('');
    const both = [...new Set(labels + operands[next])];
    const target = last ? output : both.filter((label) => needed.includes(label)).join('');
    result = product(result, labels, tensors[next], operands[next], target);
    labels = target;
  }
  return result;
}

/** `a · b`, summed over all letters that are not in `output`. */
function product(a: tf.Tensor, aLabels: string, b: tf.Tensor, bLabels: string, output: string): tf.Tensor {
  const left = withoutPrivate(a, aLabels, bLabels + output);
  const right = withoutPrivate(b, bLabels, aLabels + output);
  const size = (label: string): number =>
    left.labels.includes(label) ? left.x.shape[left.labels.indexOf(label)] : right.x.shape[right.labels.indexOf(label)];
  const volume = (labels: readonly string[]): number => labels.reduce((n, label) => n * size(label), 1);
  const shared = [...left.labels].filter((label) => right.labels.includes(label));
  const batch = shared.filter((label) => output.includes(label));
  const summed = shared.filter((label) => !output.includes(label));
  const rows = [...left.labels].filter((label) => !shared.includes(label));
  const columns = [...right.labels].filter((label) => !shared.includes(label));
  const matrix = ({ x, labels }: Labelled, first: readonly string[], second: readonly string[]): tf.Tensor =>
    reshape(arranged(x, labels, [...batch, ...first, ...second].join('')), [
      volume(batch),
      volume(first),
      volume(second),
    ]);
  const y = matMul(matrix(left, rows, summed), matrix(right, summed, columns));
  const found = [...batch, ...rows, ...columns];
  return arranged(reshape(y, found.map(size)), found.join(''), output);
}

interface Labelled {
  readonly x: tf.Tensor;
  readonly labels: string;
}

/** Letters that occur in no other place are summed first. */
function withoutPrivate(x: tf.Tensor, labels: string, elsewhere: string): Labelled {
  const own = [...labels].flatMap((label, axis) => (elsewhere.includes(label) ? [] : [axis]));
  if (own.length === 0) return { x, labels };
  return { x: axisSum(x, own, false), labels: [...labels].filter((label) => elsewhere.includes(label)).join('') };
}

/** Axes in the order of `wanted`. */
function arranged(x: tf.Tensor, labels: string, wanted: string): tf.Tensor {
  if (labels === wanted) return x;
  return transpose(
    x,
    [...wanted].map((label) => labels.indexOf(label)),
  );
}
