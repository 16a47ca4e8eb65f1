import * as tf from '@tensorflow/tfjs';
import { HLayer } from '../hgq1/h-layer.ts';
import { damagedPart } from '../keras/damaged-part.ts';
import type { Hdf5Dataset } from '../keras/hdf5.ts';
import type { KerasTensor } from '../keras/keras-calls.ts';
import { Options } from '../keras/options.ts';
import { LayerError } from '../layer-error.ts';
import { hgq1Converters } from './hgq1-converters.ts';
import { qkerasConverters } from './qkeras-converters.ts';
import type { Keras2File, Keras2Layer, Keras2Model } from './read-keras2.ts';
import { type Keras2Converter, stockConverters2 } from './stock-converters.ts';

/** Options of `buildKeras2`. */
export interface BuildKeras2Options {
  /** Makers of layers by class name (Keras' `custom_objects`); they come before ours. */
  readonly customObjects?: Readonly<Record<string, Keras2Converter>>;
  /** Told of what the model does not take over from the file. */
  readonly note?: (message: string) => void;
}

/** Settings that matter to training in Keras only, or that repeat what the file says elsewhere. */
const trainingOnly = /_(constraint|regularizer|range)$|^(trainable|build_config)$/;
/** Those of them that a training would miss. */
const missed = /_(constraint|regularizer)$/;

/**
 * The live model of a Keras-2 file, weights included: layers of Keras, QKeras and HGQ v1. Layer names are kept.
 * Constraints and regularisers of weights are left out, with a note: they change nothing but further training.
 *
 * @throws LayerError naming the layer when its class is unknown, an option has no counterpart, or its weights do not fit
 */
export function buildKeras2(file: Keras2File, options: BuildKeras2Options = {}): tf.LayersModel {
  const converters = { ...stockConverters2, ...qkerasConverters, ...hgq1Converters, ...options.customObjects };
  const left = leftOut(file.model);
  if (left.length > 0) {
    options.note?.(`Constraints and regularisers are left out, which matters to further training: ${left.join(', ')}.`);
  }
  const model = connect(file.model, converters);
  assignWeights(model, file.model, file.weights);
  return model;
}

function leftOut(model: Keras2Model): readonly string[] {
  return model.layers.flatMap((layer) => {
    if (layer.model != null) return leftOut(layer.model);
    const names = Object.keys(layer.config).filter((key) => missed.test(key) && layer.config[key] != null);
    return names.map((key) => `${key} of '${layer.name}'`);
  });
}

function connect(model: Keras2Model, converters: Readonly<Record<string, Keras2Converter>>): tf.LayersModel {
  const made = new Map(model.layers.map((layer) => [layer.name, layerOf(layer, converters)]));
  const tensors = new Map<string, tf.SymbolicTensor>();
  const id = ({ layer, node, tensor }: KerasTensor): string => `${layer}:${node}:${tensor}`;
  const lookUp = (tensor: KerasTensor): tf.SymbolicTensor => {
    const found = tensors.get(id(tensor));
    if (found == null) throw new LayerError(`Output ${tensor.tensor} of layer '${tensor.layer}' does not exist.`);
    return found;
  };
  for (const [name, layer] of made) {
    if (layer.getClassName() === 'InputLayer') tensors.set(`${name}:0:0`, layer.output as tf.SymbolicTensor);
  }
  // A nested model's first node is its own: what its file calls node 1 is its first use.
  let pending = model.layers.flatMap(({ name, calls, model: inner }) =>
    calls
      .filter((inputs) => inputs.length > 0)
      .map((inputs, use) => ({ name, nodes: inner == null ? [use] : [use, use + 1], inputs })),
  );
  while (pending.length > 0) {
    const ready = pending.filter(({ inputs }) => inputs.every((tensor) => tensors.has(id(tensor))));
    if (ready.length === 0) throw new LayerError(`Layer '${pending[0].name}' depends on a tensor that no layer makes.`);
    for (const { name, nodes, inputs } of ready) {
      const given = inputs.map(lookUp);
      const layer = made.get(name) as tf.layers.Layer;
      const outputs = damagedPart(`Layer '${name}'`, () => layer.apply(given.length === 1 ? given[0] : given));
      for (const [tensor, output] of [outputs as tf.SymbolicTensor | tf.SymbolicTensor[]].flat().entries()) {
        for (const node of nodes) tensors.set(id({ layer: name, node, tensor }), output);
      }
    }
    pending = pending.filter((call) => !ready.includes(call));
  }
  const ends = { inputs: model.inputs.map(lookUp), outputs: model.outputs.map(lookUp) };
  return damagedPart(`Model '${model.name}'`, () => tf.model({ name: model.name, ...ends }));
}

