import { requireSome } from '../spec/checks.ts';
import { type Matrix, shrinkMatrix } from '../spec/downsample.ts';
import { type FigureOptions, figure, panelTitle, rows, themeOf } from '../spec/figure.ts';
import type { JsonObject, VegaLiteSpec } from '../spec/json.ts';
import { plainLabels, tidy } from '../spec/numbers.ts';
import type { Theme } from '../theme/theme.ts';
import { expandBits, type TensorBits } from './quantization.ts';

/** Options of `quantizationHeatmaps`. */
export interface QuantizationHeatmapsOptions extends FigureOptions {
  /** Longest side of a drawn tensor in cells; larger ones are averaged in blocks, with a note. @defaultValue 100 */
  readonly limit?: number | undefined;
}

const columnsOfPanels = 2;
const panelWidth = 400;
const panelHeight = 240;

/**
 * The width in bits of every element of every tensor, as one map per tensor. Kernels `[kh, kw, C, F]` are drawn as a
 * grid of `kh × kw` maps, one for each pair of input channel (down) and filter (across), or as means over the window when
 * there are too many; feature maps `[H, W, C]` as one map per channel; matrices with their longer side across.
 *
 * @throws FigureError as `quantization`.
 */
export function quantizationHeatmaps(
  tensors: readonly TensorBits[],
  options: QuantizationHeatmapsOptions = {},
): VegaLiteSpec {
  requireSome('quantizationHeatmaps', 'tensors', tensors.length);
  const theme = themeOf('quantizationHeatmaps', options);
  const expanded = tensors.map((tensor) => expandBits('quantizationHeatmaps', tensor));
  let largest = 1;
  for (const bits of expanded) for (const width of bits) largest = Math.max(largest, width);
  const concat = tensors.map((tensor, index) => panel(tensor, expanded[index], largest, options.limit ?? 100, theme));
  const caption = {
    title: 'Bit width of every element',
    notes: ['grey: 0 bits, the element is constant 0'],
    description: `Heat maps of bit widths of ${tensors.length} tensors.`,
  };
  return figure(options, caption, {
    columns: Math.min(columnsOfPanels, tensors.length),
    spacing: { row: 26, column: 34 },
    concat,
    resolve: { scale: { color: 'shared' } },
  });
}

function panel(tensor: TensorBits, bits: readonly number[], largest: number, limit: number, theme: Theme): JsonObject {
  const plane = arrange(tensor, bits, limit);
  const { rows: height, columns: width, values, block } = shrinkMatrix(plane, limit);
  const averaged = block[0] * block[1] > 1;
  const side = Math.max(2, Math.min(26, Math.floor(panelWidth / width), Math.floor(panelHeight / height)));
  const cells: JsonObject[] = [];
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const value = values[row * width + column];
      if (!Number.isNaN(value)) cells.push({ row, column, bits: tidy(value, 3) });
    }
  }
  const place = (field: string, size: number, title: string) => ({
    field,
    type: 'ordinal',
    title,
    axis:
      title === '' ? null : { labels: false, ticks: false, domain: false, titlePadding: 4, titleColor: theme.muted },
    scale: { domain: Array.from({ length: size }, (_, index) => index), padding: side > 6 ? 0.06 : 0 },
  });
  const note = plane.note + (averaged ? `, blocks of ${block[0]}×${block[1]} averaged` : '');
  return {
    title: panelTitle(`${tensor.layer} ${tensor.role}`, {
      subtitle: `${tensor.shape.length === 0 ? 'scalar' : tensor.shape.join('×')}${note}`,
      subtitlePadding: 3,
    }),
    width: side * width,
    height: side * height,
    data: rows(cells),
    mark: { type: 'rect' },
    encoding: {
      x: place('column', width, plane.across),
      y: place('row', height, plane.down),
      color: {
        condition: { test: 'datum.bits <= 0', value: theme.neutral },
        field: 'bits',
        type: 'quantitative',
        scale: { domain: [0, largest], range: theme.sequential, nice: false },
        legend: {
          title: 'bits',
          orient: 'right',
          gradientLength: 160,
          tickCount: 5,
          tickMinStep: 1,
          labelExpr: plainLabels,
        },
      },
    },
  };
}

