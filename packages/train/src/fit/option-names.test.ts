import { describe, expect, it } from 'vitest';
import { checkpoint } from '../callbacks/checkpoint.ts';
import { earlyStoppingWithEbopsThreshold } from '../callbacks/early-stopping-with-ebops-threshold.ts';
import { paretoFront } from '../callbacks/pareto-front.ts';
import { resumeFit } from '../callbacks/resume-fit.ts';
import { stopIf } from '../callbacks/stop-if.ts';
import { datasetFromArrays } from '../data/dataset-from-arrays.ts';
import { loadNpz } from '../data/load-npz.ts';
import { parseCsv } from '../data/parse-csv.ts';
import { loadHdf5 } from '../hdf5/load-hdf5.ts';
import { earlyStopping } from '../monitor/early-stopping.ts';
import { sparseTrainingMonitor } from '../monitor/sparse-training-monitor.ts';
import { OptionError } from '../option-error.ts';
import { adam } from './adam.ts';
import { sgd } from './sgd.ts';

const arrays = { images: { shape: [2, 1, 1], data: Float32Array.of(0, 1) }, labels: [0, 1] };

describe('options that nobody knows are refused by', () => {
  // As JavaScript gives them: TypeScript would not take them.
  const given = (options: object): never => options as never;

  it.each<[string, () => unknown, string]>([
    ['earlyStopping', () => earlyStopping(given({ patiance: 5 })), "'patiance', did you mean 'patience'?"],
    [
      'earlyStoppingWithEbopsThreshold',
      () => earlyStoppingWithEbopsThreshold(1, given({ patience: 1, restoreBest: false })),
      "earlyStoppingWithEbopsThreshold: unknown option 'restoreBest'",
    ],
    ['paretoFront', () => paretoFront(given({ directory: 'a', metrics: ['n'], side: [1] })), "did you mean 'sides'?"],
    ['checkpoint', () => checkpoint(given({ directory: 'a', optimizer: adam(), evry: 2 })), "did you mean 'every'?"],
    ['stopIf', () => stopIf(() => true, given({ patience: 3 })), "stopIf: unknown option 'patience'"],
    ['sparseTrainingMonitor', () => sparseTrainingMonitor(given({ ebops: true })), "unknown option 'ebops'"],
    ['adam', () => adam(given({ beta_1: 0.5 })), "adam: unknown option 'beta_1', did you mean 'beta1'?"],
    ['sgd', () => sgd(given({ momentun: 0.9 })), "did you mean 'momentum'?"],
    [
      'datasetFromArrays',
      () => datasetFromArrays(arrays, 'data', given({ channel: 'first' })),
      "did you mean 'channels'?",
    ],
    ['parseCsv', () => parseCsv('0,1', given({ header: 1 }), 'text'), "unknown option 'header'"],
  ])('%s', (_, call, message) => {
    expect(call).toThrow(OptionError);
    expect(call).toThrow(message);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['loadNpz', () => loadNpz('absent.npz', given({ channel: 'first' }))],
    ['loadHdf5', () => loadHdf5('absent.h5', given({ channel: 'first' }))],
  ])('%s', async (name, call) => {
    await expect(call()).rejects.toThrow(`${name}: unknown option 'channel', did you mean 'channels'?`);
  });
});

describe('options that are missing are told by', () => {
  it('paretoFront', () => {
    expect(() => paretoFront({ directory: 'a' } as never)).toThrow('metrics is no list of names');
    expect(() => paretoFront({ directory: 'a', metrics: [] })).toThrow('metrics is no list of names');
  });

  it('resumeFit', async () => {
    await expect(resumeFit({} as never, {} as never, { epochs: 1 } as never)).rejects.toThrow(
      'resumeFit: checkpoints is missing',
    );
  });
});
