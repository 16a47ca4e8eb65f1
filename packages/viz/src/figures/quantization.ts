import { requireChoice, requireFinite, requireLength, requireSome, sizeOf } from '../spec/checks.ts';
import { type FigureOptions, figure, headingLayer, rows, themeOf } from '../spec/figure.ts';
import type { JsonObject, VegaLiteSpec } from '../spec/json.ts';
import { grouped, percent, short, tidy } from '../spec/numbers.ts';
import type { Theme } from '../theme/theme.ts';

/** What a quantised tensor is for; `activations` are what enters a layer when `output` is given too. */
export type TensorRole = 'weights' | 'bias' | 'activations' | 'output';

/** Bit widths of one quantised tensor. */
export interface TensorBits {
  readonly layer: string;
  readonly role: TensorRole;
  /** Shape of the tensor, for example `[5, 5, 1, 4]`. */
  readonly shape: readonly number[];
  /**
   * Total width of each element in bits, row-major over `shape`; a single value when all elements share it. Zero or less
   * means constant 0 (pruned).
   */
  readonly bits: ArrayLike<number>;
}

const roles: readonly TensorRole[] = ['weights', 'bias', 'activations', 'output'];

/**
 * The distribution of bit widths, one row per layer, one column for weights, bias, activations and output: share of elements
 * with each width. Pruned elements (0 bits) are grey.
 *
 * @throws FigureError when there is no tensor, sizes do not fit, or a width is not finite.
 *
 * @example
 * ```ts
 * const spec = quantization([{ layer: 'dense', role: 'weights', shape: [2, 2], bits: [0, 3, 4, 4] }]);
 * ```
 */
export function quantization(tensors: readonly TensorBits[], options: FigureOptions = {}): VegaLiteSpec {
  requireSome('quantization', 'tensors', tensors.length);
  const theme = themeOf('quantization', options);
  const layers = [...new Set(tensors.map(({ layer }) => layer))];
  const columns = roles.filter((role) => tensors.some((tensor) => tensor.role === role));
  const found = tensors.map((tensor) => ({ tensor, widths: widthCounts('quantization', tensor) }));
  const largest = Math.max(4, ...found.map(({ widths }) => Math.max(...widths.keys())));
  const width = columns.length === 4 ? 210 : columns.length === 3 ? 245 : columns.length === 2 ? 340 : 480;
  const concat = layers.flatMap((layer, row) =>
    columns.map((role, column): JsonObject => {
      const widths = merge(
        found.filter(({ tensor }) => tensor.layer === layer && tensor.role === role).map((entry) => entry.widths),
      );
      const labels = { row: column === 0 ? layer : null, column: row === layers.length - 1 ? role : null };
      return panel(widths, labels, { width, largest }, theme);
    }),
  );
  const caption = {
    title: 'Bit widths by layer',
    notes: [
      'share of elements with each width; above: number of elements × mean width',
      'grey: 0 bits, the element is constant 0 (pruned)',
    ],
    description: `Distribution of bit widths in ${layers.length} layers.`,
  };
  return figure(options, caption, { columns: columns.length, spacing: { row: 14, column: 18 }, concat });
}

/** One layer and role; an empty place in the grid when the layer has no such tensor. */
function panel(
  widths: ReadonlyMap<number, number>,
  labels: { readonly row: string | null; readonly column: string | null },
  size: { readonly width: number; readonly largest: number },
  theme: Theme,
): JsonObject {
  const { width, largest } = size;
  const total = sum(widths.values());
  const values = [...widths]
    .sort(([a], [b]) => a - b)
    .map(([bits, count]) => ({ bits, share: tidy(count / total, 5), kind: bits === 0 ? 'pruned' : 'used' }));
  const every = largest > 16 ? Math.ceil(largest / 12) : largest > 9 ? 2 : 1;
  const shown = total > 0 || labels.column !== null;
  const bars = {
    data: rows(values),
    mark: { type: 'bar', width: Math.min(26, Math.floor((width / (largest + 1)) * 0.78)) },
    encoding: {
      x: {
        field: 'bits',
        type: 'quantitative',
        title: labels.column === null ? null : `${labels.column}: width (bits)`,
        scale: { domain: [-0.6, largest + 0.6], nice: false, zero: false },
        axis: {
          values: Array.from({ length: Math.floor(largest / every) + 1 }, (_, index) => index * every),
          grid: false,
          labels: shown,
          ticks: shown,
          domain: shown,
          format: 'd',
        },
      },
      y: {
        field: 'share',
        type: 'quantitative',
        title: labels.row,
        scale: { domain: [0, 1], nice: false },
        axis: {
          format: '.0%',
          values: [0, 0.5, 1],
          labels: labels.row !== null,
          ticks: labels.row !== null,
          domain: false,
          titleAngle: 0,
          titleAlign: 'right',
          titlePadding: 12,
          titleFontWeight: 'bold',
          titleBaseline: 'middle',
        },
      },
      color: {
        field: 'kind',
        type: 'nominal',
        scale: { domain: ['used', 'pruned'], range: [theme.accent, theme.neutral] },
        legend: null,
      },
    },
  };
  const heading = { fontSize: 14, y: -5, color: theme.muted };
  const layer = total === 0 ? [bars] : [headingLayer(panelText(widths, total), heading), bars];
  return { width, height: 84, view: { fill: total === 0 ? null : theme.panel }, layer };
}

function panelText(widths: ReadonlyMap<number, number>, total: number): string {
  let bits = 0;
  for (const [width, count] of widths) bits += width * count;
  const pruned = (widths.get(0) ?? 0) / total;
  return `${grouped(total)} × ${short(bits / total)} bits${pruned > 0 ? `, ${percent(pruned, 0)} pruned` : ''}`;
}

/** Counts per width; widths at or below zero count as zero. */
function widthCounts(figureName: string, tensor: TensorBits): ReadonlyMap<number, number> {
  const widths = new Map<number, number>();
  for (const width of expandBits(figureName, tensor)) widths.set(width, (widths.get(width) ?? 0) + 1);
  return widths;
}

function merge(maps: readonly ReadonlyMap<number, number>[]): ReadonlyMap<number, number> {
  const merged = new Map<number, number>();
  for (const map of maps) for (const [width, count] of map) merged.set(width, (merged.get(width) ?? 0) + count);
  return merged;
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

/** The widths of all elements, checked, broadcast, and cut off at zero. */
export function expandBits(figureName: string, tensor: TensorBits): readonly number[] {
  const field = `${tensor.role} of layer '${tensor.layer}'`;
  requireChoice(figureName, `role of layer '${tensor.layer}'`, tensor.role, roles);
  const size = sizeOf(figureName, `shape of ${field}`, tensor.shape);
  if (tensor.bits.length !== 1) {
    requireLength(figureName, `bits of ${field}`, tensor.bits.length, size, `shape [${tensor.shape.join(', ')}]`);
  }
  return Array.from({ length: size }, (_, index) => {
    const width = tensor.bits[tensor.bits.length === 1 ? 0 : index];
    requireFinite(figureName, `bits of ${field}`, width);
    return Math.max(0, Math.round(width));
  });
}
