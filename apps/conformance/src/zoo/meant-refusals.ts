/** Classes that may stay refused, and why. */
export interface MeantRefusal {
  readonly classes: RegExp;
  readonly why: string;
}

/** Classes that have no counterpart here and are meant to have none; anything else that is refused is an error. */
export const meantRefusals: readonly MeantRefusal[] = [
  {
    classes: /^Q?(Conv|MaxPool(ing)?|AveragePool(ing)?|AvgPool|Global\w+Pool(ing)?)3D$/,
    why: 'three-dimensional data',
  },
  { classes: /^Q(SimpleSNN|LIF)(Cell)?$/, why: 'spiking layer' },
  {
    classes: /^Q(DenseT|EinsumDenseT|ConvT1D|ConvT2D|MultiHeadAttentionT|LinformerAttentionT)$/,
    why: 'network of tables',
  },
];

/** Why a file with these classes may be refused, or null. */
export function meantRefusal(classes: readonly string[]): string | null {
  return meantRefusals.find(({ classes: pattern }) => classes.some((name) => pattern.test(name)))?.why ?? null;
}