interface Plane extends Matrix {
  /** What runs from left to right. */
  readonly across: string;
  /** What runs from top to bottom; empty for a vector. */
  readonly down: string;
  /** What was left out. */
  readonly note: string;
}

/** Lays a tensor out on a plane, wider than high where there is a choice; gaps between the maps of a kernel are NaN. */
function arrange(tensor: TensorBits, values: readonly number[], limit: number): Plane {
  const { shape, role } = tensor;
  if (shape.length === 4) {
    const [height, width, channels, filters] = shape;
    if (channels === 1) return wrapped([height, width, filters], values, 'filter', limit);
    const fits = channels * (height + 1) <= limit + 1 && filters * (width + 1) <= limit + 1;
    return fits
      ? tiles([height, width, channels, filters], values)
      : meanOverWindow(height * width, channels, filters, values);
  }
  if (shape.length === 3) return wrapped([shape[0], shape[1], shape[2]], values, 'channel', limit);
  const columns = shape.length === 0 ? 1 : shape[shape.length - 1];
  const rowCount = values.length / columns;
  const names =
    shape.length === 2 && role === 'weights' ? ['output', 'input'] : [shape.length === 0 ? '' : 'channel', ''];
  const plane = { rows: rowCount, columns, values, across: names[0], down: names[1], note: '' };
  return rowCount <= columns ? plane : turned(plane);
}

function turned({ rows: height, columns, values, across, down, note }: Plane): Plane {
  const other = new Float64Array(values.length);
  for (let row = 0; row < height; row++)
    for (let column = 0; column < columns; column++) other[column * height + row] = values[row * columns + column];
  return { rows: columns, columns: height, values: other, across: down, down: across, note };
}

/** A kernel `[height, width, channels, filters]` as a grid of windows with a cell of space between them. */
function tiles(shape: readonly [number, number, number, number], values: readonly number[]): Plane {
  const [, , channels, filters] = shape;
  const place = (channel: number, filter: number) => [channel, filter] as const;
  return { ...grid(shape, values, [channels, filters], place), across: 'filter', down: 'input channel', note: '' };
}

/** Maps `[height, width, count]` one after the other, in as many rows as suit the panel. */
function wrapped(
  [height, width, count]: readonly [number, number, number],
  values: readonly number[],
  name: string,
  limit: number,
): Plane {
  const aspect = (panelWidth * (height + 1)) / (panelHeight * (width + 1));
  const most = Math.max(1, Math.floor((limit + 1) / (width + 1)));
  // Up to six maps look best in one row.
  const across = Math.min(count, most, count <= 6 ? 6 : Math.ceil(Math.sqrt(count * aspect)));
  const down = Math.ceil(count / across);
  const place = (_: number, map: number) => [Math.floor(map / across), map % across] as const;
  return {
    ...grid([height, width, 1, count], values, [down, across], place),
    // One map has rows and columns; of several, the maps are what is counted.
    across: count === 1 ? 'column' : down > 1 ? `${name}, row by row` : name,
    down: count === 1 ? 'row' : '',
    note: '',
  };
}

function grid(
  [height, width, outer, inner]: readonly [number, number, number, number],
  values: readonly number[],
  [down, across]: readonly [number, number],
  place: (outer: number, inner: number) => readonly [number, number],
): Matrix {
  const rowCount = down * (height + 1) - 1;
  const columns = across * (width + 1) - 1;
  const plane = new Float64Array(rowCount * columns).fill(Number.NaN);
  let index = 0;
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++)
      for (let first = 0; first < outer; first++)
        for (let second = 0; second < inner; second++) {
          const [y, x] = place(first, second);
          plane[(y * (height + 1) + row) * columns + x * (width + 1) + column] = values[index++];
        }
  return { rows: rowCount, columns, values: plane };
}

/** Too many windows to draw: one cell per channel and filter, the mean over the window. */
function meanOverWindow(window: number, channels: number, filters: number, values: readonly number[]): Plane {
  const means = new Float64Array(channels * filters);
  for (let index = 0; index < values.length; index++) means[index % means.length] += values[index] / window;
  const note = ', mean over the window';
  return { rows: channels, columns: filters, values: means, across: 'filter', down: 'input channel', note };
}
