import { modelState, restoreState } from '@sp/layers';
import { holdFolder, nodeModules, pathOf } from '@sp/quant/files';
import * as tf from '@tensorflow/tfjs';
import { ebopsFactors, restoreEbopsFactors } from '../../ebops/ebops-factors.ts';
import { checkModel } from '../../fit/check-model.ts';
import { OptionError } from '../../option-error.ts';
import type { Json, Trial } from '../../tune/trial.ts';
import type { ModelAttributes } from '../attributes/layer-attributes.ts';
import { optimizationAttributes } from '../attributes/optimization-attributes.ts';
import { zeroStaysZero } from '../attributes/zero-weights.ts';
import { HyperOptimizationModel, LEARNING_RATE } from '../builder/hyper-optimization-model.ts';
import { fileStore } from '../builder/state-store.ts';
import { tunePenalties } from '../builder/tune-penalties.ts';
import type { ModelMasks } from '../masks/get-model-masks.ts';
import { attributesForObjective, type ChosenAttributes } from '../objectives/attributes-for-objective.ts';
import { layersByName } from '../objectives/deployed-kernel.ts';
import type { ObjectiveEstimator } from '../objectives/objective-estimator.ts';
import { reduceModel } from '../reduce/reduce-model.ts';
import type { SparsityScheduler } from '../schedule/sparsity-scheduler.ts';
import {
  type BestState,
  folderRun,
  memoryRun,
  type OptimizationRun,
  type OptimizationStep,
  type RunEntry,
  type RunState,
} from './optimization-run.ts';
import { checkOptimizeOptions, type OptimizeOptions } from './optimize-options.ts';
import { runSettings } from './run-settings.ts';
import { describeStep, stepProgress } from './step-progress.ts';
import { takeStep } from './take-step.ts';
import { checkImages, trainerOf } from './training.ts';
import type { Work } from './work.ts';

/** What came out of an optimisation. */
export interface OptimizedModel {
  /** The model that was given, with the weights of the last good step; a smaller one where it was reduced. */
  readonly model: tf.LayersModel;
  /** Metric on the validation data before. */
  readonly baseline: number;
  /** The same of the result. */
  readonly metric: number;
  /** The last good step; null: none was, and the model is as it was. */
  readonly best: OptimizationStep | null;
  /** Masks and offsets of the result, for training on; null without a good step, and of a reduced model. */
  readonly masks: Pick<ModelMasks, 'masks' | 'offsets'> | null;
  /** What the optimised layers needed before, per dimension of the objective. */
  readonly resourcesBefore: readonly number[];
  readonly steps: readonly OptimizationStep[];
  /** Numbers of `measure`: before, and of the result. */
  readonly measured: {
    readonly before: Readonly<Record<string, number>>;
    readonly after: Readonly<Record<string, number>>;
  };
  /** The strengths that were chosen: `<layer>_alpha`, `<layer>_beta`, `learning_rate`. */
  readonly strengths: Readonly<Record<string, Json>>;
  /** `'finished'`: the schedule is at its end; `'cut off'` after too many bad steps; `'aborted'` by the signal. */
  readonly stopped: 'finished' | 'cut off' | 'aborted';
  /** Neurons and filters that are gone, by layer; empty unless it was reduced. */
  readonly removed: ReadonlyMap<string, readonly number[]>;
  /** Whole lines: layers that cannot be optimised, and why; what was not removed. */
  readonly notes: readonly string[];
}

