import type { BuiltInData } from './data-choice.ts';
import type { ConvSpec, DenseSpec, NetworkSpec, PoolSpec } from './network.ts';

/** A network to begin with, and images that it is for. */
export interface Preset {
  readonly title: string;
  readonly data: BuiltInData;
  readonly network: NetworkSpec;
}

const beta = 3e-7;
const weighted = { relu: true, bits: 7, weightBits: 8, beta: null } as const;
const conv = (name: string, filters: number, kernel: number): ConvSpec => ({
  kind: 'conv',
  name,
  filters,
  kernel,
  ...weighted,
});
const pool = (name: string, size: number): PoolSpec => ({ kind: 'pool', name, mode: 'average', size });
const dense = (name: string, units: number): DenseSpec => ({ kind: 'dense', name, units, ...weighted });
const classes = (name: string): DenseSpec => ({ kind: 'dense', name, units: 'classes', ...weighted, relu: false });
const reduce = (n: number, threshold: number) =>
  ({ kind: 'reduce', name: 'reduce', n, threshold, learn: true, betaN: 8e-3 }) as const;
const flatten = { kind: 'flatten', name: 'flatten' } as const;

/** The example of the command line, and the published networks for jets and neutrinos (sparsepixels §2). */
export const presets: Readonly<Record<'digits' | 'jets' | 'neutrino', Preset>> = {
  digits: {
    title: 'Digits',
    data: { kind: 'digits' },
    network: {
      beta,
      layers: [
        reduce(24, 0.4),
        conv('conv1', 4, 5),
        pool('pool1', 2),
        conv('conv2', 4, 3),
        pool('pool2', 2),
        flatten,
        dense('dense1', 24),
        classes('dense2'),
      ],
    },
  },
  jets: {
    title: 'Jets',
    data: { kind: 'jets', count: 3000, seed: 1 },
    network: {
      beta,
      layers: [
        reduce(20, 0.003),
        conv('conv1', 3, 9),
        conv('conv2', 1, 9),
        pool('pool1', 4),
        flatten,
        dense('dense1', 20),
        classes('dense2'),
      ],
    },
  },
  neutrino: {
    title: 'Neutrinos',
    data: { kind: 'tracks', count: 2000, seed: 1 },
    network: {
      beta,
      layers: [
        reduce(20, 0.2),
        conv('conv1', 1, 7),
        conv('conv2', 3, 7),
        pool('pool1', 7),
        flatten,
        dense('dense1', 16),
        classes('dense2'),
      ],
    },
  },
};
