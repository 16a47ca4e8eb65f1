import { LayerError } from '../layer-error.ts';
import { type QuantizerSettings, qkerasQuantizer } from './make-quantizer.ts';
import type { QKerasQuantizer } from './quantizer-spec.ts';
import { parseQuantizer, printQuantizer } from './quantizer-string.ts';

/** A quantizer as data, in QKeras' string form, or as Keras saves it (`{ class_name, config }`); null for none. */
export type QuantizerArgument =
  | QKerasQuantizer
  | string
  | { readonly class_name: string; readonly config: object }
  | null;

/** What a QKeras layer does with its result: a quantizer, or a plain function by name. */
export type ActivationArgument = QuantizerArgument;

/** A quantizer, or one of the functions that need none. */
export type QKerasActivation =
  | { readonly kind: 'quantizer'; readonly quantizer: QKerasQuantizer }
  | { readonly kind: 'function'; readonly name: PlainFunction };

/** Functions of Keras that a QKeras layer may have as activation. */
export type PlainFunction = 'linear' | 'relu';

/** @throws LayerError naming the layer and the option */
export function quantizerOf(
  given: QuantizerArgument | undefined,
  layer: string,
  option: string,
): QKerasQuantizer | null {
  if (given == null) return null;
  try {
    if (typeof given === 'string') return parseQuantizer(given);
    if ('class_name' in given) return qkerasQuantizer(given.class_name, given.config as QuantizerSettings);
    const { name, ...settings } = given;
    return qkerasQuantizer(name, settings as unknown as QuantizerSettings);
  } catch (cause) {
    throw new LayerError(`Layer '${layer}': ${option}: ${(cause as Error).message}`, { option, value: given, cause });
  }
}

/** @throws LayerError naming the layer */
export function activationOf(given: ActivationArgument | undefined, layer: string): QKerasActivation {
  const name = given == null ? 'linear' : given;
  if (name === 'linear' || name === 'relu') return { kind: 'function', name };
  return { kind: 'quantizer', quantizer: quantizerOf(given, layer, 'activation') as QKerasQuantizer };
}

/** The activation as text, for `getConfig`. */
export function activationText(activation: QKerasActivation): string {
  return activation.kind === 'function' ? activation.name : printQuantizer(activation.quantizer);
}

/**
 * A kernel's quantizer as QKeras' layers use it: without an alpha they compute a power of two per channel, and then
 * `quantized_bits` is symmetric.
 */
export function kernelQuantizer(quantizer: QKerasQuantizer | null): QKerasQuantizer | null {
  if (quantizer == null || !('alpha' in quantizer) || quantizer.alpha !== null) return quantizer;
  const automatic = { ...quantizer, alpha: 'auto_po2' as const };
  return automatic.name === 'quantized_bits' || automatic.name === 'quantized_linear'
    ? { ...automatic, symmetric: true }
    : automatic;
}
