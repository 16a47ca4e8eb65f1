import { reject, requireFinite, requireLength, requireSome, sizeOf } from '../spec/checks.ts';
import { blockNote, blockWithin } from '../spec/downsample.ts';
import { type FigureOptions, figure, rows, themeOf } from '../spec/figure.ts';
import type { JsonObject, VegaLiteSpec } from '../spec/json.ts';
import { grouped, short } from '../spec/numbers.ts';
import type { Theme } from '../theme/theme.ts';

/** Images and the reduction to apply to them. */
export interface ReducedExamplesInput {
  /** Pixels of one image after the other, row-major; only channel 0 decides and is drawn. */
  readonly images: ArrayLike<number>;
  /** Shape of one image: `[height, width]` or `[height, width, channels]`. */
  readonly shape: readonly number[];
  /** Pixels kept per image. */
  readonly n: number;
  /** Pixels must exceed this to count. */
  readonly threshold: number;
  /** One heading per image, for example its class. */
  readonly labels?: ArrayLike<number | string> | undefined;
}

/** Place of a pixel. */
export interface PixelPlace {
  readonly row: number;
  readonly col: number;
}

/** An image that was reduced elsewhere, for example by the training package. */
export interface ReducedExample {
  /** Class of the image, or what else to call it: numbers are shown as `class 3`. */
  readonly label?: number | string | undefined;
  /** Index of the image in its data set. */
  readonly index?: number | undefined;
  readonly height: number;
  readonly width: number;
  /** The whole image, row-major. */
  readonly pixels: ArrayLike<number>;
  /** Pixels that enter the network, in order of arrival. */
  readonly kept: readonly PixelPlace[];
  /** Pixels above the threshold that found no slot. */
  readonly dropped: readonly PixelPlace[];
}

/** Options of `reducedExamplesPlot`. */
export interface ReducedExamplesPlotOptions extends FigureOptions {
  /** Images drawn at most; the rest is counted in a note. @defaultValue 12 */
  readonly limit?: number | undefined;
  /** Images per row. @defaultValue 3, 4 or 5, whichever leaves the fewest gaps */
  readonly columns?: number | undefined;
}

const states = ['kept', 'dropped: beyond n', 'not above threshold'] as const;
/** Side of an image in px, about. */
const panelSide = 200;
/** Pixels drawn in all images together; beyond, neighbours become one. */
const pixelLimit = 20000;

/**
 * A grid of images showing what the reduction keeps: the first `n` pixels in raster order whose value exceeds
 * `threshold` (coloured by their order), those that came too late (crosses), and those that are too faint (dots).
 * Of more than 20,000 pixels neighbours are drawn as one, with a note; the headings count all.
 *
 * @throws FigureError when sizes do not fit together, or `n` is not a positive integer.
 *
 * @example
 * ```ts
 * const spec = reducedExamplesPlot({ images: [0, 0.9, 0.8, 0.1], shape: [2, 2], n: 1, threshold: 0.4 });
 * ```
 */
