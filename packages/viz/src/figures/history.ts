import { textWidth } from '../render/text-width.ts';
import { largestShown, reject, requireShowable, requireSome, smallestShown } from '../spec/checks.ts';
import { thinIndices } from '../spec/downsample.ts';
import { type FigureOptions, figure, headingLayer, rows, themeOf } from '../spec/figure.ts';
import type { JsonObject, VegaLiteSpec } from '../spec/json.ts';
import { axisFormat, grouped, percent, short, tidy } from '../spec/numbers.ts';
import { logTicks } from '../spec/ticks.ts';
import { fontSizes, type Theme } from '../theme/theme.ts';

/**
 * What is known after one epoch. Everything may be missing; missing curves are left out, other fields ignored. NaN and
 * numbers that no axis can show (beyond 1e100; on a logarithmic axis also below 1e-100) count as missing, the latter with
 * a note.
 */
export interface HistoryEpoch {
  /** @defaultValue the position in the list, from 1 */
  readonly epoch?: number | undefined;
  /** Total training loss, the sum of the terms below. */
  readonly loss?: number | undefined;
  /** The task's share of the loss (cross entropy, for example). */
  readonly lossTask?: number | undefined;
  /** The resource share of the loss, Σ β · EBOPs. */
  readonly lossEbops?: number | undefined;
  /** The pixel budget's share of the loss, β_n · n. */
  readonly lossN?: number | undefined;
  /** The price of dropped intensity, `betaMaskedE` times its share. */
  readonly lossMasked?: number | undefined;
  /** The regularisers of bit widths. */
  readonly lossBits?: number | undefined;
  readonly valLoss?: number | undefined;
  /** Fraction of correct training answers, 0 to 1. */
  readonly accuracy?: number | undefined;
  /** Fraction of correct validation answers, 0 to 1. */
  readonly valAccuracy?: number | undefined;
  /** Pixels kept per image. */
  readonly n?: number | undefined;
  /** Pixels must exceed this, in units of the input. */
  readonly threshold?: number | undefined;
  /** Effective bit operations of the whole network. */
  readonly ebops?: number | undefined;
  readonly learningRate?: number | undefined;
}

/** Options of `history`. */
export interface HistoryOptions extends FigureOptions {
  /**
   * Epoch whose weights were kept; marked in every panel. @defaultValue the first epoch with the highest validation
   * accuracy, else the lowest validation loss; none when neither was recorded. `null` marks none.
   */
  readonly bestEpoch?: number | null | undefined;
}

type Field = Exclude<keyof HistoryEpoch, 'epoch'>;

interface Panel {
  readonly title: string;
  readonly fields: readonly (readonly [Field, string])[];
  readonly log?: boolean;
  readonly step?: boolean;
  readonly format?: string;
  /** Only whole numbers make sense. */
  readonly whole?: boolean;
}

const mainPanels: readonly Panel[] = [
  {
    title: 'Loss (log scale)',
    fields: [
      ['loss', 'total'],
      ['valLoss', 'validation'],
      ['lossTask', 'task'],
      ['lossEbops', 'β · EBOPs'],
      ['lossN', 'βₙ · n'],
      ['lossMasked', 'dropped intensity'],
      ['lossBits', 'bit widths'],
    ],
    log: true,
    format: '~g',
  },
  {
    title: 'Accuracy (fraction correct)',
    fields: [
      ['accuracy', 'training'],
      ['valAccuracy', 'validation'],
    ],
    format: '~g',
  },
];

const sidePanels: readonly Panel[] = [
  { title: 'n (pixels kept per image)', fields: [['n', 'n']], step: true, format: '~g', whole: true },
  { title: 'Threshold (input units)', fields: [['threshold', 'threshold']], format: '~g' },
  { title: 'EBOPs (bit operations)', fields: [['ebops', 'EBOPs']], format: '~s', whole: true },
  { title: 'Learning rate', fields: [['learningRate', 'learning rate']], format: '~g' },
];

/** One per curve of a panel: colour alone is lost in print, and on many eyes. */
const dashes: readonly (readonly number[])[] = [
  [1, 0],
  [8, 3],
  [2, 2],
  [10, 3, 2, 3],
  [5, 2],
  [1, 3],
  [12, 2, 2, 2, 2, 2],
];

const pointLimit = 400;
const width = 860;
const gap = 24;
/** Numbers that are shorter with an exponent. */
const tiny = 'abs(datum.value) > 0 && abs(datum.value) < 0.001';
/** Room that the y axis of each panel takes, reserved so that panels line up. */
const axisRoom = 62;

/**
 * The course of a training: loss split into its terms, accuracy, n, threshold, EBOPs and learning rate over the epochs,
 * the best epoch marked in all of them.
 *
 * @throws FigureError when there is no epoch, nothing was recorded, an epoch is not a finite number, or `bestEpoch` is not
 * among the epochs.
 *
 * @example
 * ```ts
 * const spec = history([{ epoch: 1, loss: 2.1, valAccuracy: 0.42 }, { epoch: 2, loss: 1.4, valAccuracy: 0.71 }]);
 * ```
 */
