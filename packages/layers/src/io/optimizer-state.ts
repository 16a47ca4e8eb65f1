import * as tf from '@tensorflow/tfjs';
import { LayerError } from '../layer-error.ts';

/** Running products that some tfjs optimizers keep outside `getWeights` and would rebuild only approximately. */
const hidden = ['accBeta1', 'accBeta2'] as const;

/** Class, settings and accumulators of an optimizer, in the form that tfjs handlers store. */
export async function optimizerArtifacts(optimizer: tf.Optimizer): Promise<tf.io.ModelArtifacts> {
  const weights = await optimizer.getWeights();
  // Order is what counts when the state is restored, so it becomes part of the (otherwise not always unique) names.
  const named = weights.map(({ name, tensor }, index) => ({ name: `${index}:${name}`, tensor }));
  const { data, specs } = await tf.io.encodeWeights([...named, ...hiddenState(optimizer)]);
  disposeCopies(weights);
  return {
    format: 'optimizer',
    generatedBy: '@sp/layers',
    modelTopology: { className: optimizer.getClassName(), config: optimizer.getConfig() },
    weightSpecs: specs,
    weightData: data,
  };
}

/**
 * Restores an optimizer from `optimizerArtifacts`.
 *
 * @param optimizer receives the state; default: a new one of the saved class.
 * @throws when the classes differ or the saved class is unknown.
 */
export async function optimizerFromArtifacts(
  artifacts: tf.io.ModelArtifacts,
  optimizer?: tf.Optimizer,
): Promise<tf.Optimizer> {
  const { className, config } = artifacts.modelTopology as {
    className?: string;
    config: tf.serialization.ConfigDict;
  };
  if (artifacts.format !== 'optimizer' || className == null) throw new LayerError('The file holds no optimizer state.');
  if (optimizer != null && optimizer.getClassName() !== className) {
    throw new LayerError(`The saved optimizer is ${className}, not ${optimizer.getClassName()}.`);
  }
  const target = optimizer ?? create(className, config);
  const data = tf.io.decodeWeights(artifacts.weightData ?? new ArrayBuffer(0), artifacts.weightSpecs ?? []);
  const previous = await target.getWeights();
  const listed = (artifacts.weightSpecs ?? []).filter(({ name }) => /^\d+:/.test(name));
  await target.setWeights(listed.map(({ name }) => ({ name: name.replace(/^\d+:/, ''), tensor: data[name] })));
  for (const { name, tensor } of hiddenState(target)) if (data[name] != null) tensor.assign(data[name]);
  // The optimizer made variables of its own from these tensors, and dropped those it had.
  tf.dispose([data, previous.map(({ tensor }) => tensor)]);
  return target;
}

function hiddenState(optimizer: tf.Optimizer): { name: string; tensor: tf.Variable }[] {
  const fields = optimizer as unknown as Readonly<Record<string, unknown>>;
  return hidden.flatMap((name) => {
    const tensor = fields[name];
    return tensor instanceof tf.Variable ? [{ name, tensor }] : [];
  });
}

/** `getWeights` mixes the optimizer's variables with tensors made for the caller. */
function disposeCopies(weights: readonly { readonly tensor: tf.Tensor }[]): void {
  for (const { tensor } of weights) if (!(tensor instanceof tf.Variable)) tensor.dispose();
}

function create(className: string, config: tf.serialization.ConfigDict): tf.Optimizer {
  const entry = tf.serialization.SerializationMap.getMap().classNameMap[className];
  if (entry == null) {
    throw new LayerError(`Optimizer class '${className}' is unknown. Pass an optimizer, or register it with tfjs.`);
  }
  const [optimizerClass, fromConfig] = entry;
  return fromConfig(optimizerClass, config) as tf.Optimizer;
}
