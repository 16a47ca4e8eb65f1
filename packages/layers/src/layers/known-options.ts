import { suggest } from '@sp/quant/suggest';
import { LayerError } from '../layer-error.ts';
import type { OptionNames } from './option-list.ts';

/** Marks options that were checked as the user wrote them, before a layer adds its own; copies keep the mark. */
const isChecked = Symbol('options of a layer, checked');

/** What tfjs puts among a saved layer's options when it builds it again. */
const addedByTfjs = 'customObjects';

/** Other systems' names of what is an option here, in our spelling: sparsepixels, HGQ2, QKeras. */
const otherNames: Readonly<Record<string, string>> = {
  nMaxPixels: 'n',
  maxPixels: 'n',
  thr: 'threshold',
  betaMaskede: 'betaMaskedE',
  beta: 'beta0',
  iqConf: 'iqConfs',
  iqConfs: 'iqConf',
  kernelQuantizer: 'kqConf',
  biasQuantizer: 'bqConf',
  inputQuantizer: 'iqConf',
  outputQuantizer: 'oqConf',
  quantizerConfig: 'config',
};

/** Why options that Keras has are none here. */
const reasons: Readonly<Record<string, string>> = {
  activityRegularizer:
    'TensorFlow.js has no losses of activations. Weigh their bits instead: beta0, or a regulariser in iqConf',
  gammaRegularizer: 'scale and offset are quantised as one. Regularise the bits in kqConf',
  betaRegularizer: 'scale and offset are quantised as one. Regularise the bits in bqConf',
  gammaConstraint: 'scale and offset are quantised as one. Limit the formats in kqConf',
  betaConstraint: 'scale and offset are quantised as one. Limit the formats in bqConf',
  dataFormat: 'images have their channels last. Transpose the data',
  dilationRate: 'the window of this layer has no gaps',
  groups: 'this layer has no groups',
  stateful: 'every sequence starts with zeros, in firmware too. Give whole sequences',
  unroll: 'sequences are always computed step by step. Leave it out',
  dropout: 'put tf.layers.dropout in front of the layer',
  recurrentDropout: 'put tf.layers.dropout in front of the layer',
  seed: 'initializers take the seed: kernelInitializer: tf.initializers.glorotUniform({ seed })',
};

/**
 * Options as a user gave them to a layer, or a saved model did, if the layer has them all; marked, so that constructors can call it
 * one after the other: the first sees what the user wrote. Options of layers without a list are passed on.
 *
 * @param layer its class (`new.target`), or the list itself
 * @throws LayerError for positional arguments, and for options of other names, which would be ignored without a word: with the
 * reason if Keras has such an option, else the name here or the nearest one, and all that there are.
 */
export function knownOptions<Args extends object>(args: Args, layer: object): Args {
  const list = 'known' in layer ? (layer as OptionNames) : optionsOf(layer);
  if (list === undefined) return args;
  const { className = '' } = layer as { readonly className?: string };
  const { maker = className.charAt(0).toLowerCase() + className.slice(1) } = list;
  const given: unknown = args;
  if (given === null || typeof given !== 'object' || Array.isArray(given)) throw positional(maker, list, given);
  if ((given as { readonly [isChecked]?: true })[isChecked] === true) return args;
  for (const [option, value] of Object.entries(given)) {
    if (value === undefined || option === addedByTfjs || list.known.includes(option)) continue;
    const { name } = given as { readonly name?: unknown };
    const where = typeof name === 'string' ? `Layer '${name}' (${maker})` : maker;
    const fields = typeof name === 'string' ? { layer: name, option, value } : { option, value };
    throw new LayerError(`${where}: ${complaint(option, list)}`, fields);
  }
  return { ...args, [isChecked]: true };
}

/** The options of a layer's class: a static property beside its name. Undefined for layers of others, those made out of ours included. */
export function optionsOf(layer: object): OptionNames | undefined {
  let named: object | null = layer;
  while (named !== null && !Object.hasOwn(named, 'className')) named = Object.getPrototypeOf(named);
  return named !== null && Object.hasOwn(named, 'options')
    ? (named as { readonly options: OptionNames }).options
    : undefined;
}

function complaint(option: string, { known }: OptionNames): string {
  const spelt = option.replace(/_+(.)/g, (_, letter: string) => letter.toUpperCase());
  const name = known.includes(spelt) ? spelt : (otherNames[spelt] ?? spelt);
  if (known.includes(name)) return `the option '${option}' is called '${name}' here.`;
  const reason = reasons[spelt];
  if (reason !== undefined) return `the option '${option}' is not supported: ${reason}.`;
  const near = suggest(spelt, known);
  const hint = near === undefined ? '' : `, did you mean '${near}'?`;
  return `unknown option '${option}'${hint} (known: ${known.join(', ')}).`;
}

function positional(maker: string, { first }: OptionNames, given: unknown): LayerError {
  const shown = given === undefined ? 'nothing' : JSON.stringify(given);
  const example = given === undefined || given === null ? '…' : shown;
  return new LayerError(`${maker}: got ${shown}; options have names here: ${maker}({ ${first}: ${example} }).`, {
    option: first,
    value: given,
  });
}
