import type * as tf from '@tensorflow/tfjs';
import { LayerError } from '../layer-error.ts';
import { activationOperations } from './converters/operations-activation.ts';
import { arithmeticOperations } from './converters/operations-arithmetic.ts';
import { shapeOperations } from './converters/operations-shape.ts';
import type { KerasCall, KerasTensor } from './keras-calls.ts';
import { type Operation, OperationCall } from './operation-call.ts';
import type { KerasLayer } from './read-keras.ts';

const operations: ReadonlyMap<string, Operation> = new Map(
  Object.entries({ ...arithmeticOperations, ...shapeOperations, ...activationOperations }),
);

/** How often an operation was applied already, where nested models are called several times. */
const uses = new WeakMap<KerasLayer, number>();

/**
 * The layers of a functional operation (`a + b`, `x[:, 0]`, `keras.ops.relu(x)`), connected.
 *
 * @throws LayerError naming the operation when it, or an argument, has no counterpart here.
 */
export function applyOperation(
  layer: KerasLayer,
  call: KerasCall,
  lookUp: (tensor: KerasTensor) => tf.SymbolicTensor,
): tf.SymbolicTensor | readonly tf.SymbolicTensor[] {
  const operation = operations.get(layer.className);
  if (operation == null) {
    throw new LayerError(
      `Layer '${layer.name}' (operation ${layer.className}): keras.ops.${layer.className} cannot be imported. ` +
        `Replace it by a layer, or by one of ${[...operations.keys()].sort().join(', ')}.`,
      { layer: layer.name },
    );
  }
  const used = uses.get(layer) ?? 0;
  uses.set(layer, used + 1);
  return operation(new OperationCall(layer, call, lookUp, used));
}
