import type { Dataset } from '../data/dataset.ts';
import type { FitCallback, FitContext } from '../fit/callback.ts';
import type { Logs } from '../fit/logs.ts';
import type { StreamingDataset } from '../stream/streaming-dataset.ts';
import { activityWarnings } from './activity-warnings.ts';
import { type Chance, chanceWarnings } from './chance-warnings.ts';
import { ebopsWarnings } from './ebops-warnings.ts';
import { kernelWarnings } from './kernel-warnings.ts';
import type { ModelWarning } from './model-warning.ts';

/** Images sent through a model that learns nothing, to find the layer where nothing passes. */
const looked = 64;

/** What guessing would reach on a data set. */
export function chanceOf(data: Dataset | StreamingDataset): Chance {
  if (!('labels' in data)) return { accuracy: 1 / data.classes, images: data.length };
  const counts = new Array<number>(data.classes).fill(0);
  for (const label of data.labels) counts[label]++;
  return { accuracy: Math.max(...counts) / data.labels.length, images: data.labels.length };
}

/**
 * Says, once each, that a training is dead and where: accuracy at chance, kernels that are all zero, layers without bits, layers whose output is the
 * same for all images. `fit` adds it unless `printWarnings` is among the callbacks. The model is looked at when the accuracy is at chance, and at the
 * end.
 */
export function deadTraining(data: Dataset | StreamingDataset): FitCallback {
  const chance = chanceOf(data);
  let history: readonly Readonly<Logs>[] = [];
  const said = new Set<string>();
  const tell = ({ say = console.warn }: FitContext, warnings: readonly ModelWarning[], when: string): void => {
    for (const { kind, layer, message } of warnings) {
      if (said.has(`${kind} ${layer}`)) continue;
      said.add(`${kind} ${layer}`);
      say(`warning (${when}): ${message}`);
    }
  };
  return {
    name: 'deadTraining',
    keepsImages: true,
    onlyLogs: true,
    onEpochEnd(epoch, logs, context) {
      history = [...history, logs].slice(-5);
      const found = chanceWarnings(history, chance);
      if (found.length === 0 || said.has('chance-accuracy undefined')) return;
      tell(context, [...found, ...deadLayers(context.model, data)], `epoch ${epoch + 1}`);
    },
    onTrainEnd(context) {
      if (history.length > 0) tell(context, deadLayers(context.model), 'after training');
    },
  };
}

function deadLayers(model: FitContext['model'], data?: Dataset | StreamingDataset): readonly ModelWarning[] {
  const kernels = kernelWarnings(model).filter(({ share }) => share === 1);
  const bits = ebopsWarnings(model).filter(({ layer }) => !kernels.some((kernel) => kernel.layer === layer));
  if (data === undefined || !('labels' in data)) return [...kernels, ...bits];
  const signal = activityWarnings(model, data, { images: looked });
  const known = [...kernels, ...bits].map(({ layer }) => layer);
  return [...kernels, ...bits, ...signal.filter(({ kind, layer }) => kind === 'dead-layer' && !known.includes(layer))];
}
