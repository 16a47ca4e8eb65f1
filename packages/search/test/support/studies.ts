import { fileURLToPath } from 'node:url';
import { choice, float, integer, type StudySettings } from '../../src/index.ts';

const module = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** A study of a function in steps. */
export const stepStudy: StudySettings = {
  space: Object.fromEntries(Array.from({ length: 6 }, (_, j) => [`x${j}`, float(0, 1)])),
  objectives: [{ metric: 'y', direction: 'min' }],
  trials: 40,
  sampler: { kind: 'tpe', startup: 5 },
  pruner: { kind: 'asha', minEpochs: 2, maxEpochs: 6, factor: 2, by: [{ metric: 'y', direction: 'min' }] },
  problem: { module: module('step-problem.mjs'), settings: { steps: 6, milliseconds: 10 } },
  seed: 2,
  lag: 6,
};

/** A study of small networks that are hardly trained. */
export const networkStudy: StudySettings = {
  space: {
    n: integer(8, 20),
    convs: choice([0, 1]),
    filters1: integer(1, 3, { when: { parameter: 'convs', is: [1] } }),
  },
  objectives: [
    { metric: 'valAccuracy', direction: 'max' },
    { metric: 'lut', direction: 'min' },
  ],
  trials: 8,
  sampler: { kind: 'nsga2', population: 4 },
  pruner: { kind: 'asha', minEpochs: 1, maxEpochs: 4, factor: 2, by: [{ metric: 'valAccuracy', direction: 'max' }] },
  problem: { module: module('network-problem.mjs'), settings: { fixed: { units1: 8, batchSize: 64 } } },
  seed: 3,
  lag: 2,
};
