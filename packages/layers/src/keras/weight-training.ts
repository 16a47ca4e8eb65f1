import type { RegularizerLike, WeightArgs, WeightConstraintLike } from '../layers/weight-settings.ts';
import type { JsonObject } from './json-object.ts';
import type { Options } from './options.ts';

/** Settings of a weight's training that `WeightArgs` has. */
type Training = Pick<WeightArgs, 'kernelRegularizer' | 'kernelConstraint' | 'biasRegularizer' | 'biasConstraint'>;

/**
 * Regularizers and constraints of the kernel and the bias, for training on with; those without a counterpart, and
 * penalties on what the layer gives (`activity_regularizer`), are told and left out. The weights themselves come from the
 * file.
 *
 * @param names what the file calls the two weights
 * @param reshaped whether our kernel has other axes than the file's, so that constraints along axes mean something else
 */
export function weightTraining(
  options: Options,
  names: { readonly kernel?: string; readonly bias?: string } = {},
  reshaped: boolean = false,
): Training {
  const { kernel = 'kernel', bias = 'bias' } = names;
  const result: { -readonly [Key in keyof Training]: Training[Key] } = {};
  const kernelRegularizer = regularizer(options, `${kernel}_regularizer`);
  const kernelConstraint = constraint(options, `${kernel}_constraint`, reshaped);
  const biasRegularizer = regularizer(options, `${bias}_regularizer`);
  const biasConstraint = constraint(options, `${bias}_constraint`, false);
  if (kernelRegularizer != null) result.kernelRegularizer = kernelRegularizer;
  if (kernelConstraint != null) result.kernelConstraint = kernelConstraint;
  if (biasRegularizer != null) result.biasRegularizer = biasRegularizer;
  if (biasConstraint != null) result.biasConstraint = biasConstraint;
  leftOut(options, 'activity_regularizer');
  options.expect('quantization_config');
  return result;
}

/** Tells a setting of the training that the imported model goes without, if the file has it. */
export function leftOut(options: Options, key: string): null {
  const value = options.raw(key) as JsonObject | null | undefined;
  if (value == null) return null;
  options.note(
    `${options.where}: ${key} = ${String(value['class_name'])} ${JSON.stringify(value['config'] ?? {})} is not taken over; training goes on without it.`,
  );
  return null;
}

/** L1, L2 and both; numpy scalars come as numbers. */
function regularizer(options: Options, key: string): RegularizerLike | null {
  const { className, config } = object(options, key);
  if (className === 'L1' || className === 'L2' || className === 'L1L2') {
    const strength = (name: string): number => (typeof config[name] === 'number' ? config[name] : 0);
    return { className: 'L1L2', config: { l1: strength('l1'), l2: strength('l2') } };
  }
  return leftOut(options, key);
}

function constraint(options: Options, key: string, reshaped: boolean): WeightConstraintLike | null {
  const { className, config } = object(options, key);
  const { axis, max_value: maxValue, min_value: minValue, rate } = config;
  if (className === 'NonNeg') return { className, config: {} };
  const along = typeof axis === 'number' && !reshaped;
  if (along && className === 'MaxNorm') return { className, config: { maxValue, axis } };
  if (along && className === 'UnitNorm') return { className, config: { axis } };
  if (along && className === 'MinMaxNorm') return { className, config: { minValue, maxValue, rate, axis } };
  return leftOut(options, key);
}

function object(options: Options, key: string): { readonly className: unknown; readonly config: JsonObject } {
  const value = (options.raw(key) ?? {}) as JsonObject;
  return { className: value['class_name'], config: (value['config'] ?? {}) as JsonObject };
}
