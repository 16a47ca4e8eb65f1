import { OptionError } from '../option-error.ts';
import { type Dataset, selectImages } from './dataset.ts';
import { shuffledIndices } from './random.ts';

/** The two parts of `splitDataset`. */
export interface HeldOut {
  readonly rest: Dataset;
  readonly heldOut: Dataset;
}

/**
 * Takes a random `fraction` of every class out of a data set (of each class with two or more images at least one, and never all), the same one for the same `seed`.
 *
 * @throws OptionError unless `0 < fraction < 1`.
 */
export function splitDataset(dataset: Dataset, fraction: number, seed: number): HeldOut {
  if (!(fraction > 0 && fraction < 1))
    throw new OptionError(`splitDataset: fraction ${fraction} is not between 0 and 1`);
  const perClass: number[][] = Array.from({ length: dataset.classes }, () => []);
  for (const j of shuffledIndices(dataset.labels.length, seed)) perClass[dataset.labels[j]].push(j);
  const out: number[] = [];
  const rest: number[] = [];
  for (const members of perClass) {
    const taken =
      members.length < 2 ? 0 : Math.min(members.length - 1, Math.max(1, Math.round(members.length * fraction)));
    out.push(...members.slice(0, taken));
    rest.push(...members.slice(taken));
  }
  const ascending = (a: number, b: number): number => a - b;
  return {
    rest: selectImages(dataset, rest.sort(ascending)),
    heldOut: selectImages(dataset, out.sort(ascending)),
  };
}