function layerOf(layer: Keras2Layer, converters: Readonly<Record<string, Keras2Converter>>): tf.layers.Layer {
  if (layer.model != null) {
    const inner = connect(layer.model, converters);
    inner.name = layer.name;
    return inner;
  }
  const className = layer.className.replace(/^.*>/, '');
  const where = `Layer '${layer.name}' (${className})`;
  const settings = Object.fromEntries(Object.entries(layer.config).filter(([key]) => !trainingOnly.test(key)));
  // Said again by the input layer.
  if (className !== 'InputLayer') delete settings['batch_input_shape'];
  const converter = Object.hasOwn(converters, className) ? converters[className] : undefined;
  if (converter == null) {
    throw new LayerError(
      `${where}: this class cannot be read. Known: ${Object.keys(converters).sort().join(', ')}; give customObjects for others.`,
      { layer: layer.name },
    );
  }
  const options = new Options(settings, where);
  const made = damagedPart(where, () => converter(options));
  options.done();
  made.trainable = layer.config['trainable'] !== false;
  return made;
}

/** Counters and the like that no layer of ours has. */
const bookkeeping = /(^|\/)(Variable|iteration|step|qnoise_factor[^/]*)(_\d+)?$/;

/**
 * Names of a layer's variables in the order in which archives number them: trainable ones first, then the others, each as
 * created. HGQ v1 makes them in another order than we do.
 */
function storedOrder(layer: tf.layers.Layer): readonly string[] {
  const own = layer.weights.map(({ originalName }) => nameOf(originalName));
  if (!(layer instanceof HLayer)) return own;
  const { trainable } = layer;
  const trained: Readonly<Record<string, boolean>> = {
    activation_bw: trainable && layer.paq.config.trainable,
    kernel_bw: trainable && layer.hQuantizers[0].config.trainable,
    beta: false,
    bops: false,
  };
  const created = ['kernel', 'bias', 'beta', 'kernel_bw', 'activation_bw', 'bn_beta', 'bn_gamma', 'bops'];
  const isTrained = (name: string): boolean => trained[name] ?? true;
  const known = created.filter((name) => own.includes(name));
  const moving = own.filter((name) => name.startsWith('moving_'));
  return [...known.filter(isTrained), ...known.filter((name) => !isTrained(name)), ...moving];
}

/** `d/kernel_1` → `kernel`. */
function nameOf(variable: string): string {
  return (variable.split('/').at(-1) as string).replace(/_\d+$/, '');
}

function assignWeights(model: tf.LayersModel, described: Keras2Model, weights: ReadonlyMap<string, Hdf5Dataset>): void {
  const remaining = new Map(weights);
  const assign = (layer: tf.layers.Layer, group: string, nested: boolean): void => {
    if (layer instanceof tf.LayersModel) {
      for (const inner of layer.layers) assign(inner, group, true);
      return;
    }
    const order = storedOrder(layer);
    for (const variable of layer.weights) {
      const name = nameOf(variable.originalName);
      const wanted = variable.originalName.split('/').at(-1) as string;
      const candidates = [...remaining.keys()].filter((path) => {
        const [owner, rest] = path.split('//');
        if (owner !== group) return false;
        if (nested && !`/${rest}`.includes(`/${layer.name}/`)) return false;
        const last = rest.split('/').at(-1) as string;
        return last === wanted || last === name || (/^\d+$/.test(last) && order[Number(last)] === name);
      });
      const [path] = candidates;
      if (path == null)
        throw new LayerError(`Layer '${layer.name}': the file has no weight '${wanted}'.`, { layer: layer.name });
      const { shape, values } = remaining.get(path) as Hdf5Dataset;
      const value = variable.read();
      if (shape.join() !== value.shape.join()) {
        throw new LayerError(
          `Layer '${layer.name}': its ${wanted} has shape [${value.shape}], the file's [${shape}].`,
          { layer: layer.name },
        );
      }
      remaining.delete(path);
      const tensor = tf.tensor(Float32Array.from(values as ArrayLike<number>, Number), value.shape, 'float32');
      (value as tf.Variable).assign(tensor);
      tensor.dispose();
    }
  };
  for (const { name } of described.layers) {
    const layer = model.getLayer(name);
    assign(layer, name, false);
  }
  const [left] = [...remaining.keys()].filter((path) => !bookkeeping.test(path));
  if (left != null) {
    throw new LayerError(`The file has a weight '${left.replace('//', ': ')}' that no layer of the model has.`);
  }
}
