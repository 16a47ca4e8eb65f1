import { reject, requireFinite, requireSome, sizeOf } from '../spec/checks.ts';
import { blockNote, blockWithin } from '../spec/downsample.ts';
import { type FigureOptions, figure, panelTitle, rows, themeOf } from '../spec/figure.ts';
import type { JsonObject, VegaLiteSpec } from '../spec/json.ts';
import { plainLabels, short, tidy } from '../spec/numbers.ts';
import type { Theme } from '../theme/theme.ts';

/** Values of one layer for a batch of images. */
export interface LayerOutput {
  /** Batch-major, then row-major over `shape`. */
  readonly values: ArrayLike<number>;
  /** `[H, W, C]` for feature maps, `[units]` for vectors, with or without a batch dimension in front. */
  readonly shape: readonly number[];
}

/** Options of `layerOutputsPlot`. */
export interface LayerOutputsPlotOptions extends FigureOptions {
  /** Which image of the batch. @defaultValue 0 */
  readonly image?: number | undefined;
  /** Channels drawn per layer at most; a note counts the rest. @defaultValue 6 */
  readonly channels?: number | undefined;
  /** Elements of a vector drawn at most. @defaultValue 64 */
  readonly elements?: number | undefined;
}

const mapSide = 124;
const gap = 12;
/** Pixels drawn per layer; beyond, neighbours become one. */
const pixelLimit = 25000;

/**
 * What one image becomes on its way through the network: every channel of every feature map on the pixel grid, vectors
 * as strips. Pixels that are exactly zero are left empty, so the sparsity is visible. Each layer has its own colour
 * scale, symmetric around zero when there are negative values. Of more than 25,000 pixels of a layer neighbours are drawn
 * as one, with a note.
 *
 * @throws FigureError when there is no layer, sizes do not fit, or a value is not finite.
 */
export function layerOutputsPlot(
  layers: ReadonlyMap<string, LayerOutput>,
  options: LayerOutputsPlotOptions = {},
): VegaLiteSpec {
  requireSome('layerOutputsPlot', 'layers', layers.size);
  const theme = themeOf('layerOutputsPlot', options);
  const image = options.image ?? 0;
  const limits = { channels: options.channels ?? 6, elements: options.elements ?? 64 };
  const vconcat = [...layers].map(([name, output]) => layerRow(name, output, image, limits, theme));
  const caption = {
    title: 'One image through the layers',
    notes: ['empty: exactly zero; each layer has its own colour scale'],
    description: `Outputs of ${layers.size} layers for one image.`,
  };
  return figure(options, caption, { vconcat, spacing: 18, resolve: { scale: { color: 'independent' } } });
}

interface Grid {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly side: number;
}

