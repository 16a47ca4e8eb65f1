import { saveModel } from '@sp/layers';
import { pathOf, fileName as safeName } from '@sp/quant/files';
import type { FitCallback, FitContext } from '../fit/callback.ts';
import { forFit } from '../fit/for-fit.ts';
import type { Logs } from '../fit/logs.ts';
import { type Direction, sayNotes, type Watched, watched } from '../monitor/watched.ts';
import { OptionError } from '../option-error.ts';
import { checkOptionNames } from '../option-names.ts';
import { exchangeModels, type ParetoRecord } from './pareto-folder.ts';

/** Which models a front keeps, and where. */
export interface ParetoFrontOptions {
  /** Folder (Node) that gets one folder per model and `front.json`, made when absent. */
  readonly directory: string | URL;
  /** Names of numbers in the logs, e.g. `['valAccuracy', 'ebops']`. */
  readonly metrics: readonly string[];
  /** Per metric: 1 when more is better, −1 when less is. Default: as their names say, as in `earlyStopping`. */
  readonly sides?: readonly (1 | -1)[];
  /** Folder name of a model, within `directory`. Default `epoch=3_valAccuracy=0.93_ebops=1024`, epochs counted from 1 as in the logs. */
  readonly fileName?: (epoch: number, values: readonly number[]) => string;
  /** Epochs that may enter at all, e.g. `(logs) => logs.valAccuracy > 0.5`. Default all. */
  readonly enableIf?: (logs: Readonly<Logs>) => boolean;
  /** Writes a model. Default `saveModel` of `@sp/layers`. */
  readonly save?: (model: FitContext['model'], target: string) => Promise<void>;
}

/** The Pareto front callback, with what it keeps. */
export interface ParetoFront extends FitCallback {
  /** Models on the front, oldest first. */
  records(): readonly ParetoRecord[];
}

/**
 * Saves every epoch's model that no kept one equals or beats in all metrics, and deletes those that it beats (hgq2 §5.7 `ParetoFront`). Unlike
 * there, a model that ties in one metric and loses in the others is dropped too. `front.json` lists the models on the front; those that it listed
 * before and that are not on the front any more, of an earlier training or of one that was killed, go when the next model is saved.
 *
 * Put it behind callbacks that add the metrics (`freeEbops`, `calibratedBops`).
 *
 * @throws OptionError for unknown options, without metrics, and unless every metric has a side, given or told by its name; from `fit` when a metric is not in the logs or not a number.
 * @example
 * const front = paretoFront({ directory: 'runs/front', metrics: ['valAccuracy', 'ebops'] });
 * await fit(model, train, { epochs: 100, validation, callbacks: [freeEbops(), front] });
 */
export function paretoFront(options: ParetoFrontOptions): ParetoFront {
  checkOptionNames(options, ['directory', 'metrics', 'sides', 'fileName', 'enableIf', 'save'], 'paretoFront');
  const directory = pathOf(options.directory);
  if (!Array.isArray(options.metrics) || options.metrics.length === 0) {
    throw new OptionError("paretoFront: metrics is no list of names; give e.g. metrics: ['valAccuracy', 'ebops']");
  }
  const { metrics, enableIf = () => true, save = saveModel } = options;
  const { fileName = (epoch, values) => defaultName(metrics, epoch, values) } = options;
  const watchedMetrics = metricsOf(options);
  const sides = watchedMetrics.map(({ direction }) => (direction === 'max' ? 1 : -1));
  /** Whether `a` is at least as good as `b` in every metric. */
  const covers = (a: readonly number[], b: readonly number[]): boolean =>
    a.every((value, m) => sides[m] * value >= sides[m] * b[m]);
  let records: readonly ParetoRecord[] = [];
  return forFit({
    name: 'paretoFront',
    keepsImages: true,
    records: () => records,
    onTrainBegin: (context) => sayNotes(context, watchedMetrics),
    async onEpochEnd(index, logs, { model }) {
      if (!enableIf(logs)) return;
      const epoch = index + 1;
      const values = watchedMetrics.map((metric) => metric.value(logs));
      if (records.some((record) => covers(record.values, values))) return;
      const file = fileName(epoch, values);
      const beaten = records.filter((record) => covers(values, record.values));
      const kept = records.filter((record) => !beaten.includes(record));
      if (kept.some((record) => record.file === file)) {
        throw new OptionError(
          `paretoFront: fileName gives '${file}' to two models; make it depend on epoch or the metrics`,
        );
      }
      const after = [...kept, { epoch, values, file }];
      await exchangeModels(directory, { metrics, sides, records: after }, file, (target) => save(model, target));
      records = after;
    },
    state: () => records,
    restore(state) {
      records = state as readonly ParetoRecord[];
    },
  });
}

/** The metrics with their directions. */
function metricsOf({ metrics, sides }: ParetoFrontOptions): readonly Watched[] {
  const count = sides?.length ?? metrics.length;
  if (metrics.length === 0 || metrics.length !== count) {
    throw new OptionError(`paretoFront: ${metrics.length} metrics and ${count} sides; give at least one and as many`);
  }
  return metrics.map((metric, m) => {
    const side = sides?.[m];
    if (side !== undefined && side !== 1 && side !== -1) {
      throw new OptionError(`paretoFront: side ${String(side)}; give 1 (more is better) or -1`);
    }
    const mode: Direction | undefined = side === undefined ? undefined : side === 1 ? 'max' : 'min';
    return watched('paretoFront', metric, mode, false, 'sides: 1 or −1 for each metric');
  });
}

function defaultName(metrics: readonly string[], epoch: number, values: readonly number[]): string {
  const parts = metrics.map((metric, m) => `${metric}=${Number(values[m].toPrecision(6))}`);
  // Names of metrics come from anywhere: what some file system forbids in them becomes '_'.
  return safeName([`epoch=${epoch}`, ...parts].join('_'));
}
