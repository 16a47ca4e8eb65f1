/** Networks that are trained and then pruned for something that hardware needs; for the study and its example. */
import { type Estimate, estimate, type HlsPlan, plan } from '@sp/hls';
import {
  collectQLayers,
  layerConfigScope,
  lower,
  type ModelState,
  modelState,
  quantizerConfigScope,
  restoreState,
  totalEbops,
} from '@sp/layers';
import type { FixedGraph } from '@sp/quant';
import {
  adam,
  cosineLr,
  type Dataset,
  evaluate,
  fit,
  loadDigits,
  pixelFormat,
  setSparseEbopsFactor,
  softmaxCrossEntropy,
  splitDataset,
} from '@sp/train';
import * as prune from '@sp/train/prune';
import type * as tf from '@tensorflow/tfjs';
import { digitsPenalties, exampleNetwork } from '../network.ts';
import { digitsPreset } from '../presets.ts';
import { detectors, noisyImages } from './noisy-images.ts';

/** Images to prune with. */
export type StudyData = 'digits' | 'jets';

/** What to save. */
export type Goal = 'DSP' | 'EBOPs' | 'adders';

/** How long to train. */
export interface StudyEffort {
  /** Epochs of the network that is pruned. */
  readonly epochs: number;
  /** Epochs of each step of the pruning. */
  readonly stepEpochs: number;
  /** Steps of the pruning, after the first. */
  readonly steps: number;
  /** Learning rate of every step of the pruning, at first. */
  readonly rate: number;
  /** Of jets, which are drawn; digits are as many as there are. */
  readonly images: number;
}

/** Effort of the study. There are few digits, so an epoch of them is short. */
export const fullEffort: Readonly<Record<StudyData, StudyEffort>> = {
  digits: { epochs: 40, stepEpochs: 20, steps: 6, rate: 1.5e-2, images: 0 },
  jets: { epochs: 25, stepEpochs: 8, steps: 3, rate: 1e-2, images: 3000 },
};

/** Share of the digits that the pruning is judged by: with fewer images a lucky network before is hard to meet again. */
const heldOutDigits = 0.35;

/** Weight of the EBOPs in the loss while pruning where formats are learned: four times that of the training before. */
const pruningBeta = 4 * digitsPenalties.beta;

/** Layers with a smaller share of the EBOPs than this are left as they are. */
const worthPruning = 0.05;

/** A network before and after. */
export interface PrunedNetwork {
  readonly model: tf.LayersModel;
  readonly result: prune.OptimizedModel;
  readonly before: Measured;
  readonly after: Measured;
}

/** What a network is and needs. */
export interface Measured {
  /** Accuracy on the images that the pruning is judged by. */
  readonly heldOut: number;
  /** Accuracy on images that decide nothing. */
  readonly test: number;
  /** What the goal is about: DSPs or adders of the firmware by estimate, EBOPs of the model. */
  readonly need: number;
  /** LUTs of the firmware, by estimate. */
  readonly lut: number;
}

/** Data in three parts: to train with, to judge by, and to look at in the end. */
export async function studyData(
  name: StudyData,
  images: number,
  seed: number,
): Promise<Record<'train' | 'heldOut' | 'test', Dataset>> {
  if (name === 'digits') {
    const { train, test } = await loadDigits();
    const { rest, heldOut } = splitDataset(train, heldOutDigits, seed);
    return { train: rest, heldOut, test };
  }
  const [, jets] = detectors;
  const drawn = async (count: number, part: number) => noisyImages(jets, 0, count, 1000 * seed + part);
  return { train: await drawn(images, 1), heldOut: await drawn(images, 2), test: await drawn(images, 3) };
}

/** The firmware of a goal: reused multipliers, those without work left out; or shared adders. */
export function studyPlan(graph: FixedGraph, goal: Goal): HlsPlan {
  return plan(graph, {
    model: goal === 'DSP' ? { strategy: 'resource_unrolled', reuseFactor: 4 } : { strategy: 'distributed_arithmetic' },
  });
}

/** How far to go: the bits of what is kept fall as well, where formats are learned. */
const sparsities: Readonly<Record<Goal, prune.SparsityRange>> = {
  DSP: { initialSparsity: 0.3, finalSparsity: 0.6 },
  EBOPs: { initialSparsity: 0.2, finalSparsity: 0.45 },
  adders: { initialSparsity: 0.3, finalSparsity: 0.6 },
};

/** Networks of one data set and seed, before any pruning. */
export interface StudyNetworks {
  readonly data: Readonly<Record<'train' | 'heldOut' | 'test', Dataset>>;
  /** The network for a goal, trained; those for the same formats are trained once. */
  networkFor(goal: Goal): Promise<tf.LayersModel>;
}

/** Prepares data and networks. */
export async function studyNetworks(name: StudyData, seed: number, effort: StudyEffort): Promise<StudyNetworks> {
  const data = await studyData(name, effort.images, seed);
  const states = new Map<boolean, ModelState>();
  return {
    data,
    async networkFor(goal) {
      const model = untrained(data.train, goal, seed, name === 'digits' ? 24 : 16);
      const known = states.get(goal === 'DSP');
      if (known !== undefined) restoreState(model, known);
      else await trainNetwork(model, data.train, seed, effort.epochs);
      states.set(goal === 'DSP', modelState(model));
      return model;
    },
  };
}

