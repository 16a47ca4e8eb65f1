/** What a `LayerError` is about, as far as it is known. */
export interface LayerErrorFields {
  /** Name of the layer. Default: the one that the message begins with, as in `Layer 'conv': …`. */
  readonly layer?: string;
  /** Name of the option, argument or part that is wrong; a place before it (`Layer 'conv': strides`) is dropped. */
  readonly option?: string;
  /** What was given for it. */
  readonly value?: unknown;
  /** The error behind this one. */
  readonly cause?: unknown;
}

/**
 * The error of this package: an option, an input shape, a file or an order of calls that a layer, a quantizer or a model
 * cannot work with. The message names the layer (or function, or file), the value and the remedy; the fields hold the
 * same for programs.
 *
 * `LowerError`, of models that have no fixed graph, is one too.
 *
 * @example
 * try {
 *   qDense({ name: 'head', units: 0 });
 * } catch (error) {
 *   if (error instanceof LayerError) console.log(error.layer, error.option, error.value); // head units 0
 * }
 */
export class LayerError extends Error {
  /** Name of the layer, if the complaint is about one. */
  readonly layer: string | undefined;
  /** Name of the option, argument or part that is wrong, if it is one. */
  readonly option: string | undefined;
  /** What was given for `option`. */
  readonly value: unknown;

  constructor(message: string, { layer, option, value, cause }: LayerErrorFields = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'LayerError';
    this.layer = layer ?? layerOf(message);
    this.option = option?.replace(/^.*: /, '');
    this.value = value;
  }
}

/** Quantizers are called after their layer: `conv/kq`. */
function layerOf(message: string): string | undefined {
  const [, kind, name] = /^(Layer|Quantizer) '(.*?)'(?=[: ])/.exec(message) ?? [];
  return kind === 'Quantizer' ? name.replace(/\/[^/]*$/, '') : name;
}
