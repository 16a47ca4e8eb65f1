import { isClass, noClass } from './class-index.ts';
import { DataError } from './data-error.ts';
import { checkDataset, type Dataset, type ImageShape, pixelsPerImage } from './dataset.ts';

/** How the numbers of one CSV line are to be read. */
export interface CsvOptions {
  /** `[height, width, channels]`; a line holds that many pixels and one label. */
  readonly shape: ImageShape;
  readonly classes: number;
  /** Where the label stands. Default 'last'. */
  readonly label?: 'first' | 'last';
  /** Lines to skip at the top. Default 0. */
  readonly headerLines?: number;
}

/**
 * Reads images from comma-separated lines: one image per line, its pixels row-major and its label.
 *
 * @throws DataError naming the line that has too few or too many numbers, something that is no finite number or a label that is no class, or the
 * option that makes no sense.
 */
export function parseCsv(text: string, options: CsvOptions, source: string): Dataset {
  const { shape, classes, label = 'last', headerLines = 0 } = options;
  if (label !== 'first' && label !== 'last') {
    throw new DataError(source, 'label', `'${String(label)}' is neither 'first' nor 'last'`);
  }
  if (!Number.isInteger(headerLines) || headerLines < 0) {
    throw new DataError(source, 'headerLines', `${headerLines} is not a whole number ≥ 0`);
  }
  const pixels = pixelsPerImage(shape);
  const lines = text.split(/\r?\n/);
  while (lines.length > 0 && lines.at(-1)?.trim() === '') lines.pop();
  const count = Math.max(0, lines.length - headerLines);
  const images = new Float32Array(count * pixels);
  const labels = new Int32Array(count);
  for (let j = 0; j < count; j++) {
    const place = `line ${headerLines + j + 1}`;
    const cells = lines[headerLines + j].split(',');
    if (cells.length !== pixels + 1) {
      throw new DataError(source, place, `${cells.length} values, expected ${pixels} pixels and 1 label`);
    }
    const first = label === 'first' ? 1 : 0;
    for (let p = 0; p < pixels; p++) images[j * pixels + p] = finite(cells[first + p], source, place);
    const value = finite(cells[label === 'first' ? 0 : pixels], source, place);
    if (!isClass(value, classes)) throw new DataError(source, place, `label ${value} ${noClass(value, classes)}`);
    labels[j] = value;
  }
  return checkDataset({ images, labels, shape, classes }, source);
}

function finite(cell: string, source: string, place: string): number {
  const value = cell.trim() === '' ? Number.NaN : Number(cell);
  if (!Number.isFinite(value)) throw new DataError(source, place, `'${cell.trim()}' is not a finite number`);
  return value;
}