export function reducedExamplesPlot(
  input: ReducedExamplesInput | readonly ReducedExample[],
  options: ReducedExamplesPlotOptions = {},
): VegaLiteSpec {
  const limit = options.limit ?? 12;
  const { examples, count, title } = isList(input) ? given(input, limit) : reduceAll(input, limit);
  const theme = themeOf('reducedExamplesPlot', options);
  const columns = options.columns ?? suitableColumns(examples.length);
  const block = blockFor(examples);
  const height = Math.ceil(Math.max(...examples.map((example) => example.height)) / block);
  const width = Math.ceil(Math.max(...examples.map((example) => example.width)) / block);
  const side = Math.max(1, Math.floor(panelSide / Math.max(height, width)));
  const values = examples.flatMap((example, image) => pixelRows(example, image, block));
  const headings = examples.map(({ label, index, kept, dropped }) => {
    const name = [
      label === undefined ? '' : typeof label === 'number' ? `class ${label}` : label,
      index === undefined ? '' : `image ${index}`,
    ].filter((part) => part !== '');
    const colon = name.length > 0 ? ': ' : '';
    return `${name.join(', ')}${colon}${kept.length} of ${kept.length + dropped.length} kept`;
  });
  const most = Math.max(2, ...examples.map(({ kept }) => kept.length));
  const panels = Math.ceil(examples.length / columns);
  const layer = pixelLayers({ height, width, side, most, panels }, theme);
  const caption = {
    title,
    notes: [
      examples.length < count ? `shown: the first ${examples.length} of ${grouped(count)} images` : '',
      block > 1 ? `shown: ${blockNote(block, 'its first kept pixel, else a dropped one, else a faint one')}` : '',
    ],
    description: `Kept and dropped pixels of ${examples.length} images, in raster order of arrival.`,
  };
  return figure(options, caption, {
    data: rows(values),
    facet: {
      field: 'image',
      type: 'ordinal',
      header: { title: null, labelExpr: `${JSON.stringify(headings)}[datum.value]`, labelPadding: 4 },
    },
    columns,
    spacing: 14,
    spec: { width: side * width, height: side * height, view: { fill: theme.panel, stroke: theme.grid }, layer },
  });
}

function suitableColumns(count: number): number {
  const gaps = (columns: number) => Math.ceil(count / columns) * columns - count;
  return count <= 5 ? count : [4, 5, 3].reduce((best, columns) => (gaps(columns) < gaps(best) ? columns : best));
}

function isList(input: ReducedExamplesInput | readonly ReducedExample[]): input is readonly ReducedExample[] {
  return Array.isArray(input);
}

interface Grid {
  readonly height: number;
  readonly width: number;
  /** Side of a pixel in px. */
  readonly side: number;
  /** Largest order of arrival. */
  readonly most: number;
  /** Images below each other. */
  readonly panels: number;
}

function pixelLayers({ height, width, side, most, panels }: Grid, theme: Theme): readonly JsonObject[] {
  const scale = (size: number) => ({ domain: [-0.5, size - 0.5], nice: false, zero: false });
  const position = {
    x: { field: 'col', type: 'quantitative', scale: scale(width), axis: null },
    y: { field: 'row', type: 'quantitative', scale: { ...scale(height), reverse: true }, axis: null },
  };
  const legend = { title: null, orient: 'bottom', direction: 'horizontal', symbolStrokeWidth: 0, columnPadding: 20 };
  const colors = [theme.ordered[2], theme.warning, theme.neutral];
  return [
    {
      transform: [{ filter: `datum.state !== '${states[0]}' && datum.row >= 0` }],
      mark: { type: 'point', filled: true, strokeWidth: 0, opacity: 1 },
      encoding: {
        ...position,
        size: {
          condition: { test: `datum.state === '${states[2]}'`, value: Math.max(6, (0.55 * side) ** 2) },
          value: Math.max(9, (1.15 * side) ** 2),
        },
        shape: {
          field: 'state',
          type: 'nominal',
          scale: { domain: states, range: ['square', 'cross', 'circle'] },
          legend,
        },
        fill: { field: 'state', type: 'nominal', scale: { domain: states, range: colors }, legend },
      },
    },
    {
      transform: [{ filter: `datum.state === '${states[0]}'` }],
      mark: { type: 'square', size: side ** 2, opacity: 1 },
      encoding: {
        ...position,
        color: {
          field: 'order',
          type: 'quantitative',
          scale: { domain: [1, most], range: theme.ordered, nice: false },
          legend: {
            title: 'order of arrival',
            orient: 'right',
            // As high as the images at most, or it would cover the other legend.
            gradientLength: Math.max(40, Math.min(160, panels * side * height - 24)),
            gradientThickness: 16,
            tickCount: 5,
            tickMinStep: 1,
            format: 'd',
          },
        },
      },
    },
  ];
}

