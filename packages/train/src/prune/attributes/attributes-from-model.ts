import { allLayers } from '@sp/layers/internal';
import * as tf from '@tensorflow/tfjs';
import { checkModel } from '../../fit/check-model.ts';
import { OptionError } from '../../option-error.ts';
import type { LayerAttributes, ModelAttributes } from './layer-attributes.ts';
import { optimizationAttributes } from './optimization-attributes.ts';
import { kernelKind, kernelWeight } from './prunable-kernel.ts';

/**
 * Attributes of every layer of a model, those of nested models in place of the models, in model order (upstream
 * `get_attributes_from_keras_model`). Nothing is optimizable yet.
 *
 * @throws OptionError for what is no model, and for two layers of the same name
 */
export function attributesFromModel(model: tf.LayersModel): ModelAttributes {
  checkModel(model, 'attributesFromModel');
  if (model instanceof tf.Sequential && !model.built) model.build();
  const layers = allLayers(model);
  const names = new Set(layers.map(({ name }) => name));
  const attributes = new Map<string, LayerAttributes>();
  for (const layer of layers) {
    if (attributes.has(layer.name)) {
      throw new OptionError(`attributesFromModel: two layers are called '${layer.name}'; give them different names`);
    }
    attributes.set(layer.name, attributesOf(layer, names));
  }
  return attributes;
}

function attributesOf(layer: tf.layers.Layer, names: ReadonlySet<string>): LayerAttributes {
  const [node] = layer.inboundNodes;
  const weight = kernelWeight(layer) ?? layer.weights[0];
  const kind = kernelKind(layer.getClassName());
  return {
    name: layer.name,
    layerType: layer.getClassName(),
    kind: kernelWeight(layer) === undefined ? null : kind,
    // A sequential model hides the input it makes for itself.
    inboundLayers: (node?.inboundLayers ?? []).map(({ name }) => name).filter((name) => names.has(name)),
    weightShape: (weight?.shape ?? []).map((extent) => extent ?? 1),
    inputShape: withoutBatch(node?.inputShapes[0]),
    outputShape: withoutBatch(node?.outputShapes[0]),
    optimizable: false,
    optimizationAttributes: optimizationAttributes(),
    args: {},
  };
}

function withoutBatch(shape: tf.Shape | number | null | undefined): readonly number[] {
  return (Array.isArray(shape) ? shape : []).slice(1).map((extent) => extent ?? 1);
}
