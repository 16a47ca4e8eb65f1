import * as tf from '@tensorflow/tfjs';
import { LayerError } from '../layer-error.ts';
import { assignVariables } from './assign-variables.ts';
import { convConverters } from './converters/conv.ts';
import { denseConverters } from './converters/dense.ts';
import { functionConverters } from './converters/function.ts';
import { mergeConverters } from './converters/merge.ts';
import { poolingConverters } from './converters/pooling.ts';
import { sparseConverters } from './converters/sparse.ts';
import { stockConverters } from './converters/stock.ts';
import { Options } from './options.ts';
import type { KerasFile, KerasLayer, KerasTensor } from './read-keras.ts';
import type { Converter, Recipe } from './recipe.ts';
import { storedVariables } from './stored-variables.ts';

const converters: ReadonlyMap<string, Converter> = new Map(
  Object.entries({
    ...stockConverters,
    ...sparseConverters,
    ...denseConverters,
    ...convConverters,
    ...poolingConverters,
    ...mergeConverters,
    ...functionConverters,
  }),
);

/**
 * Builds the live model that a `.keras` file describes: HGQ2 and sparsepixels layers as the layers of this package, with
 * all weights and quantizer state. Layer names are kept.
 *
 * @throws naming the layer when its class is unknown, an option has no counterpart here, or its variables do not fit.
 */
export function importKeras(file: KerasFile): tf.LayersModel {
  const recipes = new Map(file.layers.map((layer) => [layer.name, recipeOf(layer)]));
  const model = connect(file, recipes);
  const stored = file.layers.flatMap((layer) => [...storedVariables(layer, recipes.get(layer.name) as Recipe)]);
  const ebops = stored.filter(([name]) => name.endsWith('/ebops'));
  // The reference counts EBOPs in training and tracing calls, so zeros everywhere mean there was none.
  const hasRun = ebops.length === 0 ? null : ebops.some(([, { data }]) => data[0] > 0);
  assignVariables(model, new Map(stored.filter((entry) => !ebops.includes(entry))), hasRun);
  return model;
}

function recipeOf({ name, className, config, calls }: KerasLayer): Recipe {
  const converter = converters.get(className);
  const where = `Layer '${name}' (${className})`;
  if (converter == null) {
    throw new LayerError(
      `${where}: this class cannot be imported. Known: ${[...converters.keys()].sort().join(', ')}.`,
    );
  }
  const options = new Options(config, where);
  const recipe = converter(options, calls[0]?.length ?? 0);
  // Nothing to train, nothing to freeze.
  if (recipe.stored.length === 0) options.raw('trainable');
  options.done();
  return recipe;
}

/** Calls the layers in an order in which every input exists already. */
function connect(file: KerasFile, recipes: ReadonlyMap<string, Recipe>): tf.LayersModel {
  const tensors = new Map<string, tf.SymbolicTensor>();
  const id = ({ layer, node, tensor }: KerasTensor): string => `${layer}:${node}:${tensor}`;
  const lookUp = (tensor: KerasTensor): tf.SymbolicTensor => {
    const found = tensors.get(id(tensor));
    if (found == null)
      throw new LayerError(
        `Output ${tensor.tensor} of layer '${tensor.layer}' does not exist. The file is damaged: save the model again.`,
        { layer: tensor.layer },
      );
    return found;
  };
  const keep = (layer: string, node: number, outputs: tf.SymbolicTensor | tf.SymbolicTensor[]): void => {
    for (const [tensor, output] of [outputs].flat().entries()) tensors.set(id({ layer, node, tensor }), output);
  };
  let pending = file.layers.flatMap(({ name, calls }) => calls.map((inputs, node) => ({ name, node, inputs })));
  for (const { name } of file.layers) {
    const { layer } = recipes.get(name) as Recipe;
    if (layer.getClassName() === 'InputLayer') keep(name, 0, layer.output);
  }
  pending = pending.filter(({ inputs }) => inputs.length > 0);
  while (pending.length > 0) {
    const ready = pending.filter(({ inputs }) => inputs.every((tensor) => tensors.has(id(tensor))));
    if (ready.length === 0) {
      throw new LayerError(
        `Layer '${pending[0].name}' depends on a tensor that no layer makes. The file is damaged: save the model again.`,
      );
    }
    for (const { name, node, inputs } of ready) {
      const { layer } = recipes.get(name) as Recipe;
      const given = inputs.map(lookUp);
      keep(name, node, layer.apply(given.length === 1 ? given[0] : given) as tf.SymbolicTensor | tf.SymbolicTensor[]);
    }
    pending = pending.filter((call) => !ready.includes(call));
  }
  return tf.model({ name: file.name, inputs: file.inputs.map(lookUp), outputs: file.outputs.map(lookUp) });
}