/** One row for each block of pixels. Kept pixels come before dropped ones, these before faint ones. */
function pixelRows(example: ReducedExample, image: number, block: number): readonly JsonObject[] {
  const { width, pixels, kept, dropped } = example;
  const columns = Math.ceil(width / block);
  const taken = new Set<number>();
  const drawn: JsonObject[] = [];
  const add = (pixelRow: number, pixelColumn: number, state: (typeof states)[number], order: number | null) => {
    const row = Math.floor(pixelRow / block);
    const col = Math.floor(pixelColumn / block);
    if (taken.has(row * columns + col)) return;
    taken.add(row * columns + col);
    drawn.push({ image, row, col, state, order });
  };
  for (const [index, { row, col }] of kept.entries()) add(row, col, states[0], index + 1);
  for (const { row, col } of dropped) add(row, col, states[1], null);
  for (let place = 0; place < pixels.length; place++) {
    if (pixels[place] !== 0) add(Math.floor(place / width), place % width, states[2], null);
  }
  // An image without a single pixel still gets its panel.
  return drawn.length > 0 ? drawn : [{ image, row: -1, col: -1, state: states[2], order: null }];
}

/** The block size with which the images together have no more marks than the limit. */
function blockFor(examples: readonly ReducedExample[]): number {
  let atLeast = 0;
  for (const { pixels } of examples)
    for (let place = 0; place < pixels.length; place++) if (pixels[place] !== 0) atLeast++;
  const marks = (block: number) =>
    examples.reduce((sum, example, image) => sum + pixelRows(example, image, block).length, 0);
  const side = Math.max(...examples.map(({ height, width }) => Math.max(height, width)));
  return blockWithin(pixelLimit, { side, atLeast, count: marks });
}

interface Examples {
  readonly examples: readonly ReducedExample[];
  /** How many there are, drawn or not. */
  readonly count: number;
  readonly title: string;
}

function given(list: readonly ReducedExample[], limit: number): Examples {
  requireSome('reducedExamplesPlot', 'the list of examples', list.length);
  const examples = list.slice(0, limit);
  for (const [index, { pixels, height, width }] of examples.entries()) {
    requireLength('reducedExamplesPlot', `pixels of example ${index}`, pixels.length, height * width, 'height × width');
    for (let place = 0; place < pixels.length; place++) {
      requireFinite('reducedExamplesPlot', `pixel ${place} of example ${index}`, pixels[place]);
    }
  }
  return { examples, count: list.length, title: 'What the reduction keeps' };
}

function reduceAll(input: ReducedExamplesInput, limit: number): Examples {
  const { images, shape, n, threshold, labels } = input;
  if (shape.length !== 2 && shape.length !== 3) {
    reject(
      'reducedExamplesPlot',
      'shape',
      `is [${shape.join(', ')}]`,
      'give [height, width] or [height, width, channels]',
    );
  }
  const perImage = sizeOf('reducedExamplesPlot', 'shape', shape);
  const count = images.length / perImage;
  requireSome('reducedExamplesPlot', 'images', count);
  if (!Number.isInteger(count)) {
    reject('reducedExamplesPlot', 'images', `has ${images.length} values`, `give a multiple of ${perImage}`);
  }
  if (!Number.isInteger(n) || n < 1) reject('reducedExamplesPlot', 'n', `is ${n}`, 'give a positive integer');
  if (Number.isNaN(threshold)) reject('reducedExamplesPlot', 'threshold', 'is NaN', 'give a number');
  if (labels) requireLength('reducedExamplesPlot', 'labels', labels.length, count, 'one per image');
  const [height, width, channels = 1] = shape;
  const examples = Array.from({ length: Math.min(count, limit) }, (_, image): ReducedExample => {
    const pixels = Array.from({ length: height * width }, (_, place) => images[image * perImage + place * channels]);
    for (const [place, value] of pixels.entries()) {
      requireFinite('reducedExamplesPlot', `pixel ${place} of image ${image}`, value);
    }
    const active = pixels.flatMap((value, place) =>
      value > threshold ? [{ row: Math.floor(place / width), col: place % width }] : [],
    );
    return {
      label: labels?.[image],
      index: image,
      height,
      width,
      pixels,
      kept: active.slice(0, n),
      dropped: active.slice(n),
    };
  });
  return { examples, count, title: `What the reduction keeps: the first ${n} pixels above ${short(threshold)}` };
}