/**
 * Prunes a model, and makes its weights shared, as far as its metric allows (upstream `optimize_model`, hls4ml §1.10): measures the baseline, finds strengths of
 * regularisers (`tuner`), and then, step by step, chooses the groups to keep at the scheduler's sparsity, trains with these masks, and judges the result. A
 * good step is remembered and the scheduler goes further; after a bad one it goes back, or on, as it likes; too many in a row end it. Between steps
 * the model is trained a little without masks (`rewindingEpochs`). The result has the weights of the last good step.
 *
 * Training is that of `fit`, on the fused engine where that knows the model: regularisers and masks are part of the optimizer (`pruningOptimizer`). The result
 * depends on model, data and options only; with a `directory` also when the process was killed in between.
 *
 * Of objectives for which zeros alone save nothing, the rest is seen to: EBOPs (bits are released), FLOP (the model is reduced). An objective that is made of a model counts
 * what that needed when it was made, so that all steps are measured with one rule.
 *
 * What upstream gets wrong is right: `oracle` and `saliency` work, a last layer that is not optimizable is no error, masks change at the same
 * sparsity, and a training that ends in NaN is a bad step.
 *
 * @param attributes of all layers; which are optimised, and how, the objective says
 * @throws OptionError for senseless options and when no layer can be optimised, before anything is trained; as `fit`, `getModelMasks` and `getModelHessians`; FileError
 * and CheckpointError for a directory of another optimisation, damaged, or in use
 * @example
 * const { model: small, metric } = await optimizeModel(model, attributesFromModel(model), ebopsObjective(model), binarySparsity(), {
 *   data, validation, epochs: 10, rtol: 0.99,
 * });
 */
export async function optimizeModel(
  model: tf.LayersModel,
  attributes: ModelAttributes,
  objective: ObjectiveEstimator,
  scheduler: SparsityScheduler,
  options: OptimizeOptions,
): Promise<OptimizedModel> {
  const where = 'optimizeModel';
  checkModel(model, where);
  if (model instanceof tf.Sequential && !model.built) model.build();
  if (typeof scheduler?.update !== 'function' || typeof scheduler.repair !== 'function') {
    throw new OptionError(
      `${where}: the scheduler is none; make it with constantSparsity, polynomialSparsity or binarySparsity`,
    );
  }
  checkOptimizeOptions(options, where);
  const trainer = trainerOf(options, where);
  checkImages(model, options, where);
  const { attributes: asked, notes: said } = attributesForObjective(attributes, objective);
  const { attributes: chosen, notes: more } = withoutZeroless(model, withoutThese(asked, options.except ?? [], where));
  const notes = [...said, ...more];
  const optimizable = [...chosen.values()].filter((layer) => layer.optimizable);
  if (optimizable.length === 0) {
    const why = notes.length === 0 ? '' : `: ${notes.join('; ')}`;
    throw new OptionError(`${where}: no layer can be optimised by the objective '${objective.name}'${why}`);
  }
  const resourcesBefore = objective.dimensions.map((_, d) =>
    optimizable.reduce((sum, layer) => sum + objective.layerResources(layer)[d], 0),
  );
  const work = { model, chosen, objective, scheduler, options, trainer, notes, resourcesBefore };
  if (options.directory === undefined) return optimize(work, memoryRun());
  const directory = pathOf(options.directory);
  await nodeModules().fs.mkdir(nodeModules().path.dirname(directory), { recursive: true });
  return holdFolder(directory, async () => {
    const run = await folderRun(directory, runSettings(work));
    try {
      return await optimize(work, run);
    } finally {
      await run.close();
    }
  });
}

