import { join } from 'node:path';
import { collectInputReduces, saveModel, setBackend, totalEbops } from '@sp/layers';
import { removeFolder, replaceFolder } from '@sp/quant/files';
import { pixelFormat } from '@sp/train';
import type { Json, Space } from '@sp/train/internal';
import { SearchError } from '../errors.ts';
import { rungEpochs } from '../pruner/pruner.ts';
import { type MakeProblem, PointError, type Problem } from '../run/problem.ts';
import type { WholeSettings } from '../study/settings.ts';
import { loadSearchData } from './load-search-data.ts';
import { measureNetwork } from './measure-network.ts';
import { checkNetworkSpace, parametersAt } from './network-parameters.ts';
import { checkNetworkSettings, type NetworkSettings } from './network-settings.ts';
import { searchNetwork } from './search-network.ts';
import { RUNG_METRICS, trainNetwork } from './train-network.ts';

/** Metrics of a finished trial. */
const METRICS = [
  ...['valAccuracy', 'valLoss', 'auc', 'efficiency', 'loss', 'accuracy', 'ebops', 'n', 'threshold', 'weightBits'],
  ...['latency', 'latencyNs', 'interval', 'lut', 'ff', 'dsp', 'bram'],
  ...['rtlLatency', 'rtlInterval', 'rtlLut', 'rtlFf', 'rtlDsp'],
] as const;

/** Where a trial keeps its trained network, in its folder. */
export const MODEL = 'model';

/** Epochs of a whole trial when nothing says how many. */
const EPOCHS = 30;

/**
 * The search over networks: builds the network of a point, trains it on the fused engine, stops at rungs, lowers it, plans firmware and measures (`measureNetwork`). What is left of a
 * finished trial is the trained network, as `loadModel` reads it. Settings: `NetworkSettings`.
 */
export const networkProblem: MakeProblem = async (given: Json, space: Space): Promise<Problem> => {
  const settings = (given ?? {}) as NetworkSettings;
  checkNetworkSettings(settings);
  const { fixed = {} } = settings;
  checkNetworkSpace(space, fixed);
  await setBackend('auto');
  const { train, heldOut } = await loadSearchData(settings);
  const pixels = pixelFormat(train);
  const { workingPoint } = settings;
  if (workingPoint !== undefined && workingPoint.class >= train.classes) {
    throw new SearchError(`problem.settings: workingPoint.class ${workingPoint.class}, but there are ${train.classes}`);
  }
  let epochs = settings.epochs ?? EPOCHS;
  let rungs: readonly number[] = [];
  let every = Math.ceil(epochs / 5);
  return {
    check({ pruner, objectives, constraints }: WholeSettings) {
      epochs = settings.epochs ?? pruner?.maxEpochs ?? EPOCHS;
      every = pruner?.minEpochs ?? Math.ceil(epochs / 5);
      if (pruner !== undefined) {
        if (pruner.maxEpochs !== epochs) {
          throw new SearchError(`epochs ${epochs}, but maxEpochs ${pruner.maxEpochs} of the pruner; give one of them`);
        }
        rungs = rungEpochs(pruner);
        const unknown = pruner.by.find(({ metric }) => !(RUNG_METRICS as readonly string[]).includes(metric));
        if (unknown !== undefined) {
          throw new SearchError(
            `the pruner compares '${unknown.metric}', which is not known while training; what is: ${RUNG_METRICS.join(', ')}`,
          );
        }
      }
      for (const { metric } of [...objectives, ...constraints]) {
        const missing =
          (metric === 'efficiency' && workingPoint === undefined && 'give a workingPoint') ||
          (metric.startsWith('rtl') && settings.rtl !== true && 'set rtl to true') ||
          (!(METRICS as readonly string[]).includes(metric) && `what is: ${METRICS.join(', ')}`);
        if (missing !== false) throw new SearchError(`'${metric}' is not measured; ${missing}`);
      }
    },
    async run({ point, seed }, { folder, signal, rung }) {
      const at = parametersAt(point, fixed);
      const model = orPointError(() => searchNetwork(at, train, seed, pixels));
      try {
        const checkpoints = join(folder, 'checkpoints');
        const options = { at, seed, train, heldOut, epochs, checkpoints, every, signal, rungs, onRung: rung };
        const trained = await trainNetwork(model, options).catch((error: unknown) => {
          throw pointErrorOf(error, ['TrainingError']);
        });
        if (trained === null) return {};
        // The epoch that was kept need not be the last one.
        const [reduce] = collectInputReduces(model);
        const kept = { ...trained, ebops: totalEbops(model), n: reduce.nMaxPixels, threshold: reduce.threshold };
        const { metrics } = orPointError(() => measureNetwork(model, point, heldOut, settings, kept));
        await replaceFolder(join(folder, MODEL), (fresh) => saveModel(model, fresh).then(() => {}), { note: () => {} });
        await removeFolder(checkpoints);
        return metrics;
      } finally {
        model.dispose();
      }
    },
  };
};

/** Errors of what a point asks for, by name: their classes lie in packages of which several copies may be about. */
const OF_POINTS = ['LayerError', 'LowerError', 'GraphError', 'ConfigError', 'FirmwareError', 'RtlError', 'ValueError'];

function orPointError<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw pointErrorOf(error, OF_POINTS);
  }
}

function pointErrorOf(error: unknown, names: readonly string[]): unknown {
  if (!(error instanceof Error) || !names.includes(error.name)) return error;
  return new PointError(error.message, { cause: error });
}
