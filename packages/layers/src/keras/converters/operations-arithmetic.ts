import type * as tf from '@tensorflow/tfjs';
import { clip } from '../../layers/function-layers.ts';
import { qAdd, qMaximum, qMinimum, qMultiply, qSubtract } from '../../layers/merge-layers.ts';
import { qEinsum } from '../../layers/q-einsum.ts';
import type { QMergeArgs } from '../../layers/q-merge.ts';
import { type ReduceMode, reduceAxes } from '../../layers/reduce-axes.ts';
import { type ConstantTensor, type ScaleShiftArgs, scaleShift } from '../../layers/scale-shift.ts';
import type { Operation } from '../operation-call.ts';
import { applied, type OperationCall } from '../operation-call.ts';
import { unquantisedMerge } from './stock-merge.ts';

type Merge = (args: QMergeArgs) => tf.layers.Layer;

/** Operations on numbers: sums, products, extrema, reductions. */
export const arithmeticOperations: Readonly<Record<string, Operation>> = {
  Add: (call) => binary(call, qAdd, (c) => ({ offset: c })),
  Subtract: (call) =>
    binary(
      call,
      qSubtract,
      (c) => ({ offset: negated(c) }),
      (c) => ({ scale: -1, offset: c }),
    ),
  Multiply: (call) => binary(call, qMultiply, (c) => ({ scale: c })),
  Divide: (call) => quotient(call),
  TrueDivide: (call) => quotient(call),
  Negative: (call) => applied(scaleShift({ name: call.name, scale: -1 }), call.data()),
  Maximum: (call) => extremum(call, qMaximum, 'min'),
  Minimum: (call) => extremum(call, qMinimum, 'max'),
  Square: (call) => product(call, call.data()),
  Power(call) {
    const exponent = call.number(1, 'x2', null);
    if (exponent !== 2) return call.fail(`its exponent is ${exponent}; only 2 is supported`);
    return product(call, call.data(0, 'x1'));
  },
  Abs: (call) => absolute(call),
  Absolute: (call) => absolute(call),
  Clip: (call) =>
    applied(
      clip({ name: call.name, min: call.number(1, 'x_min', null), max: call.number(2, 'x_max', null) }),
      call.data(),
    ),
  Mean: (call) => reduced(call, 'mean'),
  Sum: (call) => reduced(call, 'sum'),
  Max: (call) => reduced(call, 'max'),
  Amax: (call) => reduced(call, 'max'),
  Min: (call) => reduced(call, 'min'),
  Amin: (call) => reduced(call, 'min'),
  Einsum(call) {
    const equation = call.setting('subscripts');
    const operands = [0, 1].map((index) => call.data(index, `operand ${index + 1}`));
    if (typeof equation !== 'string') return call.fail('its subscripts are no text');
    return applied(qEinsum({ ...unquantisedMerge, name: call.name, equation }), ...operands);
  },
  Matmul(call) {
    const [a, b] = [call.data(0, 'x1'), call.data(1, 'x2')];
    if (a.shape.length !== b.shape.length || a.shape.length < 3) {
      return call.fail(`shapes [${a.shape}] and [${b.shape}]; two stacks of matrices of one rank are supported`);
    }
    const stack = 'bcdefgh'.slice(0, a.shape.length - 2);
    const equation = `${stack}ij,${stack}jk->${stack}ik`;
    return applied(qEinsum({ ...unquantisedMerge, name: call.name, equation }), a, b);
  },
};

/**
 * Two tensors through a merge, or a tensor with a constant.
 *
 * @param right settings for `x ∘ constant`
 * @param left settings for `constant ∘ x`; default: as `right`
 */
function binary(
  call: OperationCall,
  merge: Merge,
  right: (constant: ConstantTensor) => Omit<ScaleShiftArgs, 'name'>,
  left: (constant: ConstantTensor) => Omit<ScaleShiftArgs, 'name'> = right,
): tf.SymbolicTensor {
  const [a, b] = [call.tensor(0, 'x1'), call.tensor(1, 'x2')];
  const { name } = call;
  if (a != null && b != null) return merged(call, merge, a, b);
  if (a != null) return applied(scaleShift({ name, ...right(call.constant(1, 'x2')) }), a);
  if (b != null) return applied(scaleShift({ name, ...left(call.constant(0, 'x1')) }), b);
  return call.fail('both of its arguments are constants');
}

function merged(call: OperationCall, merge: Merge, a: tf.SymbolicTensor, b: tf.SymbolicTensor): tf.SymbolicTensor {
  if (a.shape.length !== b.shape.length) {
    return call.fail(
      `shapes [${a.shape}] and [${b.shape}] have different ranks, so the batch would meet another axis. Add axes with [:, None]`,
    );
  }
  return applied(merge({ ...unquantisedMerge, name: call.name }), a, b);
}

function quotient(call: OperationCall): tf.SymbolicTensor {
  const x = call.tensor(0, 'x1');
  if (x == null || call.tensor(1, 'x2') != null) {
    return call.fail('hardware does not divide by data. Multiply by a function of it by table (QUnaryFunctionLUT)');
  }
  return applied(scaleShift({ name: call.name, divisor: call.constant(1, 'x2') }), x);
}

function extremum(call: OperationCall, merge: Merge, side: 'min' | 'max'): tf.SymbolicTensor {
  const [a, b] = [call.tensor(0, 'x1'), call.tensor(1, 'x2')];
  if (a != null && b != null) return merged(call, merge, a, b);
  const x = a ?? b ?? call.fail('both of its arguments are constants');
  const bound = a == null ? call.number(0, 'x1', null) : call.number(1, 'x2', null);
  return applied(clip({ name: call.name, [side]: bound }), x);
}

function product(call: OperationCall, x: tf.SymbolicTensor): tf.SymbolicTensor {
  return applied(qMultiply({ ...unquantisedMerge, name: call.name }), x, x);
}

/** `max(x, −x)`. */
function absolute(call: OperationCall): tf.SymbolicTensor {
  const x = call.data();
  const opposite = applied(scaleShift({ name: call.step(), scale: -1 }), x);
  return applied(qMaximum({ ...unquantisedMerge, name: call.name }), x, opposite);
}

function reduced(call: OperationCall, mode: ReduceMode): tf.SymbolicTensor {
  const x = call.data();
  const keepDims = call.setting('keepdims') === true;
  return applied(reduceAxes({ name: call.name, mode, axes: call.axes(x.shape.length), keepDims }), x);
}

function negated({ shape, values }: ConstantTensor): ConstantTensor {
  return { shape, values: values.map((value) => -value) };
}
