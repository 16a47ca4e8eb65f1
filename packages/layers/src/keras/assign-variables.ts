import type * as tf from '@tensorflow/tfjs';
import type { FixedQuantizerConfig } from '../config/quantizer-settings.ts';
import { LayerError } from '../layer-error.ts';
import { namedVariables, setVariable } from '../model/model-state.ts';
import { collectQLayers } from '../model/walk.ts';
import type { VariableValue } from './stored-variables.ts';

/** Below this an `i` is HGQ2's mark of a range that was reset and has seen no data since (hgq2 §5.8). */
const unseen = -1e8;

/**
 * Writes values into all variables of a model, by `layer/variable`.
 *
 * @param hasRun whether the values come from a model that was ever called in training or tracing; default: unless all
 *   WRAP quantizers still have their initial formats. See `tracedMark`.
 * @throws when a variable of the model has no value, a value no variable, or the shapes differ.
 */
export function assignVariables(
  model: tf.LayersModel,
  values: ReadonlyMap<string, VariableValue>,
  hasRun: boolean | null = null,
): void {
  const variables = namedVariables(model);
  const unknown = [...values.keys()].find((name) => !variables.has(name));
  if (unknown != null)
    throw new LayerError(`The model has no variable '${unknown}'. Was the file saved from another version of it?`, {
      option: unknown,
    });
  const mark: VariableValue = { shape: [], data: [tracedMark(model, values, hasRun) ? 1 : 0] };
  for (const [name, variable] of variables) {
    const value = name.endsWith('/traced') ? mark : values.get(name);
    if (value == null)
      throw new LayerError(
        `There is no value for the variable '${name}'. Was the file saved from another version of the model?`,
        { option: name },
      );
    if (withoutOnes(value.shape) !== withoutOnes(variable.shape) || value.data.length !== variable.size) {
      throw new LayerError(
        `Variable '${name}' has shape [${variable.shape}], the value for it [${value.shape}]. Was the file saved from another model?`,
        { option: name, value: value.shape },
      );
    }
    setVariable(variable, Float32Array.from(value.data));
  }
}

/**
 * Whether the WRAP quantizers were traced after the last training step, which files do not say. Tracing leaves whole
 * numbers in every `i`. Training steps make them decay by fractions, a reset leaves the mark of an unseen range, and
 * before the first call all are as configured. A model is traced as a whole, so one witness against it is enough.
 */
function tracedMark(
  model: tf.LayersModel,
  values: ReadonlyMap<string, VariableValue>,
  hasRun: boolean | null,
): boolean {
  const following = collectQLayers(model).flatMap((layer) =>
    [...layer.quantizers]
      .filter(([, { followsRange }]) => followsRange)
      .map(([role, { config }]) => {
        const read = (name: string): number[] => Array.from(values.get(`${layer.name}/${role}/${name}`)?.data ?? []);
        return { i: read('i'), k: read('k'), config: config as FixedQuantizerConfig };
      }),
  );
  const initial = following.every(
    ({ i, k, config }) => i.every((value) => value === config.i0) && k.every((value) => value === Number(config.k0)),
  );
  const settled = following.every(({ i }) => i.every((value) => Number.isInteger(value) && value > unseen));
  return settled && (hasRun ?? !initial);
}

/** Files and we may differ in axes of size 1. */
function withoutOnes(shape: readonly number[]): string {
  return shape.filter((extent) => extent !== 1).join('×');
}
