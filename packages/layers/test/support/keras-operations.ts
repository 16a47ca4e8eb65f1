import type { JsonObject } from '../../src/keras/json-object.ts';
import type { KerasFile, KerasLayer } from '../../src/keras/read-keras.ts';

/** A tensor of the model among the arguments of an operation. */
export const x = { layer: 'x', node: 0, tensor: 0 } as const;

/** A slice of Python. */
export const slice = (start: number | null, stop: number | null, step: number | null = null): JsonObject => ({
  class_name: '__slice__',
  config: { start, stop, step },
});

/** `...` of Python. */
export const dots: JsonObject = { class_name: '__ellipsis__', config: {} };

/** An array of numpy. */
export const array = (value: unknown): JsonObject => ({ class_name: '__numpy__', config: { value, dtype: 'float32' } });

const nothing = { arrays: new Map(), model: null, builtOn: null };

/** A file of one input 'x' of `shape` (without batch) and one functional operation on it. */
export function operationFile(
  shape: readonly number[],
  className: string,
  args: readonly unknown[],
  config: JsonObject = {},
): KerasFile {
  const input: KerasLayer = {
    ...nothing,
    name: 'x',
    className: 'InputLayer',
    module: 'keras.layers',
    config: { name: 'x', batch_shape: [null, ...shape] },
    calls: [{ args: [], kwargs: {}, inputs: [] }],
  };
  const inputs = args.flat().filter((arg) => arg === x) as (typeof x)[];
  const operation: KerasLayer = {
    ...nothing,
    name: 'op',
    className,
    module: 'keras.src.ops.numpy',
    config: { name: 'op', ...config },
    calls: [{ args, kwargs: {}, inputs }],
  };
  return {
    name: 'operation',
    kerasVersion: '3.15.1',
    config: {},
    layers: [input, operation],
    inputs: [x],
    outputs: [{ layer: 'op', node: 0, tensor: 0 }],
  };
}
