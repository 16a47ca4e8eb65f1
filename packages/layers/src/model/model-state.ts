import * as tf from '@tensorflow/tfjs';
import { LayerError } from '../layer-error.ts';
import { hostValues } from '../ops/host-view.ts';
import { assignRaw, stateVariableOf } from '../quantizer/state-variable.ts';
import { allLayers } from './walk.ts';

/** Values of all variables of a model, quantizer state included, by `layer/variable`. Plain data on the host. */
export type ModelState = ReadonlyMap<string, { readonly shape: readonly number[]; readonly values: Float32Array }>;

/** Copies every variable of the model: a snapshot for keeping the best epoch. */
export function modelState(model: tf.LayersModel): ModelState {
  const state = new Map<string, { shape: readonly number[]; values: Float32Array }>();
  for (const [key, variable] of namedVariables(model)) {
    state.set(key, { shape: [...variable.shape], values: hostValues(variable).slice() });
  }
  return state;
}

/**
 * Writes a snapshot back.
 *
 * @throws if a variable is missing, superfluous or of another shape.
 */
export function restoreState(model: tf.LayersModel, state: ModelState): void {
  const variables = namedVariables(model);
  const unknown = [...state.keys()].find((key) => !variables.has(key));
  if (unknown != null)
    throw new LayerError(
      `restoreState: the model has no variable '${unknown}'. Was the snapshot taken of this model?`,
      { option: unknown },
    );
  for (const [key, variable] of variables) {
    const saved = state.get(key);
    if (saved == null)
      throw new LayerError(`restoreState: the snapshot has no variable '${key}'. Was it taken of this model?`, {
        option: key,
      });
    if (saved.shape.join() !== variable.shape.join()) {
      throw new LayerError(
        `restoreState: '${key}' has shape [${variable.shape}], the snapshot [${saved.shape}]. Was it taken of this model?`,
        { option: key, value: saved.shape },
      );
    }
    setVariable(variable, saved.values);
  }
}

/**
 * Writes values into a variable exactly as they are, without its constraint: a range that was reset is stored outside it, a
 * weight may not have been trained yet, and both must come back as they were.
 */
export function setVariable(variable: tf.Variable, values: Float32Array): void {
  const guarded = stateVariableOf(variable);
  if (guarded != null) guarded.assignUnconstrained(values.slice());
  else tf.tidy(() => assignRaw(variable, tf.tensor(values.slice(), variable.shape, 'float32')));
}

/** All variables by `layer/variable`, in model order. */
export function namedVariables(model: tf.LayersModel): ReadonlyMap<string, tf.Variable> {
  const named = new Map<string, tf.Variable>();
  for (const layer of allLayers(model)) {
    for (const weight of layer.weights) {
      const scope = `${layer.name}/`;
      const own = weight.originalName;
      const key = own.startsWith(scope) ? own : scope + own;
      if (named.has(key))
        throw new LayerError(`Two variables of the model are called '${key}'. Give the layers different names.`, {
          layer: key.split('/')[0],
          option: key,
        });
      named.set(key, weight.read() as tf.Variable);
    }
  }
  return named;
}
