import { registerLayers } from '@sp/layers';
import { allLayers, namedVariables, setVariable } from '@sp/layers/internal';
import * as tf from '@tensorflow/tfjs';
import { checkModel } from '../fit/check-model.ts';
import { OptionError } from '../option-error.ts';

/** A layer as a saved model describes it; options in Python's spelling (`kernel_regularizer`). */
export interface LayerConfig {
  readonly name: string;
  readonly className: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/** A variable of the old model. */
export interface OldVariable {
  readonly values: Float32Array;
  readonly shape: readonly number[];
}

/** Values of a variable of the new model, `layer/variable`, from the old one. */
export type NewValues = (key: string, old: OldVariable) => Float32Array;

/**
 * The same model with other options of its layers: sequential and functional models stay what they are.
 *
 * @param change options of a layer from its present ones; layers of nested models are asked for too
 * @param values of every variable; default: the old ones
 * @throws OptionError if a variable gets another number of values than it has
 */
export async function rebuildModel(
  model: tf.LayersModel,
  change: (layer: LayerConfig) => LayerConfig['config'],
  values: NewValues = (_key, old) => old.values,
): Promise<tf.LayersModel> {
  checkModel(model, 'rebuildModel');
  if (model instanceof tf.Sequential && !model.built) model.build();
  registerLayers();
  const known = tf.serialization.SerializationMap.getMap().classNameMap;
  for (const layer of allLayers(model)) {
    const layerClass = layer.constructor as Parameters<typeof tf.serialization.registerClass>[0];
    if (known[layer.getClassName()] === undefined) tf.serialization.registerClass(layerClass as never);
  }
  const topology = structuredClone(model.toJSON(null, false)) as unknown as Topology;
  changeLayers(topology, change);
  const rebuilt = await tf.models.modelFromJSON({ modelTopology: topology as never });
  const old = namedVariables(model);
  for (const [key, variable] of namedVariables(rebuilt)) {
    const before = old.get(key);
    if (before === undefined) throw new OptionError(`rebuildModel: the model had no variable '${key}'`);
    const next = values(key, { values: before.dataSync<'float32'>().slice(), shape: before.shape });
    if (next.length !== variable.size) {
      throw new OptionError(`rebuildModel: '${key}' of shape [${variable.shape}] gets ${next.length} values`);
    }
    setVariable(variable, next);
  }
  return rebuilt;
}

interface Topology {
  config: { layers?: Topology[]; name?: string } & Record<string, unknown>;
  class_name: string;
  name?: string;
}

function changeLayers({ config }: Topology, change: (layer: LayerConfig) => LayerConfig['config']): void {
  for (const layer of config.layers ?? []) {
    if (Array.isArray(layer.config.layers)) {
      changeLayers(layer, change);
      continue;
    }
    const name = layer.name ?? layer.config.name ?? '';
    layer.config = { ...change({ name, className: layer.class_name, config: layer.config }) };
  }
}
