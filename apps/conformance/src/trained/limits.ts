/** Tolerances of issue C, point 4, and of issue E, point 3. */
export const limits = {
  /** Largest difference of an output from the published one. */
  output: 1e-5,
  /** Share of images that may exceed it. */
  otherImages: 0.01,
  /** Share of images on which the fixed-point network may decide otherwise, by width of the weights. */
  otherDecisions: (bits: number): number => (bits >= 16 ? 0.02 : 0.05),
  /** Codes in which compiled C++ and interpreter may differ. */
  mismatches: 0,
} as const;
