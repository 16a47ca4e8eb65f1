import type { Kernels } from '../kernels/kernels.ts';

/** Some images of a step: those `from … to − 1`. Parts sum their gradients apart, so threads can work at once. */
export interface Part {
  readonly index: number;
  readonly kernels: Kernels;
  readonly from: number;
  readonly to: number;
}

/** Most parts of a step. More would keep more threads busy and cost more memory and additions. */
export const mostParts = 4;

/** Images that a part should have at least. */
const imagesPerPart = 64;

/** In how many parts a step is computed: it depends on the number of images only, so that the results do, too. */
export function partsOf(size: number): number {
  return Math.min(mostParts, Math.max(1, Math.round(size / imagesPerPart)));
}
