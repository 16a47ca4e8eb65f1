/** Something about a model that usually ends in a bad network, seldom with an error. */
export interface ModelWarning {
  readonly kind:
    | 'zero-kernel'
    | 'dead-layer'
    | 'dead-channels'
    | 'empty-images'
    | 'lost-intensity'
    | 'zero-ebops'
    | 'ebops-collapse'
    | 'untraced'
    | 'chance-accuracy';
  /** Layer it is about; undefined for the whole model. */
  readonly layer: string | undefined;
  /** The share, 0 … 1, that it is about: of zero weights, dead channels, empty images, lost intensity, untraced quantizers; of EBOPs: what is left; or the accuracy. */
  readonly share: number;
  /** What is wrong and what to do, one line. */
  readonly message: string;
}

/** `12 %`. */
export function percent(share: number): string {
  return `${Number((100 * share).toPrecision(3))} %`;
}
