import * as tf from '@tensorflow/tfjs';
import { LayerError } from '../layer-error.ts';
import { QUnaryFunctionLUT } from '../layers/q-unary-function-lut.ts';
import { assignVariables } from './assign-variables.ts';
import { attentionConverters } from './converters/attention.ts';
import { convConverters } from './converters/conv.ts';
import { denseConverters } from './converters/dense.ts';
import { functionConverters } from './converters/function.ts';
import { mergeConverters } from './converters/merge.ts';
import { poolingConverters, stockPoolingConverters } from './converters/pooling.ts';
import { recurrentConverters } from './converters/recurrent.ts';
import { sparseConverters } from './converters/sparse.ts';
import { stockConverters } from './converters/stock.ts';
import { stockActivationConverters } from './converters/stock-activation.ts';
import { stockMergeConverters } from './converters/stock-merge.ts';
import { stockNormalizationConverters } from './converters/stock-normalization.ts';
import { stockWeightConverters } from './converters/stock-weights.ts';
import { damagedPart } from './damaged-part.ts';
import type { KerasCall, KerasTensor } from './keras-calls.ts';
import { applyOperation } from './operations.ts';
import { Options } from './options.ts';
import { withoutWrappers } from './per-step.ts';
import { isOperation, type KerasFile, type KerasLayer, type KerasModel } from './read-keras.ts';
import type { Converter, Recipe } from './recipe.ts';
import { refusal } from './refused-classes.ts';
import { storedVariables } from './stored-variables.ts';
import { withSymmetry } from './symmetric-hard-tanh.ts';
import { withUniqueNames } from './unique-names.ts';

const converters: ReadonlyMap<string, Converter> = new Map(
  Object.entries({
    ...stockConverters,
    ...stockActivationConverters,
    ...stockMergeConverters,
    ...stockNormalizationConverters,
    ...stockPoolingConverters,
    ...stockWeightConverters,
    ...sparseConverters,
    ...denseConverters,
    ...convConverters,
    ...poolingConverters,
    ...mergeConverters,
    ...functionConverters,
    ...recurrentConverters,
    ...attentionConverters,
  }),
);

type Symbolic = tf.SymbolicTensor;

/** Something that an import changes or leaves out, told in a sentence that names the layer. */
export interface ImportNote {
  readonly layer: string;
  readonly message: string;
}

/** Options of `importKeras`. */
export interface ImportOptions {
  /** Called for everything that training would have and the imported model has not, and for quirks that it keeps. */
  readonly report?: (note: ImportNote) => void;
  /**
   * Whether quantizers of the kind `HardTanhConfig` were symmetric (−1 rounds to −1 + 2^−f), which HGQ2's files do not
   * say. Default false, as HGQ2 loads them.
   */
  readonly symmetricHardTanh?: boolean;
}

/**
 * Builds the live model that a `.keras` file describes: layers of HGQ2, sparsepixels and Keras itself as layers of this
 * package and of tfjs, functional operations (`a + b`, slices, `ops.…`) as layers too, with all weights and quantizer
 * state. Layer names are kept. Nested models are dissolved: their layers stand in the one model that results.
 *
 * @throws LayerError naming the layer when its class is unknown, an option has no counterpart here, or its variables do
 *   not fit.
 */
export function importKeras(
  file: KerasFile,
  { report = () => {}, symmetricHardTanh }: ImportOptions = {},
): tf.LayersModel {
  const recipes = new Map<KerasLayer, Recipe>();
  const whole = withUniqueNames(
    withoutWrappers(symmetricHardTanh == null ? file : withSymmetry(file, symmetricHardTanh)),
  );
  const { inputs, outputs } = connect(whole, null, { recipes, report });
  const model = damagedPart(`Model '${file.name}'`, () => tf.model({ name: file.name, inputs, outputs }));
  const stored = [...recipes].flatMap(([layer, recipe]) => [...storedVariables(layer, recipe)]);
  const ebops = stored.filter(([name]) => name.endsWith('/ebops'));
  // Those of a table may be cut to 0 in spite of a run.
  const tables = new Set(
    [...recipes.values()].filter(({ layer }) => layer instanceof QUnaryFunctionLUT).map(({ layer }) => layer.name),
  );
  const telling = ebops.filter(([name]) => !tables.has(name.slice(0, -'/ebops'.length)));
  // The reference counts EBOPs in training and tracing calls, so zeros everywhere mean there was none.
  const hasRun = telling.length === 0 ? null : telling.some(([, { data }]) => data[0] > 0);
  assignVariables(model, new Map(stored.filter((entry) => !ebops.includes(entry))), hasRun);
  return model;
}