async function optimize(work: Work, run: OptimizationRun): Promise<OptimizedModel> {
  const { model, options, trainer, resourcesBefore, notes } = work;
  const { signal, measure, rtol, say = console.warn } = options;
  for (const note of notes) say(`optimizeModel: ${note}`);
  const show = stepProgress(options.progress);
  const now = { model: () => modelState(model), ebopsFactors: () => ebopsFactors(model) };
  const measuredNow = (of: tf.LayersModel): { measured?: Readonly<Record<string, number>> } =>
    measure === undefined ? {} : { measured: measure(of) };
  let best: BestState = {
    model: now.model(),
    ebopsFactors: now.ebopsFactors(),
    step: 0,
    masks: new Map(),
    offsets: new Map(),
  };
  const state = (reduced: RunState['reduced'] = null): RunState => ({
    model: now.model(),
    ebopsFactors: now.ebopsFactors(),
    best,
    reduced,
  });
  if (run.state !== null) {
    restoreState(model, run.state.model);
    restoreEbopsFactors(model, run.state.ebopsFactors);
    best = run.state.best;
    if (run.entries.length > 0) show.line(`going on after ${lastOf(run.entries)}`);
  }
  const found = <K extends RunEntry['kind']>(kind: K): Extract<RunEntry, { kind: K }> | undefined =>
    run.entries.find((entry): entry is Extract<RunEntry, { kind: K }> => entry.kind === kind);

  if (found('baseline') === undefined) {
    const metric = await trainer.measure(model);
    if (!Number.isFinite(metric))
      throw new OptionError(`optimizeModel: the ${trainer.metricName} of the model is ${metric}`);
    await run.save({ kind: 'baseline', metric, ...measuredNow(model) }, state());
    show.line(`baseline: ${trainer.metricName} ${Number(metric.toPrecision(4))}`);
  }
  const baseline = found('baseline') as Extract<RunEntry, { kind: 'baseline' }>;
  const limit = rtol * baseline.metric;
  const isGood = (metric: number): boolean => (trainer.direction === 'max' ? metric >= limit : metric <= limit);
  const steps = (): readonly OptimizationStep[] =>
    run.entries.flatMap((entry) => (entry.kind === 'step' ? [stepOf(entry)] : []));
  const result = (
    stopped: OptimizedModel['stopped'],
    metric: number,
    of: tf.LayersModel,
    removed: OptimizedModel['removed'],
    more: readonly string[],
    after: Readonly<Record<string, number>>,
  ): OptimizedModel => ({
    model: of,
    baseline: baseline.metric,
    metric,
    best: steps().find(({ step }) => step === best.step) ?? null,
    masks: best.step === 0 || of !== model ? null : { masks: best.masks, offsets: best.offsets },
    resourcesBefore,
    steps: steps(),
    measured: { before: baseline.measured ?? {}, after },
    strengths: { ...found('tuned')?.point },
    stopped,
    removed,
    notes: [...notes, ...more],
  });
  const toBest = (): void => {
    restoreState(model, best.model);
    restoreEbopsFactors(model, best.ebopsFactors);
  };
  const aborted = (): OptimizedModel => {
    toBest();
    const last = steps().find(({ step }) => step === best.step);
    const { measured = {} } = last ?? baseline;
    return result('aborted', last?.metric ?? baseline.metric, model, new Map(), [], measured);
  };

  const hyper = new HyperOptimizationModel(model, work.chosen, rangesOf(options));
  if (found('tuned') === undefined) {
    const tuned = await tuneFor(work, run, hyper, (trial) =>
      show.line(`trial ${trial.number + 1}: ${trainer.metricName} ${trial.value ?? trial.reason}`),
    );
    if (tuned.stopped === 'aborted') return aborted();
    if (tuned.state !== null) restoreState(model, tuned.state);
    await run.save({ kind: 'tuned', point: tuned.point }, state());
  }
  const { point } = found('tuned') as Extract<RunEntry, { kind: 'tuned' }>;
  const rate = point[LEARNING_RATE];
  const rules = { penalties: hyper.penaltiesAt(point), ...(typeof rate === 'number' && { learningRate: rate }) };

  for (;;) {
    const last = run.entries.at(-1) as RunEntry;
    if (last.kind === 'end') break;
    const { next, goes, bad } = last.kind === 'step' ? last : { next: work.scheduler.initial, goes: true, bad: 0 };
    const cutOff = bad > (options.cutoffBadTrials ?? 1);
    if (!goes || cutOff) {
      const { reduce = work.objective.reduces ?? false } = options;
      toBest();
      if (!reduce) {
        const metric = await trainer.measure(model);
        await run.save({ kind: 'end', metric, cutOff, ...measuredNow(model) }, state());
        break;
      }
      const reduced = await reduceModel(model);
      const epochs = Math.floor(1.5 * options.epochs);
      await trainer.train(reduced.model, {
        epochs,
        stream: [0x656e],
        rules: {},
        callbacks: show.bar('after the reduction'),
      });
      if (signal?.aborted) return aborted();
      const metric = await trainer.measure(reduced.model);
      await run.save({ kind: 'end', metric, cutOff, ...measuredNow(reduced.model) }, state(modelState(reduced.model)));
      return result(
        cutOff ? 'cut off' : 'finished',
        metric,
        reduced.model,
        reduced.removed,
        reduced.notes,
        measuredNow(reduced.model).measured ?? {},
      );
    }
    const done = await takeStep(work, steps().length + 1, next.sparsity, rules, show.bar);
    if (done === 'aborted') return aborted();
    const { masks, metric, rewind, ...numbers } = done;
    const good = Number.isFinite(metric) && isGood(metric);
    const own = { ...numbers, metric: Number.isFinite(metric) ? metric : null, good, ...measuredNow(model) };
    if (good)
      best = {
        model: now.model(),
        ebopsFactors: now.ebopsFactors(),
        step: own.step,
        masks: masks.masks,
        offsets: masks.offsets,
      };
    else if (options.restoreAfterBad === true || !Number.isFinite(metric)) toBest();
    const decided = good ? work.scheduler.update(next) : work.scheduler.repair(next);
    const entry: RunEntry = { kind: 'step', ...own, next: decided.state, goes: decided.goes, bad: good ? 0 : bad + 1 };
    if (decided.goes && entry.bad <= (options.cutoffBadTrials ?? 1) && (await rewind()) === 'aborted') return aborted();
    await run.save(entry, state());
    show.line(describeStep(own, trainer.metricName, limit, work.objective.dimensions, resourcesBefore));
    options.onStep?.(own);
  }
  const end = found('end') as Extract<RunEntry, { kind: 'end' }>;
  toBest();
  const stopped = end.cutOff ? 'cut off' : 'finished';
  const { measured: after = {} } = end;
  if (run.state?.reduced == null) return result(stopped, end.metric, model, new Map(), [], after);
  const reduced = await reduceModel(model);
  restoreState(reduced.model, run.state.reduced);
  return result(stopped, end.metric, reduced.model, reduced.removed, reduced.notes, after);
}

