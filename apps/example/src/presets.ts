import { type Architecture, digitsArchitecture, digitsPenalties, type Penalties } from './network.ts';
import type { DataSource } from './options.ts';

/** How the example trains. */
export interface Recipe {
  readonly batchSize: number;
  readonly learningRate: number;
  readonly labelSmoothing: number;
  /** Share of the epochs in which budget and threshold are learned; then they hold still and the weights settle. */
  readonly learnReduction: number;
  /** Factors on the learning rate: budget and threshold shall follow the network, not run ahead of it. */
  readonly thresholdRate: number;
  readonly budgetRate: number;
}

/** What suits a kind of images: sizes of the network, prices in its loss, and how it is trained. */
export interface Preset {
  readonly architecture: Architecture;
  readonly penalties: Penalties;
  readonly recipe: Recipe;
}

/** For the digits, and for users' images. */
export const digitsPreset: Preset = {
  architecture: digitsArchitecture,
  penalties: digitsPenalties,
  recipe: {
    batchSize: 16,
    learningRate: 1.5e-2,
    labelSmoothing: 0.15,
    learnReduction: 0.5,
    thresholdRate: 0.1,
    budgetRate: 0.05,
  },
};

/**
 * For tracks, showers and decays in noise. The threshold moves little: below its start it lets the noise in, which takes the places of hits, above it
 * takes hits for noise.
 */
export const tracksPreset: Preset = {
  architecture: {
    name: 'tracks',
    conv1: { filters: 4, kernel: 5, pool: 2 },
    conv2: { filters: 6, kernel: 3, pool: 4 },
    hidden: 24,
  },
  penalties: { beta: 1e-7, betaN: 1e-3, betaMaskedE: 0.1, tauThreshold: 0.02 },
  recipe: {
    batchSize: 32,
    learningRate: 5e-3,
    labelSmoothing: 0.05,
    learnReduction: 0.5,
    thresholdRate: 0.02,
    budgetRate: 0.05,
  },
};

/** The preset for images of a kind. */
export function presetOf({ kind }: DataSource): Preset {
  return kind === 'tracks' ? tracksPreset : digitsPreset;
}
