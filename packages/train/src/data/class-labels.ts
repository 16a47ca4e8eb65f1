import { isClass, noClass } from './class-index.ts';
import { DataError } from './data-error.ts';

/** Classes that labels stand for. */
export interface ClassLabels {
  readonly classes: number;
  /** The label of every class in the file, ascending; absent when the labels are the classes `0 … classes − 1` themselves. */
  readonly labelIds?: readonly number[];
}

/** More different labels than this are no classes but something else: numbers of events, times. */
const mostIds = 1024;

/**
 * The classes that a set of labels stands for: the labels themselves when none is missing from 0 on, else their places in ascending order (particle
 * ids 11 and 211 become the classes 0 and 1).
 *
 * @throws DataError when there are more than 1,024 labels with gaps, or a single one that is no class.
 */
export function classLabels(found: ReadonlySet<number>, source: string, field: string): ClassLabels {
  const ids = [...found].sort((a, b) => a - b);
  const largest = ids.at(-1) ?? 0;
  if (ids.length === 0 || (ids[0] >= 0 && largest <= 1)) return { classes: 2 };
  if (ids[0] === 0 && largest === ids.length - 1) return { classes: ids.length };
  if (ids.length === 1) {
    throw new DataError(source, field, `all images have the label ${largest}; give at least two classes`);
  }
  if (ids.length > mostIds) {
    throw new DataError(
      source,
      field,
      `${ids.length} different labels from ${ids[0]} to ${largest} with gaps; give the classes 0, 1, 2, …, or say how many there are (classes)`,
    );
  }
  return { classes: ids.length, labelIds: ids };
}

/** Name of the array of labels in errors, or what each label is called there: `line 7`. */
export type LabelsField = string | ((image: number) => string);

/** A whole number that a label stands for. @throws DataError naming the image. */
export function labelNumber(raw: number | bigint, image: number, source: string, field: LabelsField): number {
  const value = Number(raw);
  if (!Number.isInteger(value)) {
    throw wrongLabel(
      raw,
      image,
      source,
      field,
      typeof field === 'string'
        ? 'is not a whole number; give the index of the class'
        : "is not a whole number; give the index of the class, or, if it stands first in a line, say label: 'first'",
    );
  }
  if (!Number.isSafeInteger(value)) {
    throw wrongLabel(raw, image, source, field, 'is too large; number the classes 0, 1, 2, …');
  }
  return value;
}

/** All different labels of an array. @throws DataError for labels that are no whole numbers. */
export function distinctLabels(labels: ArrayLike<number | bigint>, source: string, field: LabelsField): Set<number> {
  const found = new Set<number>();
  for (let j = 0; j < labels.length; j++) found.add(labelNumber(labels[j], j, source, field));
  return found;
}

function wrongLabel(
  label: number | bigint,
  image: number,
  source: string,
  field: LabelsField,
  problem: string,
): DataError {
  return typeof field === 'string'
    ? new DataError(source, field, `label ${label} of image ${image} ${problem}`)
    : new DataError(source, field(image), `label ${label} ${problem}`);
}

/** `labels 11, 211 are the classes 0, 1`: what to tell of labels that are no class indices. */
export function describeLabelIds(labelIds: readonly number[]): string {
  const shown = labelIds.slice(0, 12);
  const more = labelIds.length > shown.length ? ', …' : '';
  return `labels ${shown.join(', ')}${more} are the classes ${shown.map((_, index) => index).join(', ')}${more}`;
}

/**
 * The class of every label, by `labelIds` or as it is.
 *
 * @throws DataError naming the image whose label is none.
 */
export function classesOf(
  labels: ArrayLike<number | bigint>,
  { classes, labelIds }: ClassLabels,
  source: string,
  field: LabelsField,
): Int32Array {
  const places = labelIds === undefined ? undefined : new Map(labelIds.map((id, index) => [id, index]));
  return Int32Array.from(labels as ArrayLike<number>, (raw, image) => {
    const label = labelNumber(raw, image, source, field);
    const index = places === undefined ? label : places.get(label);
    if (index === undefined) {
      throw wrongLabel(
        label,
        image,
        source,
        field,
        `is none of ${labelIds?.slice(0, 12).join(', ')}; give images of known classes`,
      );
    }
    if (!isClass(index, classes)) throw wrongLabel(label, image, source, field, noClass(index, classes));
    return index;
  });
}
