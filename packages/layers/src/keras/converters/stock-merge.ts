import * as tf from '@tensorflow/tfjs';
import { meanOfInputs } from '../../layers/mean-of-inputs.ts';
import { qMaximum, qMinimum, qMultiply, qSubtract } from '../../layers/merge-layers.ts';
import { qDot } from '../../layers/q-einsum.ts';
import type { QMergeArgs } from '../../layers/q-merge.ts';
import type { Converter, Recipe } from '../recipe.ts';

/** A merge that computes as its quantised sister does, without quantizers and costs. */
export const unquantisedMerge = { enableIq: false, enableOq: false, enableEbops: false } as const;

/** Merges of Keras itself. */
export const stockMergeConverters: Readonly<Record<string, Converter>> = {
  Add: (options) => ({ layer: tf.layers.add({ name: options.string('name') }), stored: [] }),
  Subtract: (options) => merge(options.string('name'), qSubtract),
  Multiply: (options) => merge(options.string('name'), qMultiply),
  Maximum: (options) => merge(options.string('name'), qMaximum),
  Minimum: (options) => merge(options.string('name'), qMinimum),
  Average: (options) => ({ layer: meanOfInputs({ name: options.string('name') }), stored: [] }),

  Concatenate(options, _, [shape]) {
    const given = options.number('axis', -1);
    // tfjs takes every negative axis for the last one.
    const axis = given < 0 ? given + shape.length : given;
    return { layer: tf.layers.concatenate({ name: options.string('name'), axis }), stored: [] };
  },

  Dot(options) {
    options.expect('normalize', false);
    const axes = options.axes('axes');
    return merge(options.string('name'), (args) => qDot({ ...args, axes }));
  },
};

function merge(name: string, make: (args: QMergeArgs) => Recipe['layer']): Recipe {
  return { layer: make({ ...unquantisedMerge, name }), stored: [] };
}
