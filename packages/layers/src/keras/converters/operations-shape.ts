import * as tf from '@tensorflow/tfjs';
import { take } from '../../layers/take.ts';
import { zeroPad } from '../../layers/zero-pad.ts';
import type { Operation } from '../operation-call.ts';
import { applied, type OperationCall } from '../operation-call.ts';
import { slicesOf } from '../slicing.ts';

/** Operations that move numbers without changing them. */
export const shapeOperations: Readonly<Record<string, Operation>> = {
  GetItem(call) {
    const x = call.data();
    const { selections, taken, shape } = slicesOf(call.raw(1, 'key'), x.shape, (problem) =>
      call.fail(`its index has ${problem}, which is not supported`),
    );
    const same = taken.join() === shape.join();
    if (selections.length === 0) return reshaped(call, x, shape);
    const part = applied(take({ name: same ? call.name : call.step(), selections }), x);
    return same ? part : reshaped(call, part, shape);
  },

  Reshape(call) {
    const x = call.data();
    const given = call.raw(1, 'newshape');
    const target = (Array.isArray(given) ? given : [given]) as (number | null)[];
    const [batch, ...rest] = target;
    const size = sizes(call, x).reduce((product, extent) => product * extent, 1);
    const known = rest.filter((extent) => extent != null && extent !== -1).reduce<number>((p, n) => p * (n ?? 1), 1);
    const fits = rest.length === target.length - 1 && (known === size || (rest.includes(-1) && size % known === 0));
    if (target.length < 2 || !fits || (batch != null && batch !== -1)) {
      return call.fail(
        `newshape = ${JSON.stringify(given)} of data [${x.shape}] does not keep the batch axis; begin it with -1`,
      );
    }
    return reshaped(
      call,
      x,
      rest.map((extent) => (extent == null || extent === -1 ? size / known : extent)),
    );
  },

  Transpose(call) {
    const x = call.data();
    const axes = call.raw(1, 'axes') ?? x.shape.map((_, axis) => x.shape.length - 1 - axis);
    return permuted(call, x, axes as number[]);
  },

  Moveaxis(call) {
    const x = call.data();
    const rank = x.shape.length;
    const list = (name: string, index: number): number[] =>
      [call.raw(index, name)].flat().map((axis) => call.axis(axis, rank));
    const [from, to] = [list('source', 1), list('destination', 2)];
    const order = x.shape.map((_, axis) => axis).filter((axis) => !from.includes(axis));
    for (const [at, axis] of to.map((place, j) => [place, from[j]]).sort(([a], [b]) => a - b))
      order.splice(at, 0, axis);
    return permuted(call, x, order);
  },

  Swapaxes(call) {
    const x = call.data();
    const [a, b] = [1, 2].map((index) => call.axis(call.raw(index, `axis${index}`), x.shape.length));
    return permuted(
      call,
      x,
      x.shape.map((_, axis) => (axis === a ? b : axis === b ? a : axis)),
    );
  },

  ExpandDims(call) {
    const x = call.data();
    const rank = x.shape.length;
    const at = [call.raw(1, 'axis')].flat().map((axis) => call.axis(axis, rank + [call.raw(1, 'axis')].flat().length));
    const shape = [...sizes(call, x)];
    for (const axis of at.sort((a, b) => a - b)) shape.splice(axis - 1, 0, 1);
    return reshaped(call, x, shape);
  },

  Squeeze(call) {
    const x = call.data();
    const given = call.raw(1, 'axis');
    const shape = sizes(call, x);
    const gone =
      given == null
        ? shape.map((extent, j) => (extent === 1 ? j + 1 : 0))
        : [given].flat().map((axis) => call.axis(axis, x.shape.length));
    return reshaped(
      call,
      x,
      shape.filter((_, j) => !gone.includes(j + 1)),
    );
  },

  Concatenate(call) {
    const xs = call.list(0, 'xs');
    const axis = call.axis(call.raw(1, 'axis') ?? 0, xs[0].shape.length);
    return xs.length === 1 ? identity(call, xs[0]) : applied(tf.layers.concatenate({ name: call.name, axis }), ...xs);
  },

  Stack(call) {
    const xs = call.list(0, 'x');
    const axis = call.axis(call.raw(1, 'axis') ?? 0, xs[0].shape.length + 1);
    const raised = xs.map((x) => {
      const shape = [...sizes(call, x)];
      shape.splice(axis - 1, 0, 1);
      return applied(tf.layers.reshape({ name: call.step(), targetShape: shape }), x);
    });
    if (raised.length === 1) return raised[0];
    return applied(tf.layers.concatenate({ name: call.name, axis }), ...raised);
  },

  Split(call) {
    const x = call.data();
    const axis = call.axis(call.raw(2, 'axis') ?? 0, x.shape.length);
    const size = sizes(call, x)[axis - 1];
    const given = call.raw(1, 'indices_or_sections');
    if (typeof given === 'number' && size % given !== 0)
      return call.fail(`${size} elements do not split into ${given}`);
    const ends =
      typeof given === 'number'
        ? Array.from({ length: given }, (_, j) => ((j + 1) * size) / given)
        : [...(given as number[]), size];
    return ends.map((end, j) => {
      const start = j === 0 ? 0 : ends[j - 1];
      const indices = Array.from({ length: end - start }, (_, k) => start + k);
      return applied(take({ name: j === 0 ? call.name : `${call.name}_${j}`, selections: [{ axis, indices }] }), x);
    });
  },

  Take(call) {
    const x = call.data();
    const axis = call.axis(call.raw(2, 'axis'), x.shape.length);
    const { shape, values } = call.constant(1, 'indices');
    if (shape.length > 1) return call.fail('its indices have several axes; only a list is supported');
    const size = sizes(call, x)[axis - 1];
    const indices = values.map((index) => (index < 0 ? index + size : index));
    const part = applied(
      take({ name: shape.length === 1 ? call.name : call.step(), selections: [{ axis, indices }] }),
      x,
    );
    return shape.length === 1
      ? part
      : reshaped(
          call,
          part,
          sizes(call, x).filter((_, j) => j !== axis - 1),
        );
  },

  Flip(call) {
    const x = call.data();
    const selections = call.axes(x.shape.length).map((axis) => {
      const size = sizes(call, x)[axis - 1];
      return { axis, indices: Array.from({ length: size }, (_, k) => size - 1 - k) };
    });
    return applied(take({ name: call.name, selections }), x);
  },

  Roll(call) {
    const x = call.data();
    const axis = call.axis(call.raw(2, 'axis'), x.shape.length);
    const shift = call.number(1, 'shift', null) ?? call.fail('it has no shift');
    const size = sizes(call, x)[axis - 1];
    const indices = Array.from({ length: size }, (_, k) => (((k - shift) % size) + size) % size);
    return applied(take({ name: call.name, selections: [{ axis, indices }] }), x);
  },

  Repeat(call) {
    const x = call.data();
    const axis = call.axis(call.raw(2, 'axis'), x.shape.length);
    const repeats = call.number(1, 'repeats', null) ?? call.fail('it has no repeats');
    const indices = Array.from({ length: sizes(call, x)[axis - 1] * repeats }, (_, k) => Math.floor(k / repeats));
    return applied(take({ name: call.name, selections: [{ axis, indices }] }), x);
  },

  Tile(call) {
    const x = call.data();
    const repeats = [call.raw(1, 'repeats')].flat() as number[];
    const full = [...new Array<number>(Math.max(0, x.shape.length - repeats.length)).fill(1), ...repeats];
    if (full.length !== x.shape.length || full[0] !== 1) {
      return call.fail(`repeats = ${JSON.stringify(repeats)} of data of rank ${x.shape.length}; the batch must stay`);
    }
    const selections = full.slice(1).map((times, j) => {
      const size = sizes(call, x)[j];
      return { axis: j + 1, indices: Array.from({ length: size * times }, (_, k) => k % size) };
    });
    return applied(take({ name: call.name, selections }), x);
  },

  Pad(call) {
    const x = call.data();
    const mode = call.setting('mode') ?? 'constant';
    const filling = call.raw(-1, 'constant_values') ?? 0;
    if (mode !== 'constant' || filling !== 0) return call.fail('only zeros can be padded');
    const given = call.raw(1, 'pad_width') as unknown[];
    const pairs = (
      typeof given === 'number'
        ? x.shape.map(() => [given, given])
        : typeof given[0] === 'number'
          ? x.shape.map(() => given)
          : given
    ) as [number, number][];
    if (pairs.length !== x.shape.length || pairs[0][0] !== 0 || pairs[0][1] !== 0) {
      return call.fail(`pad_width = ${JSON.stringify(given)} of data of rank ${x.shape.length}; the batch must stay`);
    }
    return applied(zeroPad({ name: call.name, pads: pairs.slice(1) }), x);
  },
};

function sizes(call: OperationCall, x: tf.SymbolicTensor): readonly number[] {
  const shape = x.shape.slice(1);
  if (shape.some((extent) => extent == null)) return call.fail(`the shape [${x.shape}] of its data is not fixed`);
  return shape as number[];
}

function identity(call: OperationCall, x: tf.SymbolicTensor): tf.SymbolicTensor {
  return applied(tf.layers.activation({ name: call.name, activation: 'linear' }), x);
}

function reshaped(call: OperationCall, x: tf.SymbolicTensor, shape: readonly number[]): tf.SymbolicTensor {
  return applied(tf.layers.reshape({ name: call.name, targetShape: [...shape] }), x);
}

function permuted(call: OperationCall, x: tf.SymbolicTensor, axes: readonly number[]): tf.SymbolicTensor {
  const counted = axes.map((axis) => (axis < 0 ? axis + x.shape.length : axis));
  if (counted[0] !== 0) return call.fail(`axes = ${JSON.stringify(axes)} move the batch axis, which must stay first`);
  return applied(tf.layers.permute({ name: call.name, dims: counted.slice(1) }), x);
}
