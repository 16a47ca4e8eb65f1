import type { Dataset } from './dataset.ts';

/**
 * Classes that only one of two parts of a data set holds, as lines to be told before training: a class that is not trained with is never found, one
 * that is not tested tells nothing.
 */
export function classCoverage(train: Dataset, test: Dataset): readonly string[] {
  const [trained, tested] = [train, test].map(({ labels }) => new Set(labels));
  const lines: string[] = [];
  const listed = (classes: readonly number[]): string =>
    `${classes.length === 1 ? 'class' : 'classes'} ${classes
      .slice(0, 8)
      .map((index) => (train.labelIds === undefined ? index : `${index} (label ${train.labelIds[index]})`))
      .join(', ')}${classes.length > 8 ? ', …' : ''}`;
  const verb = (classes: readonly number[]): string => (classes.length === 1 ? 'occurs' : 'occur');
  const onlyTested = [...tested].filter((index) => !trained.has(index)).sort((a, b) => a - b);
  const onlyTrained = [...trained].filter((index) => !tested.has(index)).sort((a, b) => a - b);
  if (onlyTested.length > 0) {
    lines.push(
      `${listed(onlyTested)} ${verb(onlyTested)} in the test part only, so no training can find it; mix the parts, e.g. by splitDataset`,
    );
  }
  if (onlyTrained.length > 0) {
    lines.push(
      `${listed(onlyTrained)} ${verb(onlyTrained)} in the training part only, so no test tells how well it is found; give more images of it`,
    );
  }
  const missing = Array.from({ length: train.classes }, (_, index) => index).filter(
    (index) => !trained.has(index) && !tested.has(index),
  );
  if (missing.length > 0) lines.push(`${listed(missing)} ${verb(missing)} in no part; correct the number of classes`);
  return lines;
}