async function tuneFor(
  work: Work,
  run: OptimizationRun,
  hyper: HyperOptimizationModel,
  onTrial: (trial: Trial) => void,
) {
  const { options, trainer } = work;
  const epochs = Math.max(1, Math.floor(options.epochs / 2));
  let place: Parameters<typeof tunePenalties>[4]['place'];
  if (run.tuning !== null) {
    const { fs, path } = nodeModules();
    await fs.mkdir(run.tuning, { recursive: true });
    place = { journal: path.join(run.tuning, 'journal.jsonl'), states: fileStore(run.tuning), settings: { epochs } };
  }
  return tunePenalties(hyper, trainer, epochs, options, { place, signal: options.signal, onTrial }, 'optimizeModel');
}

function rangesOf({
  regularizationRange,
  learningRateRange,
}: OptimizeOptions): ConstructorParameters<typeof HyperOptimizationModel>[2] {
  return {
    ...(regularizationRange !== undefined && { regularizationRange }),
    ...(learningRateRange !== undefined && { learningRateRange }),
  };
}

/** Layers whose weights cannot be 0 are not pruned. */
function withoutZeroless(model: tf.LayersModel, attributes: ModelAttributes): ChosenAttributes {
  const layers = layersByName(model);
  const notes: string[] = [];
  const chosen = new Map(
    [...attributes].map(([name, attribute]) => {
      const layer = layers.get(name);
      const { pruning } = attribute.optimizationAttributes;
      if (!attribute.optimizable || !pruning || layer === undefined || zeroStaysZero(layer)) return [name, attribute];
      notes.push(
        `Layer '${name}': its weights cannot be 0 (${layer.getClassName()}, by its quantizer); it is not optimised`,
      );
      return [name, { ...attribute, optimizable: false, optimizationAttributes: optimizationAttributes() }];
    }),
  );
  return { attributes: chosen, notes };
}

function withoutThese(attributes: ModelAttributes, except: readonly string[], where: string): ModelAttributes {
  const unknown = except.find((name) => !attributes.has(name));
  if (unknown !== undefined) {
    throw new OptionError(
      `${where}: except has '${unknown}', which is no layer; they are ${[...attributes.keys()].join(', ')}`,
    );
  }
  const none = optimizationAttributes();
  return new Map(
    [...attributes].map(([name, layer]) => [
      name,
      except.includes(name) ? { ...layer, optimizable: false, optimizationAttributes: none } : layer,
    ]),
  );
}

function stepOf({
  kind: _,
  next: __,
  goes: ___,
  bad: ____,
  ...step
}: Extract<RunEntry, { kind: 'step' }>): OptimizationStep {
  return step;
}

function lastOf(entries: readonly RunEntry[]): string {
  const last = entries[entries.length - 1];
  if (last.kind === 'step') return `step ${last.step}`;
  return { baseline: 'the baseline', tuned: 'the tuning', end: 'the end' }[last.kind];
}
