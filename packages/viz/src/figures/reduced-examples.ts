import { reject, requireLength, requireSome, sizeOf } from '../spec/checks.ts';
import { type FigureOptions, figure, rows, themeOf } from '../spec/figure.ts';
import type { JsonObject, VegaLiteSpec } from '../spec/json.ts';
import { short } from '../spec/numbers.ts';

/** Images and the reduction applied to them. */
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

/** Options of `reducedExamples`. */
export interface ReducedExamplesOptions extends FigureOptions {
  /** Images drawn at most; the rest is counted in a note. @defaultValue 12 */
  readonly limit?: number | undefined;
  /** Images per row. @defaultValue 4 */
  readonly columns?: number | undefined;
}

const states = ['kept', 'dropped: beyond n', 'not above threshold'] as const;

/**
 * A grid of images showing what the reduction keeps: the first `n` pixels in raster order whose value exceeds
 * `threshold` (coloured by their order), those that came too late (crosses), and those that are too faint (dots).
 *
 * @throws FigureError when sizes do not fit together, or `n` is not a positive integer.
 *
 * @example
 * ```ts
 * const spec = reducedExamples({ images: [0, 0.9, 0.8, 0.1], shape: [2, 2], n: 1, threshold: 0.4 });
 * ```
 */
export function reducedExamples(input: ReducedExamplesInput, options: ReducedExamplesOptions = {}): VegaLiteSpec {
  const { shape, n, threshold } = input;
  const theme = themeOf(options);
  if (shape.length !== 2 && shape.length !== 3) {
    reject('reducedExamples', 'shape', `is [${shape.join(', ')}]`, 'give [height, width] or [height, width, channels]');
  }
  const perImage = sizeOf('reducedExamples', 'shape', shape);
  const count = input.images.length / perImage;
  requireSome('reducedExamples', 'images', count);
  if (!Number.isInteger(count)) {
    reject('reducedExamples', 'images', `has ${input.images.length} values`, `give a multiple of ${perImage}`);
  }
  if (!Number.isInteger(n) || n < 1) reject('reducedExamples', 'n', `is ${n}`, 'give a positive integer');
  if (Number.isNaN(threshold)) reject('reducedExamples', 'threshold', 'is NaN', 'give a number');
  if (input.labels) requireLength('reducedExamples', 'labels', input.labels.length, count, 'one per image');

  const shown = Math.min(count, options.limit ?? 12);
  const columns = Math.min(shown, options.columns ?? 4);
  const [height, width] = shape;
  const side = Math.max(4, Math.floor(200 / Math.max(height, width)));
  const values: JsonObject[] = [];
  const panels: string[] = [];
  for (let image = 0; image < shown; image++) {
    const pixels = reduceOne(input, image, perImage);
    const active = pixels.filter((pixel) => pixel.state !== states[2]).length;
    const name = input.labels ? `${input.labels[image]}: ` : '';
    panels.push(`${name}${Math.min(n, active)} of ${active} kept`);
    for (const pixel of pixels) values.push({ image, ...pixel });
    if (pixels.length === 0) values.push({ image, row: -1, column: -1, state: states[2], order: null });
  }
  const position = {
    x: {
      field: 'column',
      type: 'quantitative',
      scale: { domain: [-0.5, width - 0.5], nice: false, zero: false },
      axis: null,
    },
    y: {
      field: 'row',
      type: 'quantitative',
      scale: { domain: [-0.5, height - 0.5], nice: false, zero: false, reverse: true },
      axis: null,
    },
  };
  const stateScale = { domain: states, range: [theme.ordered[2], theme.warning, theme.neutral] };
  const stateShapes = { domain: states, range: ['square', 'cross', 'circle'] };
  const stateLegend = {
    title: null,
    orient: 'bottom',
    direction: 'horizontal',
    symbolStrokeWidth: 0,
    columnPadding: 20,
  };
  const layer = [
    {
      transform: [{ filter: `datum.state !== '${states[0]}' && datum.row >= 0` }],
      mark: { type: 'point', filled: true, strokeWidth: 0, opacity: 1 },
      encoding: {
        ...position,
        size: {
          condition: { test: `datum.state === '${states[2]}'`, value: Math.max(9, (0.55 * side) ** 2) },
          value: Math.max(36, (1.15 * side) ** 2),
        },
        shape: { field: 'state', type: 'nominal', scale: stateShapes, legend: stateLegend },
        fill: { field: 'state', type: 'nominal', scale: stateScale, legend: stateLegend },
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
          scale: { domain: [1, Math.max(2, n)], range: theme.ordered, nice: false },
          legend: {
            title: 'order of arrival',
            orient: 'right',
            gradientLength: 160,
            gradientThickness: 16,
            tickCount: 5,
            format: 'd',
          },
        },
      },
    },
  ];
  const caption = {
    title: `What the reduction keeps: the first ${n} pixels above ${short(threshold)}`,
    notes: [shown < count ? `shown: the first ${shown} of ${count} images` : ''],
    description: `Kept and dropped pixels of ${shown} images, in raster order of arrival.`,
  };
  return figure(options, caption, {
    data: rows(values),
    facet: {
      field: 'image',
      type: 'ordinal',
      header: { title: null, labelExpr: `${JSON.stringify(panels)}[datum.value]`, labelPadding: 4 },
    },
    columns,
    spacing: 14,
    spec: { width: side * width, height: side * height, view: { fill: theme.panel, stroke: theme.grid }, layer },
  });
}

interface ReducedPixel extends JsonObject {
  readonly row: number;
  readonly column: number;
  readonly state: (typeof states)[number];
  /** 1 for the first pixel that arrives; null when it is not kept. */
  readonly order: number | null;
}

function reduceOne(input: ReducedExamplesInput, image: number, perImage: number): ReducedPixel[] {
  const [height, width, channels = 1] = input.shape;
  const pixels: ReducedPixel[] = [];
  let active = 0;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const value = input.images[image * perImage + (row * width + column) * channels];
      if (value > input.threshold) {
        active++;
        const kept = active <= input.n;
        pixels.push({ row, column, state: kept ? states[0] : states[1], order: kept ? active : null });
      } else if (value !== 0) {
        pixels.push({ row, column, state: states[2], order: null });
      }
    }
  }
  return pixels;
}