/** Prunes a network for a goal. */
export async function pruneNetwork(
  { data, networkFor }: StudyNetworks,
  goal: Goal,
  seed: number,
  effort: StudyEffort,
  more: Pick<prune.OptimizeOptions, 'directory' | 'progress'> = {},
): Promise<PrunedNetwork> {
  const { train, heldOut, test } = data;
  const model = await networkFor(goal);
  const measured = (): Measured => {
    const decided = studyPlan(lower(model), goal);
    const cost = estimate(decided);
    return {
      heldOut: evaluate(model, heldOut).accuracy,
      test: evaluate(model, test).accuracy,
      need: needOf(goal, model, decided, cost),
      lut: cost.lut,
    };
  };
  const before = measured();
  const { batchSize, labelSmoothing } = digitsPreset.recipe;
  const { stepEpochs: epochs, steps, rate } = effort;
  const objective = objectiveOf(goal, model);
  if (goal !== 'DSP') for (const layer of collectQLayers(model)) if (layer.enableEbops) layer.beta = pruningBeta;
  const result = await prune.optimizeModelForHls(
    model,
    // The hardware that the DSP objective has in mind; the others look at the model itself.
    { Model: { ReuseFactor: 4, Strategy: 'Resource', Precision: 'ap_fixed<12,2>' } },
    objective,
    // Fast at first, then many small steps: what is bad once is often good when it is tried again from the last good weights.
    prune.polynomialSparsity({ maximumSteps: steps, decayPower: 3, ...sparsities[goal] }),
    {
      data: train,
      validation: heldOut,
      epochs,
      rtol: 0.99,
      seed,
      batchSize,
      learningRate: cosineLr(rate, { epochs, stepsPerEpoch: Math.ceil(train.labels.length / batchSize) }),
      loss: softmaxCrossEntropy({ labelSmoothing }),
      rates: (variable) => (variable.startsWith('reduce/') ? 0 : 1),
      // A weight of a convolution costs bit operations for every pixel: one knapsack for all would give the convolutions away.
      local: goal === 'EBOPs',
      restoreAfterBad: true,
      cutoffBadTrials: steps,
      // Fine-tuning does it; regularisers would take as long as the rest of a step.
      tuner: 'Manual',
      regularizationRange: [0],
      except: leftAlone(goal, model, objective),
      say: () => {},
      ...more,
    },
  );
  return { model, result, before, after: measured() };
}

function untrained(train: Dataset, goal: Goal, seed: number, n: number): tf.LayersModel {
  const { shape, classes } = train;
  // The threshold is below all signals.
  const build = () => exampleNetwork({ shape, classes, inputFormat: pixelFormat(train), n, threshold: 0.05, seed });
  const model = goal === 'DSP' ? inWideFormats(build) : build();
  // A convolution on a list costs what its slots cost.
  setSparseEbopsFactor(model);
  return model;
}

async function trainNetwork(model: tf.LayersModel, train: Dataset, seed: number, epochs: number): Promise<void> {
  const { batchSize, learningRate, labelSmoothing } = digitsPreset.recipe;
  await fit(model, train, {
    epochs,
    batchSize,
    seed,
    optimizer: adam(),
    learningRate: cosineLr(learningRate, { epochs, stepsPerEpoch: Math.ceil(train.labels.length / batchSize) }),
    loss: softmaxCrossEntropy({ labelSmoothing }),
    rates: (variable) => (variable.startsWith('reduce/') ? 0 : 1),
    say: () => {},
  });
}

/** Multiplications by 12 bits are done in DSPs; with learned formats there is hardly one. */
function inWideFormats<Result>(build: () => Result): Result {
  return layerConfigScope({ enableEbops: false }, () =>
    quantizerConfigScope({ place: 'all', trainable: false }, () =>
      quantizerConfigScope({ place: 'weight', b0: 12, i0: 1 }, build),
    ),
  );
}

function objectiveOf(goal: Goal, model: tf.LayersModel): prune.ObjectiveEstimator {
  if (goal === 'DSP') return prune.dspObjective;
  return goal === 'EBOPs' ? prune.ebopsObjective(model) : prune.adderObjective(model);
}

function leftAlone(goal: Goal, model: tf.LayersModel, objective: prune.ObjectiveEstimator): readonly string[] {
  // Convolutions on lists of pixels are made of adders, whatever their weights.
  if (goal === 'DSP') return ['conv1', 'conv2'];
  if (goal === 'adders') return [];
  // A share of each layer goes, and in a layer of a few weights that is one too many.
  const needs = [...prune.attributesFromModel(model).values()].flatMap((layer) =>
    layer.kind === null ? [] : [{ name: layer.name, need: objective.layerResources(layer)[0] }],
  );
  const total = needs.reduce((sum, { need }) => sum + need, 0);
  return needs.flatMap(({ name, need }) => (need < worthPruning * total ? [name] : []));
}

function needOf(goal: Goal, model: tf.LayersModel, { nodes }: HlsPlan, cost: Estimate): number {
  if (goal === 'DSP') return cost.dsp;
  if (goal === 'EBOPs') return totalEbops(model);
  return nodes.reduce((sum, { decisions }) => sum + Number(decisions['adders'] ?? 0), 0);
}
