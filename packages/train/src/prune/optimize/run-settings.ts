import type { Json } from '../../tune/trial.ts';
import { defaultRegularizationRange } from '../builder/hyper-optimization-model.ts';
import type { Work } from './work.ts';

/** All that decides what follows, as far as it is plain data. */
export function runSettings({
  chosen,
  objective,
  scheduler,
  options,
  trainer,
  resourcesBefore,
}: Work): Readonly<Record<string, Json>> {
  const { epochs, rtol, rewindingEpochs = 1, cutoffBadTrials = 1, rankingMetric = 'l1', batchSize = 64 } = options;
  const { local = false, normalization = 'full', knapsackSolver = 'CBC_MIP', restoreAfterBad = false } = options;
  const { tuner = 'Bayesian', tunerTrials = null, regularizationRange = defaultRegularizationRange } = options;
  const {
    learningRateRange = [],
    learningRate = 1e-3,
    reduce = objective.reduces ?? false,
    data,
    validation,
  } = options;
  const { hessianMethod = 'exact', derivativeImages = null } = options;
  const layers = [...chosen.values()].filter((layer) => layer.optimizable);
  return {
    objective: { name: objective.name, dimensions: objective.dimensions, resources: resourcesBefore },
    layers: layers.map(({ name, weightShape, optimizationAttributes: own }) => ({
      name,
      weightShape,
      ...own,
    })) as unknown as Json,
    scheduler: { name: scheduler.name, initial: { ...scheduler.initial }, ...scheduler.settings },
    data: [data.labels.length, ...data.shape],
    validation: [validation.labels.length, ...validation.shape],
    seed: trainer.seed,
    validationMetric: trainer.metricName,
    direction: trainer.direction,
    tuner: typeof tuner === 'string' ? tuner : { name: tuner.name, settings: tuner.settings },
    learningRate: typeof learningRate === 'number' ? learningRate : 'a schedule',
    loss: typeof options.loss === 'function' ? 'a function' : (options.loss ?? null),
    regularizationRange,
    learningRateRange,
    tunerTrials,
    epochs,
    rtol,
    rewindingEpochs,
    cutoffBadTrials,
    restoreAfterBad,
    rankingMetric,
    hessianMethod,
    derivativeImages,
    batchSize,
    local,
    normalization,
    knapsackSolver,
    reduce,
  };
}
