import { type Format, formatRange } from '@sp/quant';
import { floorLog2 } from '@sp/quant/numeric';
import type { TrainedFile } from './trained-file.ts';

/** Width of the published input, and finer ones. */
export const inputWidths: readonly number[] = [8, 9, 10, 12, 14, 16, 20, 24];

/**
 * The format of `width` bits that covers all pixel values with the smallest step. For pixels from 0 to 1 and 8 bits this
 * is `ap_ufixed<8,1>`, as published.
 */
export function inputFormat(file: TrainedFile, width: number): Format {
  const [min, max] = pixelRange(file);
  const k = min < 0 ? 1 : 0;
  const format = (i: number): Format => ({ k, i, f: width - k - i });
  const holds = (candidate: Format): boolean => {
    const range = formatRange(candidate);
    return range.min <= min && range.max >= max;
  };
  let i = floorLog2(Math.max(max, -min, Number.MIN_VALUE));
  while (!holds(format(i))) i++;
  return format(i);
}

/** A format fine enough to stand for float32 pixels of ordinary size. */
export function exactInputFormat(file: TrainedFile): Format {
  return inputFormat(file, 32);
}

function pixelRange({ images }: TrainedFile): readonly [min: number, max: number] {
  let [min, max] = [0, 0];
  for (const pixels of images) {
    for (const [, value] of pixels) {
      min = Math.min(min, value);
      max = Math.max(max, value);
    }
  }
  return [min, max];
}
