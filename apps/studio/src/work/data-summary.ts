import { type Dataset, pixelFormat } from '@sp/train';
import type { StudyData } from './study-data.ts';

/** A part of the images. */
export type PartName = 'train' | 'validation' | 'test';

/** What the page knows of the images; they themselves stay in the worker. */
export interface DataSummary {
  readonly shape: readonly [height: number, width: number, channels: number];
  readonly classes: number;
  /** What the classes are called. */
  readonly classNames: readonly string[];
  /** Images of each class, by part. */
  readonly counts: Readonly<Record<PartName, readonly number[]>>;
  /** Largest value of channel 0. */
  readonly brightest: number;
  /** Type that the pixels get in firmware. */
  readonly pixelType: string;
  readonly notes: readonly string[];
}

/** Sums up images. */
export function dataSummary(data: StudyData): DataSummary {
  const { train, validation, test, notes } = data;
  const { shape, classes, labelIds } = train;
  const { k, i, f } = pixelFormat(train);
  return {
    shape,
    classes,
    classNames: Array.from({ length: classes }, (_, c) => String(labelIds?.[c] ?? c)),
    counts: { train: perClass(train), validation: perClass(validation), test: perClass(test) },
    brightest: brightest(train),
    pixelType: `ap_${k === 1 ? '' : 'u'}fixed<${k + i + f},${k + i}>`,
    notes,
  };
}

/** Images of a part in order, all or of one class: their places. */
export function imagesOfClass({ labels }: Dataset, label: number | null): readonly number[] {
  return Array.from(labels, (_, j) => j).filter((j) => label === null || labels[j] === label);
}

function perClass(dataset: Dataset | null): readonly number[] {
  if (dataset === null) return [];
  const counts = new Array<number>(dataset.classes).fill(0);
  for (const label of dataset.labels) counts[label]++;
  return counts;
}

function brightest({ images, shape }: Dataset): number {
  let largest = 0;
  for (let p = 0; p < images.length; p += shape[2]) if (images[p] > largest) largest = images[p];
  return largest;
}
