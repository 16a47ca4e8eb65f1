import { choice } from '@sp/train/tune';
import { integer, log } from '../space.ts';
import type { StudySettings } from '../study/settings.ts';

/** Settings to begin with: small networks for the digits. */
export const EXAMPLE: StudySettings = {
  space: {
    n: integer(14, 26),
    convs: choice([0, 1, 2]),
    kernel1: choice([3, 5], { when: { parameter: 'convs', is: [1, 2] } }),
    filters1: integer(1, 6, { when: { parameter: 'convs', is: [1, 2] } }),
    filters2: integer(1, 6, { when: { parameter: 'convs', is: [2] } }),
    units1: choice([8, 12, 16, 24]),
    beta: log(1e-8, 1e-5),
  },
  objectives: [
    { metric: 'valAccuracy', direction: 'max' },
    { metric: 'lut', direction: 'min' },
    { metric: 'latencyNs', direction: 'min' },
  ],
  constraints: [{ metric: 'interval', most: 4 }],
  trials: 60,
  sampler: { kind: 'tpe' },
  pruner: {
    kind: 'asha',
    minEpochs: 4,
    maxEpochs: 36,
    factor: 3,
    by: [
      { metric: 'valAccuracy', direction: 'max' },
      { metric: 'ebops', direction: 'min' },
    ],
  },
  problem: { settings: { data: 'digits' } },
  seed: 1,
  lag: 8,
};
