import { classesOf, classLabels, describeLabelIds, distinctLabels } from './class-labels.ts';
import { DataError } from './data-error.ts';
import { checkDataset, type Dataset, type ImageShape, pixelsPerImage } from './dataset.ts';
import { channelsLast, checkDatasetOptions, type DatasetOptions, namedClasses, tell } from './dataset-options.ts';

/** How the numbers of one CSV line are to be read. */
export interface CsvOptions extends DatasetOptions {
  /** `[height, width, channels]`; a line holds that many pixels and one label. Default: a square of one channel, if the pixels of a line make one. */
  readonly shape?: ImageShape;
  /** Where the label stands. Default 'last'. */
  readonly label?: 'first' | 'last';
  /** Lines to skip at the top. Default: one if the first line holds names (no number at all, or none where the label stands), else none. */
  readonly headerLines?: number;
  /** What stands between the values. Default `','`. */
  readonly separator?: string;
}

/**
 * Reads images from comma-separated lines: one image per line, its pixels row-major (with `channels: 'first'` channel by channel) and its label.
 *
 * @throws DataError naming the line that has too few or too many numbers, something that is no finite number or a label that is no class, or the
 * option that makes no sense.
 */
export function parseCsv(text: string, options: CsvOptions, source: string): Dataset {
  checkDatasetOptions(options, csvNames, 'parseCsv');
  const { label = 'last', separator = ',', channels } = options;
  if (label !== 'first' && label !== 'last') {
    throw new DataError(source, 'label', `'${String(label)}' is neither 'first' nor 'last'`);
  }
  if (channels !== undefined && channels !== 'first' && channels !== 'last') {
    throw new DataError(source, 'channels', `'${String(channels)}' is neither 'first' nor 'last'`);
  }
  if (typeof separator !== 'string' || separator === '') {
    throw new DataError(source, 'separator', `'${String(separator)}' is not a text that stands between values`);
  }
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n?|\n/);
  while (lines.length > 0 && lines.at(-1)?.trim() === '') lines.pop();
  const headerLines = options.headerLines ?? namesAtTop(lines, separator, label);
  if (!Number.isInteger(headerLines) || headerLines < 0) {
    throw new DataError(source, 'headerLines', `${headerLines} is not a whole number ≥ 0`);
  }
  if (options.label === undefined && headerLines > 0) refuseLabelInFront(lines[headerLines - 1], separator, source);
  if (options.headerLines === undefined && headerLines > 0) tell(options, source, 'line 1 holds names and is skipped');
  const count = Math.max(0, lines.length - headerLines);
  const shape = options.shape ?? squareOf(lines[headerLines], separator, source);
  const pixels = pixelsPerImage(shape);
  const images = new Float32Array(count * pixels);
  const labels = new Float64Array(count);
  for (let j = 0; j < count; j++) {
    const place = `line ${headerLines + j + 1}`;
    const cells = lines[headerLines + j].split(separator);
    if (cells.length !== pixels + 1) {
      throw new DataError(
        source,
        place,
        `${cells.length} values, expected ${pixels} pixels and 1 label${otherSeparator(lines[headerLines + j], separator, pixels + 1)}`,
      );
    }
    const hint = j === 0 && headerLines === 0 ? '; if the line is a header, say headerLines: 1' : '';
    const first = label === 'first' ? 1 : 0;
    for (let p = 0; p < pixels; p++) images[j * pixels + p] = finite(cells[first + p], source, place, hint);
    labels[j] = finite(cells[label === 'first' ? 0 : pixels], source, place, hint);
  }
  const line = (image: number): string => `line ${headerLines + image + 1}`;
  const known = namedClasses(options, source) ?? classLabels(distinctLabels(labels, source, line), source, 'labels');
  if (known.labelIds !== undefined && options.labelIds === undefined)
    tell(options, source, describeLabelIds(known.labelIds));
  if (
    options.label === undefined &&
    known.labelIds === undefined &&
    count > 1 &&
    labels.every((l) => l === labels[0])
  ) {
    tell(
      options,
      source,
      `all images have the label ${labels[0]}; if the label stands first in a line, say label: 'first'`,
    );
  }
  const indices = classesOf(labels, known, source, line);
  const data = channels === 'first' ? channelsLast(images, count, shape) : images;
  return checkDataset({ images: data, labels: indices, shape, ...known }, source);
}

/** What `loadCsv` knows besides the options of all data sets. */
const csvNames = ['shape', 'label', 'headerLines', 'separator', 'maxBytes'];

/** The usual names of a column of labels. */
const labelName = /^\s*"?\s*#?\s*(labels?|class(es)?|targets?|truth|category|y)\s*"?\s*$/i;

/** A column of labels at the other end than where they are looked for would be read as pixels. @throws DataError */
function refuseLabelInFront(names: string, separator: string, source: string): void {
  const [first, ...others] = names.split(separator);
  if (!labelName.test(first) || labelName.test(others.at(-1) ?? '')) return;
  throw new DataError(
    source,
    'label',
    `the names at the top call the first column ${first.trim()}; say label: 'first' (else 'last')`,
  );
}

/** Lines of names at the top: a line where the label is no number, or nothing is one. */
function namesAtTop(lines: readonly string[], separator: string, label: 'first' | 'last'): number {
  const cells = lines[0]?.split(separator) ?? [];
  if (lines.length < 2 || cells.length < 2) return 0;
  // Not what stands for a missing number: a line of data must not be lost.
  const name = (given: string | undefined): boolean => {
    const cell = unquoted(given ?? '');
    return /[^\d\s.+\-eE]/.test(cell) && !Number.isFinite(Number(cell)) && !noNumber.test(cell);
  };
  return name(cells.at(label === 'first' ? 0 : -1)) || cells.every(name) ? 1 : 0;
}

const noNumber = /^\s*[+-]?(nan|inf|infinity|null|none|na|n\/a)\s*$/i;

function squareOf(line: string | undefined, separator: string, source: string): ImageShape {
  if (line === undefined) throw new DataError(source, 'labels', 'no images; give at least one');
  const pixels = line.split(separator).length - 1;
  const side = Math.sqrt(pixels);
  if (Number.isInteger(side) && side > 0) return [side, side, 1];
  throw new DataError(
    source,
    'shape',
    `${pixels} pixels of a line make no square image${otherSeparator(line, separator)}; say their shape [height, width, channels]`,
  );
}

/** Names the separator that a line seems to have instead. */
function otherSeparator(line: string, separator: string, cells?: number): string {
  const other = [',', ';', '\t', ' '].find((candidate) => {
    if (candidate === separator) return false;
    const found = line.trim().split(candidate);
    if (!found.some((cell) => decimal.test(unquoted(cell)))) return false;
    return cells === undefined ? found.length > line.split(separator).length : found.length === cells;
  });
  if (other !== undefined) return `; they are separated by ${JSON.stringify(other)}: say separator`;
  return line.split(separator).some((cell) => decimal.test(unquoted(cell)))
    ? ''
    : '; if the line is a header, say headerLines';
}

/** Numbers as other programs write them; `Number` takes more, such as `0x1F` or nothing. */
const decimal = /^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$/;

/** Some programs put numbers in quotes. */
function unquoted(cell: string): string {
  return /^\s*"([^"]*)"\s*$/.exec(cell)?.[1] ?? cell;
}

function finite(given: string, source: string, place: string, hint: string): number {
  const cell = unquoted(given);
  const value = decimal.test(cell) ? Number(cell) : Number.NaN;
  if (!Number.isFinite(value)) throw new DataError(source, place, `'${cell.trim()}' is not a finite number${hint}`);
  return value;
}
