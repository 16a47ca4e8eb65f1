import type * as tf from '@tensorflow/tfjs';
import { namedVariables, setVariable } from '../model/model-state.ts';
import type { VariableValue } from './stored-variables.ts';

/** Below this an `i` is HGQ2's mark of a range that was reset and has seen no data since (hgq2 §5.8). */
const unseen = -1e8;

/**
 * Writes values into all variables of a model, by `layer/variable`.
 *
 * Files do not say whether a WRAP quantizer was traced. Tracing leaves whole numbers in `i`, training leaves
 * fractions and a fresh quantizer has the same number everywhere: that decides the `traced` mark.
 *
 * @throws when a variable of the model has no value, a value no variable, or the shapes differ.
 */
export function assignVariables(model: tf.LayersModel, values: ReadonlyMap<string, VariableValue>): void {
  const variables = namedVariables(model);
  const unknown = [...values.keys()].find((name) => !variables.has(name));
  if (unknown != null) throw new Error(`The model has no variable '${unknown}'.`);
  for (const [name, variable] of variables) {
    const value = name.endsWith('/traced') ? tracedMark(name, values) : values.get(name);
    if (value == null) throw new Error(`There is no value for the variable '${name}'.`);
    if (withoutOnes(value.shape) !== withoutOnes(variable.shape) || value.data.length !== variable.size) {
      throw new Error(`Variable '${name}' has shape [${variable.shape}], the value for it [${value.shape}].`);
    }
    setVariable(variable, Float32Array.from(value.data));
  }
}

function tracedMark(name: string, values: ReadonlyMap<string, VariableValue>): VariableValue {
  const read = (variable: string): number[] => Array.from(values.get(name.replace(/traced$/, variable))?.data ?? []);
  const [i, k] = [read('i'), read('k')];
  const fresh = i.every((value) => value === i[0]) && k.every((value) => value === 1);
  const traced = !fresh && i.every((value) => Number.isInteger(value) && value > unseen);
  return { shape: [], data: [traced ? 1 : 0] };
}

/** Files and we may differ in axes of size 1. */
function withoutOnes(shape: readonly number[]): string {
  return shape.filter((extent) => extent !== 1).join('×');
}
