import { namedVariables, setVariable } from '@sp/layers/internal';
import type { Constraint } from '@sp/layers/kernels';
import type * as tf from '@tensorflow/tfjs';
import { TrainingError } from '../training-error.ts';
import type { Memory } from './memory/memory.ts';
import { floats, type Room } from './memory/room.ts';
import { limitsOf } from './quantizer/limits-of.ts';

/** A variable of the model as the engine holds it between reading and writing the model. */
export interface EngineVariable {
  /** `layer/role/name`, as `namedVariables` calls it. */
  readonly key: string;
  readonly shape: readonly number[];
  readonly values: Room<Float32Array>;
  /** Gradient of the loss after a backward pass; null while nothing differentiates it. */
  gradient: Room<Float32Array> | null;
  /** Whether a step may change it, so that it has to be written back. */
  changes: boolean;
  /** Set that the values must stay in after every optimizer step. */
  constraint: Constraint | null;
}

/** All variables of a model, and the way between them and the engine's copies. */
export interface EngineVariables {
  /** @throws if the model has no such variable. */
  get(key: string): EngineVariable;
  /** The trainable ones, in the model's order, under the names that optimizers see. */
  readonly trained: readonly { readonly name: string; readonly variable: EngineVariable }[];
  /** Moves trained values back into their constraints. */
  constrain(): void;
  /** Notes all values of the engine; the function that is returned puts them back. */
  copy(): () => void;
  /** Copies the model's values into the engine. */
  load(): void;
  /**
   * Copies the values that steps may have changed into the model.
   *
   * @param names only variables of these names, the last part of `layer/role/name`; default all
   */
  sync(names?: readonly string[]): void;
}

/** Copies of the variables of `model`. */
export function engineVariables(model: tf.LayersModel, memory: Memory): EngineVariables {
  const named = namedVariables(model);
  const variables = new Map<string, EngineVariable>();
  const byVariable = new Map<tf.Variable, EngineVariable>();
  for (const [key, variable] of named) {
    const copy: EngineVariable = {
      key,
      shape: [...variable.shape],
      values: floats(memory, variable.size),
      gradient: null,
      changes: false,
      constraint: null,
    };
    variables.set(key, copy);
    byVariable.set(variable, copy);
  }
  const trained = model.trainableWeights.map((weight) => ({
    name: weight.originalName,
    variable: byVariable.get(weight.read() as tf.Variable) as EngineVariable,
  }));
  for (const { variable } of trained) variable.changes = true;
  return {
    trained,
    get(key) {
      const variable = variables.get(key);
      if (variable === undefined) throw new TrainingError(`compileEngine: the model has no variable '${key}'`);
      return variable;
    },
    constrain() {
      for (const { variable } of trained) {
        const { constraint } = variable;
        if (constraint == null) continue;
        const { view } = variable.values;
        const { min, max } = limitsOf(constraint);
        memory.kernels.clamp(view, min, max, view.length);
      }
    },
    copy() {
      const values = [...variables.values()].map(({ values }) => ({ room: values, was: values.view.slice() }));
      return () => {
        for (const { room, was } of values) room.view.set(was);
      };
    },
    load() {
      for (const [key, variable] of named) variables.get(key)?.values.view.set(variable.dataSync<'float32'>());
    },
    sync(names) {
      for (const [key, variable] of named) {
        if (names !== undefined && !names.includes(key.slice(key.lastIndexOf('/') + 1))) continue;
        const copy = variables.get(key);
        if (copy?.changes === true) setVariable(variable, copy.values.view);
      }
    },
  };
}
