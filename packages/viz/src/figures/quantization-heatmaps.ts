import { requireSome } from '../spec/checks.ts';
import { type Matrix, shrinkMatrix } from '../spec/downsample.ts';
import { type FigureOptions, figure, panelTitle, rows, themeOf } from '../spec/figure.ts';
import type { JsonObject, VegaLiteSpec } from '../spec/json.ts';
import { tidy } from '../spec/numbers.ts';
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
 * grid of `kh × kw` maps, one for each pair of input channel (down) and filter (across), feature maps `[H, W, C]` as one map
 * per channel, matrices with their longer side across.
 *
 * @throws FigureError as `quantization`.
 */
export function quantizationHeatmaps(
  tensors: readonly TensorBits[],
  options: QuantizationHeatmapsOptions = {},
): VegaLiteSpec {
  requireSome('quantizationHeatmaps', 'tensors', tensors.length);
  const theme = themeOf(options);
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
  const plane = arrange(tensor, bits);
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
  const note = averaged ? `, blocks of ${block[0]}×${block[1]} averaged` : '';
  return {
    title: panelTitle(`${tensor.layer} ${tensor.role}`, {
      subtitle: `${tensor.shape.join('×')}${note}`,
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
        legend: { title: 'bits', orient: 'right', gradientLength: 160, tickCount: 5, format: '~g' },
      },
    },
  };
}

interface Plane extends Matrix {
  /** What runs from left to right. */
  readonly across: string;
  /** What runs from top to bottom; empty for a vector. */
  readonly down: string;
}

/** Lays a tensor out on a plane, wider than high where there is a choice; gaps between the maps of a kernel are NaN. */
function arrange(tensor: TensorBits, values: readonly number[]): Plane {
  const { shape, role } = tensor;
  if (shape.length === 4) return tiles([shape[0], shape[1], shape[2], shape[3]], values, 'filter', 'input channel');
  if (shape.length === 3) return tiles([shape[0], shape[1], 1, shape[2]], values, 'channel', '');
  const columns = shape.length === 0 ? 1 : shape[shape.length - 1];
  const rowCount = values.length / columns;
  const names =
    shape.length === 2 && role === 'weights' ? ['output', 'input'] : [shape.length === 0 ? '' : 'channel', ''];
  if (rowCount <= columns) return { rows: rowCount, columns, values, across: names[0], down: names[1] };
  const turned = new Float64Array(values.length);
  for (let row = 0; row < rowCount; row++)
    for (let column = 0; column < columns; column++) turned[column * rowCount + row] = values[row * columns + column];
  return { rows: columns, columns: rowCount, values: turned, across: names[1], down: names[0] };
}

/** `[height, width, down, across]` as a grid of `height × width` maps with a cell of space between them. */
function tiles(
  [height, width, down, across]: readonly [number, number, number, number],
  values: readonly number[],
  acrossName: string,
  downName: string,
): Plane {
  const rowCount = down * (height + 1) - 1;
  const columns = across * (width + 1) - 1;
  const plane = new Float64Array(rowCount * columns).fill(Number.NaN);
  let index = 0;
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++)
      for (let channel = 0; channel < down; channel++)
        for (let filter = 0; filter < across; filter++)
          plane[(channel * (height + 1) + row) * columns + filter * (width + 1) + column] = values[index++];
  return { rows: rowCount, columns, values: plane, across: acrossName, down: downName };
}