function layerRow(
  name: string,
  output: LayerOutput,
  image: number,
  limits: { readonly channels: number; readonly elements: number },
  theme: Theme,
): JsonObject {
  const { values } = output;
  // Ranks 2 and 4 can only be a vector or a feature map behind a batch dimension.
  const shape = output.shape.length === 2 || output.shape.length === 4 ? output.shape.slice(1) : output.shape;
  const size = sizeOf('layerOutputsPlot', `shape of layer '${name}'`, shape);
  const batch = values.length / size;
  if (!Number.isInteger(batch) || batch < 1) {
    reject(
      'layerOutputsPlot',
      `values of layer '${name}'`,
      `has ${values.length} entries`,
      `give a multiple of ${size}`,
    );
  }
  if (!Number.isInteger(image) || image < 0 || image >= batch) {
    reject('layerOutputsPlot', 'image', `is ${image}`, `give a whole number from 0 to ${batch - 1}`);
  }
  const total = shape.length === 1 ? 1 : shape[2];
  const active: Pixel[] = [];
  let low = 0;
  let high = 0;
  const whole = gridOf(name, shape, limits);
  for (let row = 0; row < whole.height; row++) {
    for (let column = 0; column < whole.width; column++) {
      for (let channel = 0; channel < whole.channels; channel++) {
        const value = values[image * size + (row * whole.width + column) * total + channel];
        requireFinite('layerOutputsPlot', `a value of layer '${name}'`, value);
        if (value === 0) continue;
        low = Math.min(low, value);
        high = Math.max(high, value);
        active.push({ row, column, channel, value });
      }
    }
  }
  const block =
    shape.length === 1
      ? 1
      : blockWithin(pixelLimit, {
          side: Math.max(whole.height, whole.width),
          atLeast: active.length,
          count: (size) => merged(active, size, whole).length,
        });
  const drawn = shape.length === 1 ? shape : [Math.ceil(shape[0] / block), Math.ceil(shape[1] / block), shape[2]];
  const { height, width, channels, side } = gridOf(name, drawn, limits);
  const step = shape.length === 1 ? 0 : width + gap / side;
  const cells = merged(active, block, whole).map(({ row, column, channel, value }) => {
    const x = tidy(channel * step + column, 6);
    return { x, x2: tidy(x + 1, 6), y: row, y2: row + 1, value: tidy(value, 4) };
  });
  const across = shape.length === 1 ? width : channels * step - gap / side;
  const backgrounds = Array.from({ length: channels }, (_, channel) => ({
    x: tidy(channel * step, 6),
    x2: tidy(channel * step + width, 6),
    y: 0,
    y2: height,
  }));
  const reach = Math.max(-low, high) || 1;
  const color =
    low < 0
      ? { domain: [-reach, 0, reach].map((end) => tidy(end, 4)), range: theme.diverging }
      : { domain: [0, tidy(reach, 4)], range: theme.sequential.slice(1) };
  const hidden = shape.length === 1 ? shape[0] - width : total - channels;
  const note = hidden > 0 ? `, first ${shape.length === 1 ? width : channels} shown` : '';
  const pooled = block > 1 ? `; shown: ${blockNote(block, 'the largest in size')}` : '';
  const facts = `${shape.join('×')}${note}${pooled}; range ${short(low)} to ${short(high)}; ${active.length} not zero`;
  const position = {
    x: {
      field: 'x',
      type: 'quantitative',
      axis: null,
      scale: { domain: [0, tidy(across, 6)], nice: false, zero: false },
    },
    x2: { field: 'x2' },
    y: {
      field: 'y',
      type: 'quantitative',
      axis: null,
      scale: { domain: [0, height], nice: false, zero: false, reverse: true },
    },
    y2: { field: 'y2' },
  };
  return {
    title: panelTitle(name, { subtitle: facts, subtitlePadding: 3 }),
    width: Math.round(across * side),
    height: height * side,
    layer: [
      {
        data: rows(backgrounds),
        mark: { type: 'rect', color: theme.panel, stroke: theme.grid, strokeWidth: 1 },
        encoding: position,
      },
      {
        data: rows(cells),
        mark: { type: 'rect' },
        encoding: {
          ...position,
          color: {
            field: 'value',
            type: 'quantitative',
            scale: { ...color, nice: false },
            legend:
              height * side < 60
                ? null
                : {
                    title: null,
                    orient: 'right',
                    gradientLength: Math.min(110, height * side - 10),
                    tickCount: 3,
                    labelExpr: plainLabels,
                  },
          },
        },
      },
    ],
  };
}

interface Pixel {
  readonly row: number;
  readonly column: number;
  readonly channel: number;
  readonly value: number;
}

/** Blocks of pixels, each with the value that is largest in size: what is active stays visible. */
function merged(pixels: readonly Pixel[], block: number, { width, channels }: Grid): readonly Pixel[] {
  if (block === 1) return pixels;
  const found = new Map<number, Pixel>();
  for (const { row: pixelRow, column: pixelColumn, channel, value } of pixels) {
    const row = Math.floor(pixelRow / block);
    const column = Math.floor(pixelColumn / block);
    const place = (row * width + column) * channels + channel;
    const before = found.get(place);
    if (before === undefined || Math.abs(value) > Math.abs(before.value)) {
      found.set(place, { row, column, channel, value });
    }
  }
  return [...found.values()];
}

function gridOf(name: string, shape: readonly number[], limits: { channels: number; elements: number }): Grid {
  if (shape.length === 1) {
    const width = Math.min(shape[0], limits.elements);
    return { height: 1, width, channels: 1, side: Math.max(10, Math.min(26, Math.floor(640 / width))) };
  }
  if (shape.length === 3) {
    const [height, width, channels] = shape;
    const side = Math.max(1, Math.floor(mapSide / Math.max(height, width)));
    return { height, width, channels: Math.min(channels, limits.channels), side };
  }
  return reject(
    'layerOutputsPlot',
    `shape of layer '${name}'`,
    `is [${shape.join(', ')}]`,
    'give [height, width, channels] or [units], with or without the batch in front',
  );
}