export function history(epochs: readonly HistoryEpoch[], options: HistoryOptions = {}): VegaLiteSpec {
  requireSome('history', 'epochs', epochs.length);
  const numbered = epochs.map((entry, index) => ({ ...entry, epoch: entry.epoch ?? index + 1 }));
  for (const [index, { epoch }] of numbered.entries()) requireShowable('history', `epoch of entry ${index}`, epoch);
  return drawHistory(numbered, options);
}

type Epoch = HistoryEpoch & { readonly epoch: number };

function drawHistory(epochs: readonly Epoch[], options: HistoryOptions): VegaLiteSpec {
  const theme = themeOf('history', options);
  const best = bestIndex(epochs, options.bestEpoch);
  const chosen = thinIndices(epochs.length, pointLimit, best === undefined ? [] : [best]).map((index) => epochs[index]);
  const top = mainPanels.filter((panel) => hasData(chosen, panel));
  const bottom = sidePanels.filter((panel) => hasData(chosen, panel));
  if (top.length + bottom.length === 0) {
    reject('history', 'epochs', 'hold no numbers besides the epoch', 'record at least the loss');
  }
  const mark = best === undefined ? undefined : epochs[best];
  // One heading per panel needs some width: four side panels become two rows of two.
  const side = bottom.length === 4 ? [bottom.slice(0, 2), bottom.slice(2)] : bottom.length > 0 ? [bottom] : [];
  const row = (panels: readonly Panel[], height: number) => ({
    hconcat: panels.map((panel) =>
      drawPanel(panel, chosen, mark, theme, (width - gap * (panels.length - 1)) / panels.length - axisRoom, height),
    ),
    spacing: gap,
    resolve: { scale: { color: 'independent', strokeDash: 'independent' } },
  });
  const vconcat = [...(top.length > 0 ? [row(top, 230)] : []), ...side.map((panels) => row(panels, 140))];
  const thinned =
    chosen.length < epochs.length
      ? `shown: ${grouped(chosen.length)} of ${grouped(epochs.length)} epochs, evenly chosen`
      : '';
  const validated = epochs.some(({ valAccuracy, valLoss }) => valAccuracy !== undefined || valLoss !== undefined);
  const caption = {
    title: 'Training history',
    notes: [mark === undefined ? '' : bestNote(mark, validated), thinned, omittedNote(chosen)],
    description: `Loss, accuracy and resources over ${epochs.length} epochs of training.`,
  };
  return figure(options, caption, {
    vconcat,
    spacing: 22,
    resolve: { scale: { color: 'independent', strokeDash: 'independent' } },
  });
}

/** Only validation can say that an epoch is the best. */
function bestNote(epoch: Epoch, validated: boolean): string {
  const parts = [
    epoch.valAccuracy === undefined ? '' : `validation accuracy ${percent(epoch.valAccuracy)}`,
    epoch.n === undefined ? '' : `n ${short(epoch.n)}`,
    epoch.threshold === undefined ? '' : `threshold ${short(epoch.threshold)}`,
    epoch.ebops === undefined ? '' : `${grouped(epoch.ebops)} EBOPs`,
  ].filter((part) => part !== '');
  const word = validated ? 'best' : 'kept';
  return `${word} epoch ${epoch.epoch}${parts.length > 0 ? `: ${parts.join(', ')}` : ''} (dashed line)`;
}

function bestIndex(epochs: readonly Epoch[], wanted: number | null | undefined): number | undefined {
  if (wanted === null) return undefined;
  if (wanted !== undefined) {
    const index = epochs.findIndex((epoch) => epoch.epoch === wanted);
    if (index < 0)
      reject(
        'history',
        'bestEpoch',
        `is ${wanted}, which is not recorded`,
        `pass the number of a recorded epoch or null`,
      );
    return index;
  }
  const scores = epochs.map((epoch) => epoch.valAccuracy ?? (epoch.valLoss === undefined ? undefined : -epoch.valLoss));
  let best: number | undefined;
  for (const [index, score] of scores.entries()) {
    if (score !== undefined && !Number.isNaN(score) && (best === undefined || score > (scores[best] ?? -Infinity)))
      best = index;
  }
  return best;
}

/** First and last epoch, the same in all panels although a curve may begin later. */
function span(epochs: readonly Epoch[]): readonly [number, number] {
  const numbers = epochs.map(({ epoch }) => epoch);
  return [least(numbers), most(numbers)];
}

function least(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b));
}

function most(values: readonly number[]): number {
  return values.reduce((a, b) => Math.max(a, b));
}

/** A curve that never changes gets some room around it, so that its axis has round numbers. */
function linearScale(values: readonly number[]): JsonObject {
  const [low, high] = [least(values), most(values)];
  if (low < high) return { zero: false, nice: true };
  if (low === 0) return { domain: [0, 1], zero: false };
  const room = Math.abs(low) / 10;
  return { domain: [low - room, low + room], zero: false, nice: true };
}