function recipeOf(file: KerasLayer, inputs: readonly Symbolic[], report: (note: ImportNote) => void): Recipe {
  const { name, className, config, builtOn } = file;
  const converter = converters.get(className);
  const where = `Layer '${name}' (${className})`;
  if (converter == null) throw refusal(where, className, [...converters.keys()]);
  const options = new Options(config, where, (message) => report({ layer: name, message }));
  refuseOtherDtypes(options, className);
  const shapes = inputs.length > 0 || builtOn == null ? inputs.map(({ shape }) => shape) : [builtOn];
  const recipe = damagedPart(where, () => converter(options, inputs.length, shapes, file));
  // Nothing to train, nothing to freeze.
  if (recipe.stored.length === 0) options.raw('trainable');
  options.done();
  return recipe;
}

/** Numbers here are float32; integers at an input are float32 numbers too. */
function refuseOtherDtypes(options: Options, className: string): void {
  const given = options.raw('dtype');
  const config = (given as { readonly config?: { readonly name?: unknown } } | null)?.config;
  const policy = typeof given === 'string' ? given : config?.name;
  if (policy == null || policy === 'float32') return;
  if (className === 'InputLayer' && /^(u?int(8|16|32)|bool)$/.test(String(policy))) return;
  options.fail('dtype', "'float32': build the model with that policy, load the weights into it and save it");
}

/**
 * Calls the layers of a model in an order in which every input exists already.
 *
 * @param given what a nested model is called with, or null for the whole model
 */
function connect(
  model: KerasModel,
  given: readonly Symbolic[] | null,
  work: { readonly recipes: Map<KerasLayer, Recipe>; readonly report: (note: ImportNote) => void },
): { readonly inputs: Symbolic[]; readonly outputs: Symbolic[] } {
  const tensors = new Map<string, Symbolic>();
  const id = ({ layer, node, tensor }: KerasTensor): string => `${layer}:${node}:${tensor}`;
  const lookUp = (tensor: KerasTensor): Symbolic => {
    const found = tensors.get(id(tensor));
    if (found != null) return found;
    throw new LayerError(
      `Output ${tensor.tensor} of layer '${tensor.layer}' does not exist. The file is damaged: save the model again.`,
      { layer: tensor.layer },
    );
  };
  const keep = (layer: string, node: number, outputs: Symbolic | readonly Symbolic[]): void => {
    for (const [tensor, output] of [outputs].flat().entries()) tensors.set(id({ layer, node, tensor }), output);
  };
  const recipe = (layer: KerasLayer, inputs: readonly Symbolic[]): Recipe => {
    const made = work.recipes.get(layer) ?? recipeOf(layer, inputs, work.report);
    work.recipes.set(layer, made);
    return made;
  };
  const apply = (layer: KerasLayer, call: KerasCall): Symbolic | readonly Symbolic[] => {
    const inputs = call.inputs.map(lookUp);
    const where = `Layer '${layer.name}' (${layer.className})`;
    if (isOperation(layer.module)) return damagedPart(where, () => applyOperation(layer, call, lookUp));
    if (layer.model != null) return connect(layer.model, inputs, work).outputs;
    refuseNamedTensors(layer, call);
    const { before = [], layer: own, after = [], tensors: select } = recipe(layer, inputs);
    const taken = select == null ? inputs : damagedPart(where, () => select(call)).map(lookUp);
    return damagedPart(where, () =>
      [...before, own, ...after].reduce<Symbolic | Symbolic[]>(
        (x, step) => step.apply(x) as Symbolic | Symbolic[],
        taken.length === 1 ? taken[0] : taken,
      ),
    );
  };
  for (const layer of model.layers) {
    if (layer.className !== 'InputLayer') continue;
    const place = model.inputs.findIndex(({ layer: name }) => name === layer.name);
    keep(layer.name, 0, given == null ? (recipe(layer, []).layer.output as Symbolic) : given[place]);
  }
  let pending = model.layers
    .flatMap((layer) => layer.calls.map((call, node) => ({ layer, node, call })))
    .filter(({ layer }) => layer.className !== 'InputLayer');
  while (pending.length > 0) {
    const ready = pending.filter(({ call }) => call.inputs.every((tensor) => tensors.has(id(tensor))));
    if (ready.length === 0) {
      const { name } = pending[0].layer;
      throw new LayerError(
        `Layer '${name}' depends on a tensor that no layer makes. The file is damaged: save the model again.`,
      );
    }
    for (const { layer, node, call } of ready) keep(layer.name, node, apply(layer, call));
    pending = pending.filter((entry) => !ready.includes(entry));
  }
  return { inputs: model.inputs.map(lookUp), outputs: model.outputs.map(lookUp) };
}

/** Keywords under which a layer takes what it also takes by position. */
const dataKeywords = new Set(['inputs', 'x', 'query', 'value', 'key']);

function refuseNamedTensors({ name, className }: KerasLayer, { kwargs }: KerasCall): void {
  const named = Object.keys(kwargs).find(
    (key) => !dataKeywords.has(key) && JSON.stringify(kwargs[key]).includes('"layer"'),
  );
  if (named == null) return;
  throw new LayerError(
    `Layer '${name}' (${className}): it is called with a tensor as ${named}, which has no counterpart here. ` +
      'Call it without, or apply the tensor with an own layer.',
    { option: named },
  );
}