/** One row when it fits, else two. */
function legendColumns(names: readonly string[], panelWidth: number): number {
  const oneRow = names.reduce((length, name) => length + textWidth(name, fontSizes.label) + 36, 0);
  return oneRow <= panelWidth ? names.length : Math.ceil(names.length / 2);
}

/** On a logarithmic axis only positive numbers have a place. */
function drawable(panel: Panel, value: number | undefined): value is number {
  // Also false for null, which NaN becomes in JSON.
  if (value === undefined || !Number.isFinite(value)) return false;
  return Math.abs(value) <= largestShown && (panel.log !== true || value >= smallestShown);
}

/** Numbers that are neither gaps nor drawn: the figure has to say so. */
function omittedNote(epochs: readonly Epoch[]): string {
  const beyond = (panel: Panel, value: number | undefined) =>
    value !== undefined &&
    Number.isFinite(value) &&
    (Math.abs(value) > largestShown || (panel.log === true && value > 0 && value < smallestShown));
  const omitted = [...mainPanels, ...sidePanels].reduce((count, panel) => {
    const values = panel.fields.flatMap(([field]) => epochs.map((epoch) => epoch[field]));
    return count + values.filter((value) => beyond(panel, value)).length;
  }, 0);
  return omitted === 0
    ? ''
    : `left out: ${grouped(omitted)} ${omitted === 1 ? 'number' : 'numbers'} that no axis can show`;
}

function hasData(epochs: readonly Epoch[], panel: Panel): boolean {
  return panel.fields.some(([field]) => epochs.some((epoch) => drawable(panel, epoch[field])));
}

function drawPanel(
  panel: Panel,
  epochs: readonly Epoch[],
  best: Epoch | undefined,
  theme: Theme,
  panelWidth: number,
  height: number,
): JsonObject {
  const present = panel.fields.filter(([field]) => epochs.some((epoch) => drawable(panel, epoch[field])));
  const values = present.flatMap(([field, series]) =>
    epochs.flatMap((epoch) => {
      const value = epoch[field];
      return drawable(panel, value) ? [{ epoch: epoch.epoch, series, value: tidy(value) }] : [];
    }),
  );
  const names = present.map(([, series]) => series);
  const marked = <T>(marks: readonly T[]): readonly T[] =>
    panel.fields.flatMap(([field], index) => (present.some(([name]) => name === field) ? [marks[index]] : []));
  const colors = marked(theme.categories);
  const legend =
    names.length > 1
      ? {
          title: null,
          orient: 'bottom',
          direction: 'horizontal',
          symbolType: 'stroke',
          columnPadding: 12,
          columns: legendColumns(names, panelWidth),
        }
      : null;
  const numbers = values.map(({ value }) => value);
  const ticks = panel.log
    ? { values: logTicks(least(numbers) / 1.02, most(numbers) * 1.02) }
    : { tickCount: height < 200 ? 4 : 6, tickMinStep: panel.whole ? 1 : 0 };
  // Prefixes end before numbers do.
  const format = panel.format === '~s' ? axisFormat(most(numbers.map(Math.abs))) : (panel.format ?? '~g');
  const lines = {
    data: rows(values),
    mark:
      epochs.length === 1
        ? { type: 'point', filled: true, size: 90 }
        : {
            type: 'line',
            interpolate: panel.step ? 'step-after' : 'linear',
            // A short series may be a lone point between gaps.
            point: epochs.length <= 25 ? { filled: true, size: 45 } : false,
          },
    encoding: {
      x: {
        field: 'epoch',
        type: 'quantitative',
        title: 'epoch',
        scale: {
          domain: span(epochs),
          nice: false,
          zero: false,
        },
        axis: { tickCount: 6, tickMinStep: 1, grid: false, format: 'd' },
      },
      y: {
        field: 'value',
        type: 'quantitative',
        title: null,
        scale: panel.log ? { type: 'log', nice: false, padding: 4 } : linearScale(numbers),
        axis: {
          ...ticks,
          labelExpr: `${tiny} ? format(datum.value, '~e') : format(datum.value, '${format}')`,
          minExtent: axisRoom - 12,
        },
      },
      color: { field: 'series', type: 'nominal', scale: { domain: names, range: colors }, legend },
      ...(names.length > 1
        ? { strokeDash: { field: 'series', type: 'nominal', scale: { domain: names, range: marked(dashes) }, legend } }
        : {}),
    },
  };
  const rule =
    best === undefined
      ? []
      : [
          {
            data: rows([{ epoch: best.epoch }]),
            mark: { type: 'rule', strokeDash: [5, 4], color: theme.muted, strokeWidth: 1.5 },
            encoding: { x: { field: 'epoch', type: 'quantitative' } },
          },
        ];
  return { width: Math.floor(panelWidth), height, layer: [headingLayer(panel.title), ...rule, lines] };
}
